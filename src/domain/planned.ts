// The words of a plan: what goes into the decision, what is wanted on the way, and what comes out.

import type { Job } from './job.ts'
import type { Reason, Trigger } from './run.ts'

/** What the decision needs to know of a job: its definition and progress, and how many of its runs are open. */
export type PlanInput = { readonly job: Job; readonly open: number; readonly queued: number }

/** Instants that are to run, in the order they go out, and those that are not. */
export type Draft = {
  readonly runs: Wanted[]
  readonly gaps: PlannedGap[]
  /** How many more runs schedule.maxRuns admits; what is due after the last one is not owed at all. */
  runsLeft: number
}

export type Wanted = {
  readonly dueAt: number
  readonly late: boolean
  readonly notBefore: number
  /** One of several owed by catch-up `all`: it waits for its turn instead of being skipped as overlap. */
  readonly patient: boolean
}

/** A run to be written. It starts as `pending`, or is born final (`skipped`, `missed`). */
export type PlannedRun = {
  /** Given where the caller must know it beforehand; else the store makes one. */
  readonly id?: string
  readonly trigger: Trigger
  readonly dueAt: number
  readonly late: boolean
  readonly params?: unknown
  readonly state: PlannedState
}

export type PlannedState =
  | {
      readonly status: 'pending'
      /** null: queued behind another run of the job. */
      readonly readyAt: number | null
      readonly notBefore: number
      readonly startBy: number | null
    }
  | { readonly status: 'skipped' | 'missed'; readonly reason: Reason }

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
  /** Overlap `replace`: what is still open of this job ends before the new run may start. Where the quota lets none start now, it goes on. */
  readonly replaceOpen: boolean
  readonly plannedThrough: number
  readonly nextDueAt: number | null
  readonly runsPlanned: number
  readonly status: 'active' | 'finished'
}
