// What clients were answered, against what became of it: acknowledged is there, once; refused is not; a pause, a
// deletion and a cancellation are final from the moment they were acknowledged.

import type { Run } from '../../src/domain/run.ts'
import type { History, KnownJob, Op } from './history.ts'

export function judgeOps(history: History): string[] {
  const runs = new Map(
    [...history.ledgers.values()].flatMap((ledger) => ledger.runs.map((run) => [run.id, run] as const)),
  )
  return [
    ...history.ops.flatMap((op) => ofOp(op, history, runs)),
    ...tooMany(history, runs),
    ...(history.options.faults.includes('clock step')
      ? []
      : history.jobs.flatMap((job) => duringPause(job, history))),
  ]
}

function ofOp(op: Op, history: History, runs: ReadonlyMap<string, Run>): string[] {
  const fault = (says: string): string[] => [`${op.client} asked to ${op.asks} ${op.id ?? ''}: ${says}`]
  if (op.outcome !== 'ok' || op.id === null) return []
  if (op.asks === 'create' && !history.ledgers.has(op.id)) return fault('acknowledged, and gone')
  if (op.asks === 'trigger' || op.asks === 'retry') {
    const run = runs.get(op.id)
    if (run === undefined) return fault('acknowledged, and gone')
  }
  if (op.asks === 'delete') {
    const job = history.jobs.find(({ id }) => id === op.id)
    if (job?.deletedAfter == null) return fault('acknowledged, and still there')
  }
  if (op.asks === 'cancel' && !history.options.faults.includes('clock step')) {
    const later = history.attempts.get(op.id)?.find(({ startedAt }) => startedAt > op.endedAt)
    if (later !== undefined) return fault(`acknowledged, and attempt ${later.number} began after it`)
  }
  return []
}

/** Under one key at most one of each; and none that nobody asked for. */
function tooMany({ ops, jobs }: History, runs: ReadonlyMap<string, Run>): string[] {
  const asked = (asks: Op['asks']): number =>
    ops.filter((op) => op.asks === asks && op.outcome !== 'fail').length
  const byHand = [...runs.values()].filter(({ trigger }) => trigger === 'manual').length
  const again = [...runs.values()].filter(({ trigger }) => trigger === 'retry').length
  const faults: string[] = []
  if (jobs.length > asked('create')) faults.push(`${jobs.length} jobs, ${asked('create')} asked for`)
  if (byHand > asked('trigger')) faults.push(`${byHand} runs by hand, ${asked('trigger')} asked for`)
  if (again > asked('retry')) faults.push(`${again} runs tried again, ${asked('retry')} asked for`)
  return faults
}

/** What is due in a pause is not run while it lasts. */
function duringPause(job: KnownJob, history: History): string[] {
  const { runs } = history.ledgers.get(job.id)!
  return job.pauses.flatMap(({ from, until, to }) =>
    runs
      .filter(({ trigger, dueAt, createdAt, attempts }) => {
        const end = Math.min(to ?? history.endedAt, until ?? Number.POSITIVE_INFINITY)
        return trigger === 'schedule' && dueAt > from && dueAt <= end && createdAt < end && attempts > 0
      })
      .map(({ id }) => `pause of ${job.id}: ${id} was due while it lasted, and ran`),
  )
}
