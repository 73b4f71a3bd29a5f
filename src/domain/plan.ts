// plan(): which runs does a job owe, which instants get none and why, and when must we look again.
// Pure: the same job, state and time give the same plan. The planner, an edit, a pause, a resume and a
// deletion all call it, so that the ledger is complete up to the moment of every change.

import { type DueInstants, dueInstants } from './due-instants.ts'
import type { Job } from './job.ts'
import { queueUp } from './overlap.ts'
import type { Draft, Plan, PlanInput, PlannedGap } from './planned.ts'
import { type OnResume, type Policy, resolvePolicy } from './policy.ts'
import type { Reason } from './run.ts'
import { compileSchedule, type Schedule } from './schedule/schedule.ts'

/** An instant is on time until the next one is due, and for this long at most. Later, catch-up decides. */
export const ON_TIME_MS = 60_000

export function scheduleOf(job: Pick<Job, 'id' | 'createdAt' | 'spec'>): Schedule {
  return compileSchedule(job.spec.schedule, { hashKey: job.id, createdAt: job.createdAt })
}

/**
 * Everything owed up to and including `now`. A paused job is planned as paused, up to its own end of pause;
 * `resume` ends the pause now and says what becomes of the instants it covered.
 */
export function plan(input: PlanInput, now: number, resume: OnResume | null = null): Plan {
  const { job } = input
  const policy = resolvePolicy(job.spec.policy)
  const schedule = scheduleOf(job)
  const through = Math.max(now, job.plannedThrough)
  const runsMax = job.spec.schedule.maxRuns ?? Number.POSITIVE_INFINITY
  const draft: Draft = { runs: [], gaps: [], runsLeft: runsMax - job.runsPlanned }

  const pausedThrough = endOfPause(job, through)
  if (pausedThrough !== null) {
    const paused = dueInstants(schedule, job.plannedThrough, pausedThrough)
    const over = resume !== null || pausedThrough < through || job.pause?.until === pausedThrough
    resumeFrom(draft, paused, policy, over ? (resume ?? policy.onResume) : 'skip', now)
  }
  // A pause may have ended before what is planned already: nothing is planned a second time.
  const awakeFrom = Math.max(job.plannedThrough, pausedThrough ?? job.plannedThrough)
  const awake = dueInstants(schedule, awakeFrom, through)
  catchUp(draft, awake, policy, now)

  const { runs, gaps, replaceOpen } = queueUp(draft, policy, input, now)
  const runsPlanned = job.runsPlanned + runs.filter((run) => run.state.status === 'pending').length
  const nextDueAt = runsPlanned >= runsMax ? null : schedule.next(through)
  return {
    runs,
    gaps,
    replaceOpen,
    plannedThrough: through,
    nextDueAt,
    runsPlanned,
    status: nextDueAt === null && schedule.kind !== 'manual' ? 'finished' : 'active',
  }
}

/** Is the job paused at this moment? A pause whose end has come is over, whether the planner has seen it or not. */
export function isPaused({ status, pause }: Pick<Job, 'status' | 'pause'>, now: number): boolean {
  return status === 'paused' && (pause === null || pause.until === null || pause.until > now)
}

/** How far the pause reaches into the time to plan; null: the job is not paused. */
function endOfPause(job: Job, through: number): number | null {
  if (job.status !== 'paused' || job.pause === null) return null
  return job.pause.until === null ? through : Math.min(through, job.pause.until)
}

function resumeFrom(draft: Draft, due: DueInstants, policy: Policy, mode: OnResume, now: number): void {
  if (mode === 'all') return catchUpAll(draft, due, policy, now)
  const latest = mode === 'latest' ? due.last() : null
  if (latest === null || draft.runsLeft < 1) return none(draft, due, 'skipped', 'paused')
  none(draft, due.before(latest), 'skipped', 'paused')
  want(draft, latest, true, now, false)
}

function catchUp(draft: Draft, due: DueInstants, policy: Policy, now: number): void {
  const last = due.last()
  if (last === null || draft.runsLeft < 1) return
  if (policy.catchUp.mode === 'all') return catchUpAll(draft, due, policy, now)
  const onTime = isOnTime(due, last, now)
  if (!onTime && policy.catchUp.mode === 'none') return none(draft, due, 'missed', 'catch_up_limit')
  if (now - last > ageMax(policy)) return none(draft, due, 'missed', 'too_late')
  const reason = policy.catchUp.mode === 'none' ? 'catch_up_limit' : 'superseded'
  none(draft, due.before(last), 'missed', reason)
  want(draft, last, !onTime, now, false)
}

function catchUpAll(draft: Draft, due: DueInstants, policy: Policy, now: number): void {
  const { max, spacingMs, order } = policy.catchUp
  const last = due.last()
  const onTime = last !== null && isOnTime(due, last, now)
  const late = onTime ? due.before(last) : due
  const youngEnough = late.from(now - ageMax(policy))
  none(draft, late.before(youngEnough.first()), 'missed', 'too_late')
  const kept = youngEnough.newest(max)
  none(draft, youngEnough.before(kept[0] ?? null), 'missed', 'catch_up_limit')

  const admitted = kept.slice(0, Math.max(0, draft.runsLeft))
  if (order === 'newest') admitted.reverse()
  for (const [position, dueAt] of admitted.entries())
    want(draft, dueAt, true, now + position * spacingMs, true)
  if (onTime && draft.runsLeft >= 1) want(draft, last, false, now, draft.runs.length > 0)
}

function isOnTime(due: DueInstants, instant: number, now: number): boolean {
  const next = due.next(instant)
  const period = next === null ? ON_TIME_MS : next - instant
  return now - instant < Math.min(ON_TIME_MS, period)
}

/** A start deadline is an age limit too: what may no longer start is not caught up. */
function ageMax(policy: Policy): number {
  return Math.min(policy.catchUp.withinMs, policy.startWithinMs ?? Number.POSITIVE_INFINITY)
}

function want(draft: Draft, dueAt: number, late: boolean, notBefore: number, patient: boolean): void {
  draft.runs.push({ dueAt, late, notBefore, patient })
  draft.runsLeft -= 1
}

function none(draft: Draft, due: DueInstants, status: PlannedGap['status'], reason: Reason): void {
  const from = due.first()
  const to = due.last()
  if (from === null || to === null) return
  draft.gaps.push({ from, to, count: from === to ? 1 : due.count(), status, reason })
}
