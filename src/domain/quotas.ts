// How much one project may use of what all share. None is the default: who runs the server sets what it wants bounded.

import type { JobSpec } from './job.ts'
import type { PlannedRun } from './planned.ts'
import { resolvePolicy } from './policy.ts'
import { startBy } from './start-deadline.ts'

export type Quotas = {
  /** Jobs that exist at the same time. */
  readonly jobs?: number
  /** Runs that begin to be owed within a minute of the clock; what exceeds them rings in the next minutes. */
  readonly runsPerMinute?: number
  /** Runs under way at the same time, over all nodes; the others wait. */
  readonly concurrency?: number
  /** Bytes of logs kept of one day (UTC); what exceeds them is left out, and counted. */
  readonly logBytesPerDay?: number
}

const WINDOW_MS = 60_000
const DAY_MS = 86_400_000

/** Who would wait longer for a turn is skipped. */
export const QUOTA_WAIT_MAX_MS = 60 * 60_000

/** Of the minute that is being filled: when it begins, and how many have been given a turn in it. */
export type QuotaUse = { readonly since: number; readonly used: number }

type Spec = Pick<JobSpec, 'target' | 'policy'>

/** Which run asks for a turn. `replaces`: what is open of its job ends for it. */
export type Asking = { readonly planned: PlannedRun; readonly spec: Spec; readonly replaces: boolean }

/**
 * The latest turn that is of use to a run. One that replaces others takes their place now, or they go on; none may start after its
 * start deadline.
 */
export function latestTurn({ planned, spec, replaces }: Asking, now: number): number {
  if (replaces) return now
  const { startWithinMs } = resolvePolicy(spec.policy)
  const deadline = startWithinMs === null ? Number.POSITIVE_INFINITY : planned.dueAt + startWithinMs
  return Math.min(now + QUOTA_WAIT_MAX_MS, Math.max(now, deadline))
}

/** null: none by then; nothing is used up. */
export function nextTurn(
  use: QuotaUse | null,
  perMinute: number,
  now: number,
  latest = now + QUOTA_WAIT_MAX_MS,
): { readonly use: QuotaUse; readonly at: number } | null {
  if (perMinute <= 0) return null
  const current = Math.floor(now / WINDOW_MS) * WINDOW_MS
  // Turns lie an hour ahead at most: one beyond that was given while the clock was wrong.
  const isTrue = use !== null && use.since >= current && use.since <= current + QUOTA_WAIT_MAX_MS + WINDOW_MS
  const open = isTrue ? use : { since: current, used: 0 }
  const next =
    open.used < perMinute ? { ...open, used: open.used + 1 } : { since: open.since + WINDOW_MS, used: 1 }
  const at = Math.max(now, next.since)
  return at > latest ? null : { use: next, at }
}

/** The run as it is owed with the turn it was given; null: it was given none. Its wait for an agent begins with its turn. */
export function inTurn(planned: PlannedRun, spec: Spec, at: number | null): PlannedRun {
  const { state, dueAt } = planned
  if (state.status !== 'pending') return planned
  if (at === null) return { ...planned, state: { status: 'skipped', reason: 'quota' } }
  const notBefore = Math.max(state.notBefore, at)
  if (state.readyAt === null) return { ...planned, state: { ...state, notBefore } }
  const readyAt = Math.max(state.readyAt, at)
  return { ...planned, state: { ...state, readyAt, notBefore, startBy: startBy(spec, dueAt, readyAt) } }
}

/** Was one of the runs that were to start given no turn? */
export function turnedAway(wanted: readonly PlannedRun[], given: readonly PlannedRun[]): boolean {
  const pending = (runs: readonly PlannedRun[]): number =>
    runs.filter(({ state }) => state.status === 'pending').length
  return pending(given) < pending(wanted)
}

/** What is known of a project's use. null: not counted, as nothing bounds it. */
export type QuotaCounts = {
  readonly jobs: number | null
  readonly underWay: number | null
  readonly turns: QuotaUse | null
  readonly logBytes: QuotaUse | null
}

export type QuotaUsage = { readonly quota: keyof Quotas; readonly limit: number; readonly used: number }

/** Of each quota there is: how much, and how much of it is used at this moment. */
export function usageOf(quotas: Quotas, counts: QuotaCounts, now: number): QuotaUsage[] {
  const { turns, logBytes } = counts
  const minute = Math.floor(now / WINDOW_MS) * WINDOW_MS
  const used = (quota: keyof Quotas, limit: number): number => {
    if (quota === 'jobs') return counts.jobs ?? 0
    if (quota === 'concurrency') return counts.underWay ?? 0
    if (quota === 'logBytesPerDay') return logBytes?.since === now - (now % DAY_MS) ? logBytes.used : 0
    // Turns of minutes to come: this one is used up.
    if (turns === null || turns.since < minute) return 0
    return turns.since > minute ? limit : turns.used
  }
  return Object.entries(quotas).map(([name, limit]) => {
    const quota = name as keyof Quotas
    return { quota, limit, used: used(quota, limit) }
  })
}
