// What the core needs from a database. Methods are steps of the flow, each one transaction; the domain
// decides, the store compares and sets. All take arrays where more than one can come.
//
// Times are epoch milliseconds. Steps take `now` from the caller's clock; a store with a clock of its own
// (a cluster's database) replaces it and tells a decision which `now` counts. A lost race is an answer (false, null, a shorter list), never an
// exception. Foreign failures (disk full, connection lost) are thrown as StoreUnavailable.

import type { Action } from '../domain/actions.ts'
import type { ApiKey } from '../domain/api-key.ts'
import type { Attempt } from '../domain/attempt.ts'
import type { AuditDraft, AuditEntry } from '../domain/audit.ts'
import type { Delivery, Effect, EffectStatus } from '../domain/effect.ts'
import type { Gap } from '../domain/gap.ts'
import type { Job, JobStatus, JobVersion } from '../domain/job.ts'
import type { LogId, LogMark, RunLog } from '../domain/log/run-log.ts'
import type { NodeFigures, NodeState } from '../domain/node.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Plan, PlannedRun } from '../domain/planned.ts'
import type { Project } from '../domain/project.ts'
import type { ActiveRun, FinalRun, Reason, Run, RunStatus } from '../domain/run.ts'
import type { RunPart } from '../domain/run-part.ts'
import type { Script } from '../domain/script.ts'
import type { Secret } from '../domain/secret.ts'
import type { Settlement } from '../domain/settle.ts'
import type { TallyBucket } from '../domain/tally.ts'
import type { Visit } from '../domain/visit.ts'
import type { Page, PageRequest } from './page.ts'
import type { LostWork, Work } from './work.ts'

export type { Page, PageRequest } from './page.ts'
export type { LostWork, Part, Work } from './work.ts'

import type { AgentStore } from './agent-store.ts'
import type { HandedStore } from './handed-store.ts'

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

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
  /** Runs written, final ones (skipped, missed) included. */
  readonly runs: readonly Run[]
  /** Runs that were leased to this node in the same transaction. */
  readonly leased: readonly Work[]
  /** Active runs ended by overlap `replace`; whoever carries them out must stop. */
  readonly replaced: readonly FinalRun[]
  /** Jobs whose decision threw: left as they were, looked at again a minute later. */
  readonly failures: readonly { readonly jobId: string; readonly error: unknown }[]
}

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

/** Marks a caller's retry of the same request; stored in the same transaction as what the request did. */
export type Once = {
  /** Who: one caller's keys never meet another's. */
  readonly scope: string
  readonly key: string
  /** Hash of the request; another hash under the same key is refused. */
  readonly hash: string
  /** What to answer to a repeat. */
  readonly result: unknown
  readonly at: number
}

export type JobFilter = {
  readonly projectIds?: readonly string[]
  readonly status?: JobStatus
  /** Substring of name or description, case-insensitive. */
  readonly q?: string
  readonly labels?: Readonly<Record<string, string>>
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
  /** Runs looked at in this step. */
  readonly limit: number
  readonly cursor?: string
}

/** The same bucket may come again in a later step: its counts are to be added up. */
export type TallyStep = { readonly buckets: readonly TallyBucket[]; readonly nextCursor: string | null }

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
  /** Overlap `replace`: what is open of this job ends before `runs` are written. */
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

export interface OutboxStore {
  /**
   * Effects due for a try, with the run they tell of. Held by this node until recorded, until `holdMs` passed or until
   * the node is gone. None for a node that is.
   */
  due(request: {
    readonly now: number
    readonly limit: number
    readonly holdMs: number
    readonly nodeId: string
  }): Promise<{ effect: Effect; run: Run }[]>
  nextTryAt(): Promise<number | null>
  /**
   * Records tries; `nextTryAt` null with ok=false means dead. The store numbers the deliveries: after redeliver() the
   * tries begin anew, the record of them goes on. Late news never takes back a delivery. A try that is recorded already
   * (the same effect, times and end) counts once.
   */
  record(results: readonly { delivery: Delivery; nextTryAt: number | null }[]): Promise<void>
  list(
    filter: { projectIds?: readonly string[]; status?: EffectStatus; runId?: string; jobId?: string },
    page: PageRequest,
  ): Promise<Page<Effect>>
  get(id: string): Promise<{ effect: Effect; deliveries: Delivery[] } | null>
  /** A dead or delivered effect is tried again from the start. false: no such effect, or it is pending. */
  redeliver(id: string, now: number): Promise<boolean>
}

export type NodeStart = {
  readonly id: string
  readonly hostname: string
  readonly pid: number
  readonly version: string
  /**
   * A lock says that no other process is on this store: every node before it is gone, and what those held to tell is
   * due at once. Never in a cluster.
   */
  readonly sole?: boolean
  /** It takes no work from the start: it was draining when it lost its lease and came back as this one. */
  readonly draining?: boolean
}

