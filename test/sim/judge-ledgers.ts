// Every instant that was due has one entry, and nothing else has one; what was owed has come to an end, and an end
// never changed.

import { isFinal } from '../../src/domain/run.ts'
import { checkLedger } from '../support/ledger-check.ts'
import type { History, KnownJob, Ledgered } from './history.ts'
import { dueOf } from './timings.ts'

/** After the healing nothing waits longer than this for the planner. */
const PLANNED_WITHIN_MS = 20_000
/** Nothing that was due longer ago than this is still open. */
const ENDED_WITHIN_MS = 3 * 60_000

export function judgeLedgers(history: History): string[] {
  return history.jobs.flatMap((job) => {
    const ledger = history.ledgers.get(job.id)!
    return [
      ...incomplete(job, ledger, history.endedAt),
      ...stuck(ledger, history.endedAt),
      ...changed(ledger, history.finals),
      ...unowned(job, ledger),
    ].map((fault) => `ledger of ${job.id}: ${fault}`)
  })
}

function incomplete(
  job: KnownJob,
  { job: now, runs, paused, ...ledger }: Ledgered,
  endedAt: number,
): string[] {
  const through = job.deletedAfter ?? Math.max(now!.plannedThrough, now!.status === 'paused' ? endedAt : 0)
  const byEra = job.eras.flatMap(({ spec, after, owedAfter }, n) =>
    dueOf(spec.schedule, job.createdAt, owedAfter, job.eras[n + 1]?.after ?? Math.max(through, after)),
  )
  const due = [...new Set(byEra)].sort((one, other) => one - other)
  const gaps = paused === null ? ledger.gaps : [...ledger.gaps, paused]
  const faults = checkLedger(due, { runs, gaps })
  if (now === null || now.status === 'paused') return faults
  const last = job.eras.at(-1)!
  const unplanned = dueOf(
    last.spec.schedule,
    job.createdAt,
    Math.max(last.after, through),
    endedAt - PLANNED_WITHIN_MS,
  )
  return unplanned.length === 0
    ? faults
    : [...faults, `unplanned: ${unplanned.length} instants are due and not planned`]
}

/** Under way, or ready, or waiting with nothing of its job before it; for much too long. */
function stuck({ runs }: Ledgered, endedAt: number): string[] {
  const longAgo = endedAt - ENDED_WITHIN_MS
  const open = runs.filter((run) => !isFinal(run.status))
  const ahead = open.some((run) => run.status !== 'pending' || run.readyAt !== null)
  return open
    .filter((run) => {
      if ('lease' in run) return run.lease.leasedAt < longAgo
      if (run.status !== 'pending') return false
      return run.readyAt === null ? !ahead && run.createdAt < longAgo : run.readyAt < longAgo
    })
    .map(({ id, status, attempts }) => `stuck: ${id} is ${status} still, attempts ${attempts}`)
}

function changed({ runs }: Ledgered, finals: History['finals']): string[] {
  return runs.flatMap(({ id, status }) => {
    const first = finals.get(id)
    return first === undefined || first === status ? [] : [`changed: ${id} was ${first} and is ${status}`]
  })
}

/** A run carries the version that was in force when it was due. */
function unowned(job: KnownJob, { runs }: Ledgered): string[] {
  return runs.flatMap(({ id, dueAt, jobVersion, trigger }) => {
    const era = job.eras.findLast(({ after }) => after < dueAt) ?? job.eras[0]!
    const own = job.eras.find(({ version }) => version === jobVersion)
    const isMoment = own?.spec.schedule.at !== undefined && own.owedAfter < dueAt && dueAt <= own.after
    if (trigger !== 'schedule' || era.version === jobVersion || isMoment) return []
    return [`version: ${id} carries ${jobVersion}, in force was ${era.version}`]
  })
}
