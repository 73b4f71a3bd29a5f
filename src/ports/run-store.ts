// Runs from their due instant to their end, their attempts and their ledger.

import type { Attempt } from '../domain/attempt.ts'
import type { Gap } from '../domain/gap.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Plan } from '../domain/planned.ts'
import type { ActiveRun, FinalRun, Reason, Run, RunStatus } from '../domain/run.ts'
import type { RunPart } from '../domain/run-part.ts'
import type { Settlement } from '../domain/settle.ts'
import type { TallyBucket } from '../domain/tally.ts'
import type { DueJob, PlanReport } from './job-store.ts'
import type { Page, PageRequest } from './page.ts'
import type { LostWork, Work } from './work.ts'

/** The end of one attempt, decided by settle(). Written only while the run still carries this fence. */
export type SettledAttempt = {
  readonly run: ActiveRun
  /** Of a run that several share: which part. `settlement` is that of the part; the run ends with its last one. */
  readonly part?: number
  readonly outcome: Outcome
  readonly settlement: Settlement
  /** By the clock of whoever reports it. Never written as earlier than the attempt began. */
  readonly endedAt: number
  /** Its node does not know how it went. Where someone outside goes on with it by now, nothing is written. */
  readonly inDoubt?: true
}

export type SettleReport = {
  /** In order of the input: the run as it is now, or null where the fence was stale and nothing was written. */
  readonly runs: readonly (Run | null)[]
  /** Queued runs of the same jobs that may start now. */
  readonly released: number
  /** How many of the batch came too late: their fence was no longer the live one. */
  readonly stale: number
}

export type RunFilter = {
  readonly projectIds?: readonly string[]
  readonly jobId?: string
  readonly status?: readonly RunStatus[]
  readonly reason?: readonly Reason[]
  /** Half-open in dueAt. */
  readonly from?: number
  readonly to?: number
}

/** A bounded step of counting runs by due instant; of all projects, or of one job. */
export type TallyRequest = {
  readonly jobId?: string
  /** Half-open in dueAt. */
  readonly from: number
  readonly to: number
  /** Width of a bucket; each starts at a multiple of it. */
  readonly bucketMs: number
  /** Runs, or gaps, looked at in this step. */
  readonly limit: number
  readonly cursor?: string
}

/** The same bucket may come again in a later step: its counts are to be added up. */
export type TallyStep = { readonly buckets: readonly TallyBucket[]; readonly nextCursor: string | null }

export interface RunStore {
  /**
   * The planner's step: claims up to `limit` jobs with nextDueAt ≤ now, lets `decide` plan each, writes runs
   * (unique by job and dueAt), gaps and the jobs' new state. Leases those of the new runs that are ready and fit
   * into `slots` (see slotShare) to `nodeId` at once, so that a due job costs one commit before it rings.
   */
  plan(
    request: {
      readonly now: number
      readonly limit: number
      readonly nodeId: string
      readonly slots: number
      /** Stops when the slots are used up; what else is due stays due. */
      readonly onlyFitting?: boolean
    },
    decide: (due: DueJob, now: number) => Plan,
  ): Promise<PlanReport>
  /** When the planner must look again: the smallest nextDueAt. null: never. */
  nextDueAt(): Promise<number | null>
  /**
   * Leases ready runs, oldest first, as many as fit into `slots` (see slotShare) and into one bounded step, and writes
   * their attempt rows. Ends overdue ones as missed: too_late.
   */
  claimReady(request: {
    readonly now: number
    readonly nodeId: string
    readonly slots: number
  }): Promise<{ works: Work[]; missed: FinalRun[] }>
  /** The smallest readyAt of a pending run. null: none waits for time. */
  nextReadyAt(): Promise<number | null>
  /** Ends attempts, each only under its live fence; runs, attempts, outbox and released queue together. */
  settle(batch: readonly SettledAttempt[], now: number): Promise<SettleReport>
  /** Pending runs whose startBy has passed end as missed: too_late; their callbacks are told. Returns them. */
  expire(now: number, limit: number): Promise<FinalRun[]>
  /**
   * Active runs held by nodes that left or whose lease ran out (see NodeStore), with what settle() needs. From here
   * on such a node is taken over: it cannot renew or lease any more. The same runs come back until they are settled.
   */
  lost(now: number, limit: number): Promise<LostWork[]>
  /** Active runs leased to this node, at most `limit`: also those whose lease was never answered to it. */
  held(nodeId: string, limit: number): Promise<Work[]>
  get(id: string): Promise<Run | null>
  attempts(runId: string): Promise<Attempt[]>
  /** Of a run that several share, once it has begun; else none. */
  parts(runId: string): Promise<RunPart[]>
  /**
   * Parts that wait in vain end as failed: their patience is over, or the one agent they are for is not there (removed,
   * or away or draining for `awayMs`). Returns their runs as they are then.
   */
  giveUpParts(now: number, awayMs: number, limit: number): Promise<Run[]>
  list(filter: RunFilter, page: PageRequest): Promise<Page<Run>>
  /** The last runs of each job by due instant, newest first, at most `limit` each; in the order of `jobIds`. */
  recent(jobIds: readonly string[], limit: number): Promise<Run[][]>
  tally(request: TallyRequest): Promise<TallyStep>
  /** Gaps of all projects that end in the stretch, each with as many as it stands for. */
  tallyGaps(request: Omit<TallyRequest, 'jobId'>): Promise<TallyStep>
  /** Ledger entries of one job in [from, to) by due instant, ascending; at most `limit` of each kind. */
  ledger(jobId: string, from: number, to: number, limit: number): Promise<{ runs: Run[]; gaps: Gap[] }>
  /** The entry that stands for this due instant: the scheduled run, or the gap that covers it. */
  entryAt(jobId: string, dueAt: number): Promise<{ run: Run } | { gap: Gap } | null>
  /**
   * Asks for the end of a run. Pending: ends as cancelled at once. Running: becomes `cancelling`; its holder
   * must stop and report. null: no such run. Final runs come back unchanged with `changed: false`.
   */
  cancel(id: string, now: number, message: string): Promise<{ run: Run; changed: boolean } | null>
  /** Runs of this node that are `cancelling` (asked for by whatever door or node). */
  cancelling(nodeId: string): Promise<string[]>
  /** Open runs by status, for metrics. */
  counts(): Promise<{ status: RunStatus; count: number }[]>
}
