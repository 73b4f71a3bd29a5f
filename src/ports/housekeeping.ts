// What is nobody's work in particular: forgetting in time, blobs nobody names, values that all servers share.

import type { JobStatus } from '../domain/job.ts'

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
  /** All of them: few, and one more with each month that tokens are made in. */
  secrets(): Promise<readonly { readonly name: string; readonly value: string }[]>
  /** Writes it in another way. false: it is not `before` any more. */
  rewriteSecret(name: string, before: string, after: string): Promise<boolean>
  /** Says, in a few words, what a write that is acknowledged survives. Throws StoreUnavailable when none would be. */
  ping(): Promise<string>
  stats(): Promise<{ jobs: Record<JobStatus, number>; openRuns: number; pendingEffects: number }>
}
