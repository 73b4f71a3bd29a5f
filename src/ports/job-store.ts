// Jobs and their versions, and the step that makes runs of them.

import type { Job, JobStatus, JobVersion } from '../domain/job.ts'
import type { Plan, PlannedRun } from '../domain/planned.ts'
import type { FinalRun, Reason, Run } from '../domain/run.ts'
import type { Once } from './access-stores.ts'
import type { Page, PageRequest } from './page.ts'
import type { Work } from './work.ts'

/** A job that is due, with what the decision needs to know of its runs. */
export type DueJob = {
  readonly job: Job
  /** Runs of this job that are not final: waiting for a start or a retry, or under way. */
  readonly open: number
  /** Of these, the ones queued behind another (readyAt null). */
  readonly queued: number
}

export type PlanReport = {
  /** Jobs looked at. */
  readonly jobs: number
  /** Of them those left for the next step: somebody was about to change a run of theirs. Where it is left out, none. */
  readonly busy?: number
  /** Runs written, final ones (skipped, missed) included. */
  readonly runs: readonly Run[]
  /** Runs that were leased to this node in the same transaction. */
  readonly leased: readonly Work[]
  /** Active runs ended by overlap `replace`; whoever carries them out must stop. */
  readonly replaced: readonly FinalRun[]
  /** Jobs whose decision threw: left as they were, looked at again a minute later. */
  readonly failures: readonly { readonly jobId: string; readonly error: unknown }[]
}

export type JobFilter = {
  readonly projectIds?: readonly string[]
  readonly status?: JobStatus
  /** Substring of name or description, case-insensitive. */
  readonly q?: string
  readonly labels?: Readonly<Record<string, string>>
}

export type AddJobsResult =
  | { readonly kind: 'added' }
  /** Nothing was written. Positions in the input whose name is taken in its project. */
  | { readonly kind: 'names_taken'; readonly positions: readonly number[] }
  | JobsQuota

/** Nothing was written: the project would have more jobs than it may. */
export type JobsQuota = { readonly kind: 'jobs_quota'; readonly projectId: string; readonly max: number }

export interface JobStore {
  /** All or nothing. Writes version 1 of each. */
  add(jobs: readonly Job[], createdBy: string, once?: Once): Promise<AddJobsResult>
  /** null for a deleted job too; its versions and its ledger can still be read by id. */
  get(id: string): Promise<Job | null>
  byName(projectId: string, name: string): Promise<Job | null>
  list(filter: JobFilter, page: PageRequest): Promise<Page<Job>>
  /** How many match, counted no further than `max`. */
  count(filter: JobFilter, max: number): Promise<number>
  versions(jobId: string): Promise<JobVersion[]>
  version(jobId: string, version: number): Promise<JobVersion | null>
  /**
   * One transaction around every change of a job: reads it with the state of its runs, lets `decide` say what
   * follows, writes it all (the ledger up to this moment under the old definition, then the change).
   * null: no such job. `decide` may throw an AppError: nothing is written.
   */
  change(
    id: string,
    decide: (due: DueJob, now: number) => JobChange,
    options: { readonly now: number; readonly by: string; readonly once?: Once },
  ): Promise<JobChangeReport | null>
  /** Names, per input position, of jobs that exist already. */
  takenNames(names: readonly { projectId: string; name: string }[]): Promise<number[]>
  /** Of all projects, those with one of these names, the oldest first. */
  named(names: readonly string[]): Promise<Job[]>
}

export type JobChange = {
  /** What the ledger owes up to now under the old definition; null: nothing to plan. */
  readonly plan: Plan | null
  /** The job as it is to be; null: deleted (its ledger stays until retention forgets it). */
  readonly job: Job | null
  /** Runs to write besides the plan's (a manual trigger). */
  readonly runs?: readonly PlannedRun[]
  /** Overlap `replace`: what is open of this job ends before `runs` are written, unless the quota gives none of them a turn now. */
  readonly replaceOpen?: boolean
  /** Open pending runs end like this (deletion). Absent: they stay. */
  readonly endPending?: {
    readonly status: 'missed' | 'skipped' | 'cancelled'
    readonly reason: Reason | null
  }
}

export type JobChangeReport = {
  readonly job: Job | null
  /** Runs written: the plan's, then `runs` in order, as they are at the end of the change. */
  readonly runs: readonly Run[]
  readonly ended: readonly FinalRun[]
  readonly replaced: readonly FinalRun[]
  /** false: the new name is taken, nothing was written. */
  readonly nameTaken?: boolean
}
