// What an edit makes of a job, and what is owed by then. Pure. What was due until now is owed under the old definition; the same
// step may pause the job or end its pause.

import { isDeepStrictEqual } from 'node:util'
import type { Job, JobSpec } from '../domain/job.ts'
import { isPaused, plan, scheduleOf } from '../domain/plan.ts'
import type { Plan, PlanInput } from '../domain/planned.ts'
import { type OnResume, resolvePolicy } from '../domain/policy.ts'
import type { Schedule } from '../domain/schedule/schedule.ts'

export type Turn =
  | { readonly to: 'paused'; readonly by: string }
  /** `onResume`: else the policy that held until now says what becomes of the instants the pause covered. */
  | { readonly to: 'active'; readonly onResume?: OnResume }

export function editedJob(
  due: PlanInput,
  spec: JobSpec,
  turn: Turn | null,
  now: number,
): { plan: Plan; job: Job } {
  const old = due.job
  const sameSchedule = isDeepStrictEqual(spec.schedule, old.spec.schedule)
  const paused = isPaused(old, now)
  const resume =
    paused && turn?.to === 'active' ? (turn.onResume ?? resolvePolicy(old.spec.policy).onResume) : null
  const owed = plan(due, now, resume)
  const { plannedThrough, runsPlanned } = owed
  const schedule = scheduleOf({ ...old, spec })
  const through = sameSchedule ? plannedThrough : beforeItsMoment(schedule, old, plannedThrough, now)
  const job: Job = {
    ...old,
    spec,
    version: old.version + 1,
    plannedThrough: through,
    runsPlanned: sameSchedule ? runsPlanned : 0,
    updatedAt: now,
  }
  return { plan: owed, job: paused && resume === null ? job : turned(awake(job, schedule), turn, now) }
}

export function pausedJob(job: Job, by: string, now: number): Job {
  return { ...job, status: 'paused', pause: { at: now, until: null, note: null, by }, nextDueAt: null }
}

function awake(job: Job, schedule: Schedule): Job {
  const exhausted = job.runsPlanned >= (job.spec.schedule.maxRuns ?? Number.POSITIVE_INFINITY)
  const nextDueAt = exhausted ? null : schedule.next(job.plannedThrough)
  return {
    ...job,
    pause: null,
    nextDueAt,
    status: nextDueAt === null && schedule.kind !== 'manual' ? 'finished' : 'active',
  }
}

/** With no due instant left there is nothing to pause. */
function turned(job: Job, turn: Turn | null, now: number): Job {
  return turn?.to === 'paused' && job.status === 'active' ? pausedJob(job, turn.by, now) : job
}

/**
 * A single moment that has just passed is owed, as it is to a new job; unless it has its entry by the old definition. Where the
 * clock was set back the watermark stays: what it passed once has its entries.
 */
function beforeItsMoment(schedule: Schedule, old: Job, plannedThrough: number, now: number): number {
  const at = schedule.kind === 'at' ? schedule.next(0) : null
  if (at === null || at > now || plannedThrough > now) return plannedThrough
  return at > old.createdAt && scheduleOf(old).next(at - 1) === at ? plannedThrough : at - 1
}
