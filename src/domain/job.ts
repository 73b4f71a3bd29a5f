// A job: what to run (target), when (schedule), under which rules (policy). Its definition has versions;
// its state (how far the ledger is planned, paused or not) lives beside them.

import type { Callback } from './effect.ts'
import type { PolicySpec } from './policy.ts'
import type { ScheduleSpec } from './schedule/schedule.ts'
import type { Target } from './target.ts'

/** The versioned part: replaced as a whole by every edit. */
export type JobSpec = {
  readonly name: string
  readonly description: string | null
  readonly labels: Readonly<Record<string, string>>
  readonly schedule: ScheduleSpec
  readonly target: Target
  readonly policy: PolicySpec
  readonly callback: Callback | null
}

export const JOB_STATUSES = ['active', 'paused', 'finished'] as const
export type JobStatus = (typeof JOB_STATUSES)[number]

export type Pause = {
  readonly at: number
  /** Resumes by itself here; null: until someone resumes it. */
  readonly until: number | null
  readonly note: string | null
  readonly by: string
}

export type Job = {
  readonly id: string
  readonly projectId: string
  readonly version: number
  readonly spec: JobSpec
  readonly status: JobStatus
  readonly pause: Pause | null
  /** Every due instant up to and including this has its entry in the ledger. */
  readonly plannedThrough: number
  /** The next instant the planner must look at; null: nothing to plan. While paused: the pause's end. */
  readonly nextDueAt: number | null
  /** Runs planned so far that count against schedule.maxRuns. */
  readonly runsPlanned: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** An old or current version of a job's definition. */
export type JobVersion = {
  readonly jobId: string
  readonly version: number
  readonly spec: JobSpec
  readonly createdAt: number
  readonly createdBy: string
}

/** The oldest first: ids grow with time. */
export function byAge(a: Pick<Job, 'id'>, b: Pick<Job, 'id'>): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}
