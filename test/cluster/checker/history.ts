// What happened, as everyone who was there wrote it down: the clients, the sink, whoever injected the faults, and the
// book the store holds in the end. Plain data: it comes from real processes or from a simulator. All times are epoch
// milliseconds of one clock, that of the machine (or of the simulated world), never of a node under test.

import type { Attempt } from '../../../src/domain/attempt.ts'
import type { Effect } from '../../../src/domain/effect.ts'
import type { Gap } from '../../../src/domain/gap.ts'
import type { Job } from '../../../src/domain/job.ts'
import type { PolicySpec } from '../../../src/domain/policy.ts'
import type { Run } from '../../../src/domain/run.ts'
import type { ScheduleSpec } from '../../../src/domain/schedule/schedule-types.ts'

export type Draft = {
  readonly schedule: ScheduleSpec
  readonly policy?: PolicySpec
  /** Present: whoever it names must be told how each run ended. */
  readonly callback?: unknown
}

/** Something a client asked for, repeats under the same key included: from the first try to the last answer. */
export type Call = {
  readonly by: string
  readonly asks: 'create' | 'edit' | 'pause' | 'resume' | 'delete' | 'trigger' | 'cancel'
  readonly job: string
  readonly from: number
  readonly to: number
  /** `ok`: it must hold. `refused`: it must not be there. `unknown`: no answer came; either is right. */
  readonly answer: 'ok' | 'refused' | 'unknown'
  readonly key?: string
  /** What was asked for, of `create` and `edit`. */
  readonly draft?: Draft
  /** What the answer said. `at`: when the server made the change (createdAt, updatedAt, pause.at). */
  readonly said?: { readonly jobId?: string; readonly runId?: string; readonly at?: number }
  /** What the answer to a repeat under the same key said, if it was repeated. */
  readonly saidAgain?: { readonly jobId?: string; readonly runId?: string }
}

/** A run that arrived at the sink. */
export type Ring = {
  readonly at: number
  /** When it was answered, or broken off; null: neither was seen. */
  readonly until: number | null
  /** The job it was for, as the sink knows it from the address called. */
  readonly job: string
  /** What the request said of itself. */
  readonly runId: string
  readonly attempt: number
  readonly fence: number
  readonly dueAt: number
}

/** A callback that arrived. */
export type Told = {
  readonly at: number
  readonly id: string
  readonly runId: string
  readonly status: string
}

/** A process that began to work under an identity. */
export type NodeStart = { readonly node: string; readonly nodeId: string; readonly at: number }

export const FAULT_KINDS = [
  'kill',
  'stop',
  'pause',
  'stall',
  'cut',
  'half-open',
  'one-way',
  'reset',
  'slow',
  'clock',
  'restart',
  'backend-kill',
  'store-restart',
  'store-kill',
  'failover',
  'all-down',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export type Fault = {
  readonly kind: FaultKind
  /** The node it hits; null: the store, or all nodes at once. */
  readonly node: string | null
  readonly from: number
  readonly to: number
}

/** What the store holds when all is over. */
export type Book = {
  readonly readAt: number
  readonly jobs: readonly Job[]
  readonly runs: readonly Run[]
  readonly attempts: readonly Attempt[]
  readonly gaps: readonly Gap[]
  readonly effects: readonly Effect[]
}

/** A process that did not do what it was told: it did not stop, or stopped with an error. */
export type Incident = { readonly node: string; readonly at: number; readonly says: string }

export type Limits = {
  /** How late an instant may ring while nothing is wrong. */
  readonly onTimeMs: number
  /** How long after a node is hit others have taken over all that was its own. */
  readonly takeoverMs: number
  /** How long after the store is back all that is owed has been rung or decided. */
  readonly recoverMs: number
  /** How long after its attempt has ended in the book a request may still arrive. */
  readonly inFlightMs: number
}

export type Counts = {
  /** Requests that clients had to send again. */
  readonly repeats: number
  /** Writes refused because their fence was no longer the live one. */
  readonly staleWrites: number
}

export type History = {
  readonly calls: readonly Call[]
  readonly rings: readonly Ring[]
  readonly told: readonly Told[]
  readonly starts: readonly NodeStart[]
  readonly faults: readonly Fault[]
  readonly incidents: readonly Incident[]
  readonly book: Book
  readonly limits: Limits
  /** Counted while it happened, where somebody counted. */
  readonly counts?: Counts
}