/** `now` is the store's time, from which the lease runs: the difference to a node's own clock is its skew. */
export type Renewal = { readonly now: number; readonly draining: boolean }

export interface NodeStore {
  /** Registers this process; the epoch grows with each start. `now` as in Renewal. */
  register(
    node: NodeStart,
    now: number,
    leaseMs: number,
  ): Promise<{ readonly epoch: number; readonly now: number }>
  /**
   * Renews the node's one lease, for `leaseMs` from the store's `now`, and keeps what it says of itself. null: it had
   * lapsed and was taken over, or it left; stop all side effects.
   */
  renew(nodeId: string, now: number, leaseMs: number, figures?: NodeFigures): Promise<Renewal | null>
  /** A clean end: leases still held are given up at once (see RunStore.lost), and it leases nothing more. */
  leave(nodeId: string, now: number): Promise<void>
  /** Nodes that are there, then those that went last; newest first within each, at most `limit`. */
  list(limit: number): Promise<NodeState[]>
  /**
   * From its next renewal on the node knows that it is to take no new work, or that it may again. The node as it is
   * now; null: no such node. One that is gone stays as it is.
   */
  drain(nodeId: string, draining: boolean): Promise<NodeState | null>
}

export interface ProjectStore {
  add(project: Project): Promise<boolean>
  get(id: string): Promise<Project | null>
  byName(name: string): Promise<Project | null>
  list(page: PageRequest): Promise<Page<Project>>
  /** Compare and set on version. false: another was faster. */
  update(project: Project): Promise<boolean>
  /** false: it still has jobs. */
  delete(id: string): Promise<boolean>
}

export interface KeyStore {
  add(key: ApiKey, once?: Once): Promise<void>
  get(id: string): Promise<ApiKey | null>
  /** Also by the hash before its last rotation; until when that one counts is the caller's to judge. */
  byHash(hash: string): Promise<ApiKey | null>
  list(page: PageRequest): Promise<Page<ApiKey>>
  /** Replaces the stored key, whatever became of it. */
  update(key: ApiKey): Promise<boolean>
  /** Replaces the stored key. false: it was revoked, or there is none. */
  updateLive(key: ApiKey): Promise<boolean>
  touch(id: string, now: number): Promise<void>
}

export interface VisitStore {
  /** May forget expired ones on the way. */
  add(visit: Visit): Promise<void>
  /** An expired one too, while it has not been forgotten. */
  byHash(hash: string): Promise<Visit | null>
  /** Takes the ticket away and adds the visit. false: no such ticket, or it was used or has expired by then. */
  exchange(ticketHash: string, visit: Visit): Promise<boolean>
  /** Expired ones too, while they have not been forgotten; no tickets. In the order in which they came. */
  list(page: PageRequest): Promise<Page<Visit>>
  get(id: string): Promise<Visit | null>
  /** false: it had ended. */
  end(id: string): Promise<boolean>
}

export interface OnceStore {
  find(scope: string, key: string): Promise<Once | null>
}

/** The rows of logs; their bytes lie in the blob store. */
export interface LogStore {
  /** null: nothing of it has arrived. */
  get(id: LogId): Promise<RunLog | null>
  /** All logs of a run by attempt and part. */
  ofRun(runId: string): Promise<RunLog[]>
  /**
   * Moves a log on from `before` to `after`; the first time makes its row. What `after` says is on disk already. false:
   * somebody else moved it, it is sealed, it belongs to another fence, or its run is gone.
   */
  advance(
    log: LogId & { readonly fence: number },
    before: LogMark,
    after: LogMark,
    now: number,
  ): Promise<boolean>
  /**
   * Takes bytes from the project's quota of the day (UTC), where it has one. false: there are not so many left; none were
   * taken. true too when there is no such run: whoever writes finds out.
   */
  takeBytes(runId: string, bytes: number, now: number): Promise<boolean>
  /** Nothing more comes; a log without a row is sealed empty. false: sealed already, moved on, or its run is gone. */
  seal(
    log: LogId & { readonly fence: number },
    chunks: number,
    seal: { readonly whole: boolean },
    now: number,
  ): Promise<boolean>
  /** Logs that nobody has sealed, of runs that the store has ended at or before `endedBy`. */
  unsealed(request: { readonly endedBy: number; readonly limit: number }): Promise<RunLog[]>
}

/** Scripts by project and hash; their content lies in the blob store. */
export interface ScriptStore {
  /** false: the project has it already, or is gone. */
  add(script: Script): Promise<boolean>
  get(projectId: string, sha256: string): Promise<Script | null>
  /** Newest first. */
  list(projectId: string, page: PageRequest): Promise<Page<Script>>
  /** Its blob is discarded in the same transaction. `in_use`: a job, or a run that is not final, asks for it. */
  delete(projectId: string, sha256: string): Promise<'deleted' | 'in_use' | 'absent'>
}

export type SealedSecret = Secret & { readonly sealed: string }

