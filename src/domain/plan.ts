// plan(): which runs does a job owe, which instants get none and why, and when must we look again.
// Pure: the same job, state and time give the same plan. Preview, catch-up, edit, pause and tests all call it.

import type { Job } from './job.ts'
import { type Policy, resolvePolicy } from './policy.ts'
import type { Reason, Trigger } from './run.ts'
import { compileSchedule, type Schedule } from './schedule/schedule.ts'

/** A run to be written. It starts as `pending`, or is born final (`skipped`, `missed`). */
export type PlannedRun = {
  readonly trigger: Trigger
  readonly dueAt: number
  readonly late: boolean
  readonly params?: unknown
  readonly state:
    | {
        readonly status: 'pending'
        /** null: queued behind another run of the job. */
        readonly readyAt: number | null
        readonly notBefore: number
        readonly startBy: number | null
      }
    | { readonly status: 'skipped' | 'missed'; readonly reason: Reason }
}

export type PlannedGap = {
  readonly from: number
  readonly to: number
  readonly count: number
  readonly status: 'skipped' | 'missed'
  readonly reason: Reason
}

export type Plan = {
  readonly runs: readonly PlannedRun[]
  readonly gaps: readonly PlannedGap[]
  /** Overlap `replace`: what is still open of this job ends before the new run may start. */
  readonly replaceOpen: boolean
  readonly plannedThrough: number
  readonly nextDueAt: number | null
  readonly runsPlanned: number
  readonly status: 'active' | 'finished'
}
