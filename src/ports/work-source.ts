// Where a runner gets its work and reports it. Two exist: commands directly (inside the server) and the sdk over
// REST (a far agent); the runner is the same.

import type { Dispatched, Outcome } from '../domain/outcome.ts'
import type { Work } from './store.ts'

export type Completion = {
  readonly work: Work
  readonly outcome: Outcome
  readonly endedAt: number
  /** Whoever works on it outside knows better, if it has spoken. */
  readonly inDoubt?: true
}

/** What the runner reports: the end of an attempt, or that someone outside goes on with it. */
export type Carried = { readonly work: Work; readonly outcome: Dispatched; readonly endedAt: number }

export interface WorkSource {
  readonly nodeId: string
  /** Is what was leased here still ours to carry out? Asked right before an attempt leaves. */
  holds(): boolean
  /** Leases runs that are ready, as many as fit into `slots` (see slotShare). */
  lease(slots: number): Promise<readonly Work[]>
  /** All that is leased here, as the other side has it: also what we were not told of, as the answer was lost. */
  held(): Promise<readonly Work[]>
  /** When to ask again: ms from now, 0 for at once; null: only a nudge or the poll. */
  nextIn(): Promise<number | null>
  /** Ends attempts, or hands them over. Stale ones are dropped by the other side. */
  report(carried: readonly Carried[]): Promise<void>
  /** Runs leased here whose end was asked for. */
  cancelling(): Promise<readonly string[]>
}
