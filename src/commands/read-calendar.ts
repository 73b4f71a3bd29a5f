// The ledger of one job by day: how many runs of each day ended how, and which days lie in a gap.

import type { Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import type { Gap } from '../domain/gap.ts'
import { pausedGap } from '../domain/paused-gap.ts'
import type { RunStatus } from '../domain/run.ts'
import { findZone, type Zone } from '../domain/schedule/zone.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'
import { findJob, type JobRef } from './find-job.ts'

export type CalendarDay = {
  /** 2027-01-31, in the zone that was asked for. */
  readonly date: string
  readonly counts: Readonly<Partial<Record<RunStatus, number>>>
}

export type Calendar = {
  readonly timezone: string
  /** Only days with runs, ascending. */
  readonly days: readonly CalendarDay[]
  readonly gaps: readonly Gap[]
  /** Days before this one were not counted: there are too many runs. null: all were. */
  readonly countedFrom: number | null
}

const DAY_MS = 86_400_000
/** Offsets are multiples of a quarter of an hour. */
const BUCKET_MS = 15 * 60_000
const RUNS_MAX = 100_000
const STEP_ROWS = 2_000
const GAPS_MAX = 500

export async function readCalendar(
  ctx: Context,
  who: Principal,
  ref: JobRef,
  request: { readonly days: number; readonly timezone?: string },
): Promise<Calendar> {
  authorize(who, 'ledger.read')
  const job = await findJob(ctx, who, ref)
  const zone = findZone(request.timezone ?? job.spec.schedule.timezone ?? 'UTC')
  if (zone === null) {
    const detail = `"${request.timezone}" is no IANA time zone.`
    throw new AppError('invalid', detail, [{ pointer: '/timezone', code: 'timezone_unknown', detail }])
  }
  const now = ctx.clock.now()
  const days = new Map<string, Partial<Record<RunStatus, number>>>()
  let seen = 0
  let countedFrom: number | null = null
  // Day by day, the newest first, so that a bound cuts off the oldest.
  const from = now - request.days * DAY_MS
  for (let to = now + 1; to > from; to -= DAY_MS) {
    if (seen >= RUNS_MAX) {
      countedFrom = to
      break
    }
    seen += await countStretch(ctx, job.id, Math.max(from, to - DAY_MS), to, (at, counts) => {
      const date = dateOf(zone, at)
      const day = days.get(date) ?? {}
      for (const [status, count] of Object.entries(counts) as [RunStatus, number][])
        day[status] = (day[status] ?? 0) + count
      days.set(date, day)
    })
  }
  const { gaps } = await ctx.store.runs.ledger(job.id, from, now + 1, GAPS_MAX)
  const current = pausedGap(job, now)
  return {
    timezone: zone.name,
    days: [...days].map(([date, counts]) => ({ date, counts })).sort((a, b) => (a.date < b.date ? -1 : 1)),
    gaps: current === null ? gaps : [...gaps, current],
    countedFrom,
  }
}

function dateOf(zone: Zone, at: number): string {
  const second = Math.floor(at / 1_000)
  return new Date((second + zone.spanAt(second).offset) * 1_000).toISOString().slice(0, 10)
}

async function countStretch(
  ctx: Context,
  jobId: string,
  from: number,
  to: number,
  take: (at: number, counts: Readonly<Partial<Record<RunStatus, number>>>) => void,
): Promise<number> {
  let seen = 0
  let cursor: string | null = null
  do {
    const request = { jobId, from, to, bucketMs: BUCKET_MS, limit: STEP_ROWS }
    const step = await ctx.store.runs.tally(cursor === null ? request : { ...request, cursor })
    for (const { at, counts } of step.buckets) {
      take(at, counts)
      seen += Object.values(counts).reduce((sum, count) => sum + count, 0)
    }
    cursor = step.nextCursor
  } while (cursor !== null)
  return seen
}
