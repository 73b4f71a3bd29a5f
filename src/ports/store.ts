// What the core needs from a database. Methods are steps of the flow, each one transaction; the domain
// decides, the store compares and sets. All take arrays where more than one can come.
//
// Times are epoch milliseconds. Steps take `now` from the caller's clock; a store with a clock of its own
// (a cluster's database) replaces it and tells a decision which `now` counts. A lost race is an answer (false, null, a
// shorter list), never an exception. Foreign failures (disk full, connection lost) are thrown as StoreUnavailable.

import type { KeyStore, OnceStore, ProjectStore, VisitStore } from './access-stores.ts'
import type { AgentStore } from './agent-store.ts'
import type { AuditStore } from './audit-store.ts'
import type { HandedStore } from './handed-store.ts'
import type { Housekeeping, SequenceStore } from './housekeeping.ts'
import type { JobStore } from './job-store.ts'
import type { LogStore } from './log-store.ts'
import type { Hints, NodeStore } from './node-store.ts'
import type { OutboxStore } from './outbox-store.ts'
import type { RunStore } from './run-store.ts'
import type { ScriptStore } from './script-store.ts'
import type { SecretStore } from './secret-store.ts'

export type { KeyChange, KeyStore, Once, OnceStore, ProjectStore, VisitStore } from './access-stores.ts'
export type { AuditFilter, AuditStore } from './audit-store.ts'
export type { Discarded, Housekeeping, Retention, SequenceStore, SweepReport } from './housekeeping.ts'
export type {
  AddJobsResult,
  DueJob,
  JobChange,
  JobChangeReport,
  JobFilter,
  JobStore,
  JobsQuota,
  PlanReport,
} from './job-store.ts'
export type { LogStore } from './log-store.ts'
export type { Hint, Hints, NodeStart, NodeStore, Renewal } from './node-store.ts'
export type { OutboxStore } from './outbox-store.ts'
export type { Page, PageRequest } from './page.ts'
export type {
  RunFilter,
  RunStore,
  SettledAttempt,
  SettleReport,
  TallyRequest,
  TallyStep,
} from './run-store.ts'
export type { ScriptStore } from './script-store.ts'
export type { SealedSecret, SecretStore } from './secret-store.ts'
export type { LostWork, Part, Work } from './work.ts'

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
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
