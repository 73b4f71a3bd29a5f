// The book of one job: what became of every due instant in a stretch of time, and what is still to come.

import type { Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import type { Gap } from '../domain/gap.ts'
import type { Job } from '../domain/job.ts'
import { pausedGap } from '../domain/paused-gap.ts'
import { scheduleOf } from '../domain/plan.ts'
import type { Run } from '../domain/run.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'
import { findJob, type JobRef } from './find-job.ts'

export type Ledger = {
  readonly from: number
  readonly to: number
  readonly runs: readonly Run[]
  readonly gaps: readonly Gap[]
  /** Due instants still ahead. */
  readonly upcoming: readonly number[]
  /** There is more in this stretch than was asked for: read on from the last entry. */
  readonly truncated: boolean
}

const DAY_MS = 86_400_000
/** Without an end: a day ahead, and no more instants than this. */
const UPCOMING_DEFAULT = 20

export async function readLedger(
  ctx: Context,
  who: Principal,
  ref: JobRef,
  range: { readonly from: number | null; readonly to: number | null; readonly limit: number },
): Promise<Ledger> {
  authorize(who, 'ledger.read')
  const job = await findJob(ctx, who, ref)
  const now = ctx.clock.now()
  const to = range.to ?? endOf(job, now)
  const from = range.from ?? (await startOf(ctx, job, Math.min(to, now), range.limit))
  if (from >= to) {
    const detail = 'The stretch of time is empty: "from" must lie before "to".'
    throw new AppError('invalid', detail, [{ pointer: '/from', code: 'range', detail }])
  }
  const { runs, gaps } = await ctx.store.runs.ledger(job.id, from, to, range.limit + 1)
  const current = pausedGap(job, now)
  const upcoming = upcomingOf(job, from, to, range.limit + 1)
  const truncated = [runs, gaps, upcoming].some((list) => list.length > range.limit)
  return {
    from,
    to,
    runs: runs.slice(0, range.limit),
    gaps: [
      ...gaps.slice(0, range.limit),
      ...(current !== null && current.to >= from && current.from < to ? [current] : []),
    ],
    upcoming: upcoming.slice(0, range.limit),
    truncated,
  }
}

function endOf(job: Job, now: number): number {
  const last = upcomingOf(job, now, now + DAY_MS, UPCOMING_DEFAULT)[UPCOMING_DEFAULT - 1]
  return last === undefined ? now + DAY_MS : last + 1
}

/** Without a start: a day back, but no further than the newest runs that fit into one answer. */
async function startOf(ctx: Context, job: Job, before: number, limit: number): Promise<number> {
  const { items } = await ctx.store.runs.list({ jobId: job.id, to: before + 1 }, { limit })
  const oldest = items.length < limit ? Number.NEGATIVE_INFINITY : items.at(-1)!.dueAt
  return Math.max(before - DAY_MS, oldest)
}

/** What the schedule still owes after what has been planned; a paused job owes nothing before its pause ends. */
export function upcomingOf(job: Job, from: number, to: number, limit: number): number[] {
  if (job.status === 'finished' || job.nextDueAt === null) return []
  const left = (job.spec.schedule.maxRuns ?? Number.POSITIVE_INFINITY) - job.runsPlanned
  const start = Math.max(from, job.plannedThrough + 1, job.nextDueAt)
  return start < to ? scheduleOf(job).between(start, to, Math.max(0, Math.min(limit, left))) : []
}
