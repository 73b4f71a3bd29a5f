// Attempts follow each other: numbered without a hole, under growing fences, one at a time, each with a cause that the
// one before it explains. Runs of a job that must not overlap do not.

import type { Attempt } from '../../src/domain/attempt.ts'
import type { Run } from '../../src/domain/run.ts'
import type { History, KnownJob } from './history.ts'

export function judgeAttempts(history: History): string[] {
  const steady = !history.options.faults.includes('clock step')
  return history.jobs.flatMap((job) => {
    const { runs } = history.ledgers.get(job.id)!
    return [
      ...runs.flatMap((run) => ofRun(run, history.attempts.get(run.id) ?? [], steady)),
      ...(steady ? overlaps(job, runs) : []),
    ]
  })
}

function ofRun(run: Run, attempts: readonly Attempt[], steady: boolean): string[] {
  const faults: string[] = []
  const fault = (says: string): void => {
    faults.push(`attempts of ${run.id}: ${says}`)
  }
  if (attempts.length !== run.attempts) fault(`${run.attempts} begun, ${attempts.length} written down`)
  for (const [n, attempt] of attempts.entries()) {
    const before = attempts[n - 1]
    if (attempt.number !== n + 1) fault(`number ${attempt.number} stands at ${n + 1}`)
    if (before === undefined) {
      if (attempt.cause !== 'first') fault(`the first is said to be ${attempt.cause}`)
      continue
    }
    if (attempt.fence <= before.fence) fault(`the fence of ${attempt.number} did not grow`)
    if (steady && (before.endedAt === null || before.endedAt > attempt.startedAt))
      fault(`${attempt.number} began before ${before.number} had ended`)
    if (!explains(before, attempt)) fault(`${attempt.number} is ${attempt.cause} after ${before.outcome}`)
  }
  const last = attempts.at(-1)
  if (run.status === 'succeeded' && last?.outcome !== 'ok') fault(`succeeded after ${last?.outcome}`)
  if (attempts.some(({ outcome }) => outcome === 'ok') && run.status !== 'succeeded')
    fault(`ok, and ${run.status}`)
  return faults
}

function explains({ outcome }: Attempt, { cause }: Attempt): boolean {
  if (cause === 'node_lost' || cause === 'lease_expired') return outcome === 'lost'
  if (cause === 'refused') return outcome === 'refused'
  return cause === 'retry_policy' && (outcome === 'error' || outcome === 'timeout')
}

function endOf(run: Run): number {
  return 'finishedAt' in run ? run.finishedAt : Number.POSITIVE_INFINITY
}

function overlaps(job: KnownJob, runs: readonly Run[]): string[] {
  if (job.eras.some(({ spec }) => mayOverlap(spec.policy.overlap))) return []
  const started = runs
    .filter(({ startedAt }) => startedAt !== null)
    // Two may begin in one millisecond: what was replaced at once is the earlier one.
    .sort((a, b) => a.startedAt! - b.startedAt! || endOf(a) - endOf(b))
  return started.flatMap((run, n) => {
    const before = started[n - 1]
    if (before === undefined || !('finishedAt' in before) || before.finishedAt <= run.startedAt!) return []
    return [
      `overlap of ${job.id}: ${run.id} began at ${run.startedAt}, ${before.id} ended at ${before.finishedAt}`,
    ]
  })
}

function mayOverlap(overlap: unknown): boolean {
  return (
    overlap === 'allow' || (typeof overlap === 'object' && (overlap as { mode: string }).mode === 'allow')
  )
}
