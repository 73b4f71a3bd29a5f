// What arrived at the targets, against the ledger: each arrival belongs to one attempt, none is early, none comes twice
// where it must not, and nothing succeeded that never arrived.

import type { Run } from '../../src/domain/run.ts'
import type { History, KnownJob } from './history.ts'
import type { Arrival } from './outside.ts'

/** A request that had left when its attempt was given up. */
const ON_ITS_WAY_MS = 50

export function judgeArrivals(history: History): string[] {
  const arrivals = Map.groupBy(
    history.arrivals.filter(({ repeated }) => !repeated),
    ({ runId }) => runId,
  )
  const known = new Set<string>()
  const faults: string[] = []
  for (const job of history.jobs) {
    for (const run of history.ledgers.get(job.id)!.runs) {
      known.add(run.id)
      faults.push(...ofRun(job, run, arrivals.get(run.id) ?? [], history))
    }
  }
  for (const id of arrivals.keys()) if (!known.has(id)) faults.push(`arrivals: ${id} is in no ledger`)
  return faults
}

function ofRun(job: KnownJob, run: Run, arrivals: readonly Arrival[], history: History): string[] {
  const faults: string[] = []
  const fault = (says: string): void => {
    faults.push(`arrivals of ${run.id}: ${says}`)
  }
  const attempts = history.attempts.get(run.id) ?? []
  const seen = new Set<number>()
  const steady = !history.options.faults.includes('clock step')
  for (const { attempt: number, fence, wall, at } of arrivals) {
    const attempt = attempts.find((one) => one.number === number && one.fence === fence)
    if (attempt === undefined) fault(`attempt ${number} under fence ${fence} is not written down`)
    if (seen.has(number)) fault(`attempt ${number} left twice`)
    seen.add(number)
    if (steady && attempt?.outcome === 'lost' && wall > attempt.endedAt! + ON_ITS_WAY_MS)
      fault(`attempt ${number} left ${wall - attempt.endedAt!} ms after it was given up for lost`)
    if (wall < run.dueAt && steady) fault(`early at ${at}`)
  }
  const { policy } = job.eras.find(({ version }) => version === run.jobVersion)!.spec
  if (policy.delivery === 'at_most_once' && arrivals.length > 1)
    fault(`${arrivals.length} of an at-most-once run`)
  if (run.status === 'succeeded' && arrivals.length === 0) fault('none, and it succeeded')
  if (history.options.faults.length === 0 && arrivals.length > 1)
    fault(`${arrivals.length}, and nothing was wrong`)
  return faults
}
