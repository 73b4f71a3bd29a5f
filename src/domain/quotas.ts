// How much one project may use of what all share. None is the default: who runs the server sets what it wants bounded.

import type { PlannedRun } from './planned.ts'

export type Quotas = {
  /** Jobs that exist at the same time. */
  readonly jobs?: number
  /** Runs that begin to be owed within a minute of the clock; what exceeds them rings in the next minutes. */
  readonly runsPerMinute?: number
  /** Bytes of logs kept of one day (UTC); what exceeds them is left out, and counted. */
  readonly logBytesPerDay?: number
}

const WINDOW_MS = 60_000

/** Who would wait longer for a turn is skipped. */
export const QUOTA_WAIT_MAX_MS = 60 * 60_000

/** Of the minute that is being filled: when it begins, and how many have been given a turn in it. */
export type QuotaUse = { readonly since: number; readonly used: number }

/** null: none within reach; nothing is used up then. */
export function nextTurn(
  use: QuotaUse | null,
  perMinute: number,
  now: number,
): { readonly use: QuotaUse; readonly at: number } | null {
  if (perMinute <= 0) return null
  const current = Math.floor(now / WINDOW_MS) * WINDOW_MS
  // Turns lie an hour ahead at most: one beyond that was given while the clock was wrong.
  const isTrue = use !== null && use.since >= current && use.since <= current + QUOTA_WAIT_MAX_MS + WINDOW_MS
  const open = isTrue ? use : { since: current, used: 0 }
  const next =
    open.used < perMinute ? { ...open, used: open.used + 1 } : { since: open.since + WINDOW_MS, used: 1 }
  return next.since - now > QUOTA_WAIT_MAX_MS ? null : { use: next, at: Math.max(now, next.since) }
}

/** The run as it is owed with the turn it was given; null: it was given none. */
export function inTurn(planned: PlannedRun, at: number | null): PlannedRun {
  const { state } = planned
  if (state.status !== 'pending') return planned
  if (at === null) return { ...planned, state: { status: 'skipped', reason: 'quota' } }
  const readyAt = state.readyAt === null ? null : Math.max(state.readyAt, at)
  return { ...planned, state: { ...state, readyAt, notBefore: Math.max(state.notBefore, at) } }
}