/** Secrets by project and name, sealed: the store cannot read what it keeps. */
export interface SecretStore {
  /** Takes the place of what had its name. `full`: the project has `max` others already. */
  put(secret: SealedSecret, max: number): Promise<'added' | 'replaced' | 'full' | 'no_project'>
  get(projectId: string, name: string): Promise<SealedSecret | null>
  /** Those that are there, in no order. */
  some(projectId: string, names: readonly string[]): Promise<SealedSecret[]>
  /** By name. */
  list(projectId: string, page: PageRequest): Promise<Page<Secret>>
  /** Refused with the names of jobs that ask for it, or of which a run that is not final does. null: no such secret. */
  delete(projectId: string, name: string): Promise<{ readonly usedBy: readonly string[] } | null>
  /** Every key that something is sealed with. */
  keyIds(): Promise<string[]>
  /** Some that are sealed with another key than this. */
  sealedOtherwise(keyId: string, limit: number): Promise<SealedSecret[]>
  /** false: it has another value by now, or is gone. */
  reseal(id: string, keyId: string, sealed: string): Promise<boolean>
}

/** Blobs that no row names any more: everything whose key begins with `prefix`. */
export type Discarded = { readonly no: number; readonly prefix: string }

export interface SequenceStore {
  /** The first of `count` numbers that nobody else is given. The first of all is 1; a crash may leave numbers unused. */
  take(name: string, count: number): Promise<number>
}

/** What the sweeper may forget, per job (its own rule, else its project's, else the default). */
export type Retention = { readonly defaultDays: number }

export type SweepReport = {
  readonly runs: number
  readonly gaps: number
  readonly effects: number
  readonly jobs: number
  /** There is more: sweep again soon. */
  readonly more: boolean
}

export interface Housekeeping {
  /**
   * Forgets up to `limit` rows past their keep rule: final runs with their attempts and delivered or dead effects, gaps,
   * finished or deleted jobs with nothing left, old idempotency keys. Never a run that is not final, never
   * an effect that is pending.
   */
  forget(request: {
    readonly now: number
    readonly limit: number
    readonly retention: Retention
  }): Promise<SweepReport>
  /** Blobs of forgotten rows, written down in the same transaction as these were forgotten. The same until `cleared`. */
  discarded(limit: number): Promise<Discarded[]>
  /** They are deleted. */
  cleared(nos: readonly number[]): Promise<void>
  /** What all servers of this store share under that name: the value that was given first. */
  secret(name: string, value: string): Promise<string>
  /** Writes it in another way. false: it is not `before` any more. */
  rewriteSecret(name: string, before: string, after: string): Promise<boolean>
  /** Says, in a few words, what a write that is acknowledged survives. Throws StoreUnavailable when none would be. */
  ping(): Promise<string>
  stats(): Promise<{ jobs: Record<JobStatus, number>; openRuns: number; pendingEffects: number }>
}

/** Something may be there to do for a loop; of the runs named by `stop` the one that carries them out is to let go. */
export type Hint = {
  readonly loop: 'planner' | 'runner' | 'courier' | 'node'
  readonly stop: readonly string[]
}

/** From node to node, to be quick. A hint may be lost, doubled or late; whoever hears none looks by itself in time. */
export interface Hints {
  /** Tells the other nodes on this store. Never throws, waits for nothing. */
  tell(hint: Hint): void
  /** Calls back for hints of other nodes, until the returned function is called. */
  listen(heard: (hint: Hint) => void): () => void
}

export type AuditFilter = {
  readonly projectId?: string
  readonly action?: Action
  readonly actorId?: string
  readonly subject?: string
  /** At this moment or later. */
  readonly from?: number
  /** Before this moment. */
  readonly to?: number
}

export interface AuditStore {
  /**
   * Carries out a step of this store; the first transaction in it that does something writes the entry, in that same
   * transaction. One that is refused or loses its race writes none.
   */
  during<Result>(entry: AuditDraft, step: () => Promise<Result>): Promise<Result>
  /** A step that changes nothing here: it carries the entry of a change that was made outside this store. */
  note(): Promise<true>
  /** Newest first, linked or not. */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEntry>>
  /** Linked entries after this one, in the order of the chain. */
  chain(after: number, limit: number): Promise<AuditEntry[]>
  /** Links up to `limit` entries that are not. Answers how many; several nodes at once make one chain. */
  link(limit: number): Promise<number>
}

export interface Store extends AsyncDisposable {
  readonly jobs: JobStore
  readonly runs: RunStore
  readonly outbox: OutboxStore
  readonly nodes: NodeStore
  readonly projects: ProjectStore
  readonly keys: KeyStore
  readonly agents: AgentStore
  readonly handed: HandedStore
  readonly visits: VisitStore
  readonly once: OnceStore
  readonly sequences: SequenceStore
  readonly logs: LogStore
  readonly scripts: ScriptStore
  readonly secrets: SecretStore
  readonly audit: AuditStore
  readonly housekeeping: Housekeeping
  readonly hints: Hints
}
