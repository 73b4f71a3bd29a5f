// What a simulation leaves to be judged: what was defined when, what clients asked for and heard, what arrived outside,
// and the ledger as it stands in the end.

import type { Attempt } from '../../src/domain/attempt.ts'
import type { Delivery, Effect } from '../../src/domain/effect.ts'
import type { Gap } from '../../src/domain/gap.ts'
import type { Job, JobSpec } from '../../src/domain/job.ts'
import type { Run } from '../../src/domain/run.ts'
import type { Fault, NodeStart } from '../cluster/checker/history.ts'
import type { Arrival, Tale } from './outside.ts'
import type { SimOptions } from './sim-options.ts'

/** A definition and the moment it began; it holds until the next one does. */
export type Era = {
  readonly version: number
  readonly spec: JobSpec
  readonly after: number
  /** A single moment that had just passed is owed although the edit came after it: what is due after this. */
  readonly owedAfter: number
}

/** `until`: it ends by itself. `to`: someone ended it, or gave it another end. */
export type PausedTime = { readonly from: number; readonly until: number | null; to: number | null }

export type KnownJob = {
  readonly id: string
  readonly createdAt: number
  readonly eras: Era[]
  readonly pauses: PausedTime[]
  /** Due instants after this are not owed: it was deleted. */
  deletedAfter: number | null
}

export type Op = {
  readonly client: string
  readonly asks:
    | 'create'
    | 'update'
    | 'pause'
    | 'resume'
    | 'trigger'
    | 'delete'
    | 'cancel'
    | 'retry'
    | 'redeliver'
    | 'read'
  /** Idempotency-Key, where there is one. */
  readonly key: string | null
  readonly begunAt: number
  endedAt: number
  /** `info`: no answer came, so nobody knows. */
  outcome: 'ok' | 'fail' | 'info'
  /** The job or run it was asked of. */
  readonly about: string
  /** What it was about in the end: a job or a run. */
  id: string | null
  /** The code of a refusal. */
  code: string | null
}

export type Ledgered = {
  readonly job: Job | null
  readonly runs: readonly Run[]
  readonly gaps: readonly Gap[]
  /** What a pause that lasts covers so far: written when it ends. */
  readonly paused: Gap | null
}

export type History = {
  readonly options: SimOptions
  readonly jobs: readonly KnownJob[]
  readonly ops: readonly Op[]
  readonly arrivals: readonly Arrival[]
  readonly told: readonly Tale[]
  /** By job. */
  readonly ledgers: ReadonlyMap<string, Ledgered>
  /** By run. */
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>
  readonly effects: readonly { readonly effect: Effect; readonly deliveries: readonly Delivery[] }[]
  /** Final statuses as they were first seen, by run. */
  readonly finals: ReadonlyMap<string, string>
  /** Processes and when they began, by the identity they registered. */
  readonly starts: readonly NodeStart[]
  /** What went wrong by itself or by the nemesis. */
  readonly faults: readonly Fault[]
  /** What the product itself calls a defect. */
  readonly defects: readonly string[]
  /** The store's clock in the end. */
  readonly endedAt: number
}
