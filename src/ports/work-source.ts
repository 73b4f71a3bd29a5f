// Where a runner gets its work and reports it. Two exist: commands directly (inside the server) and the sdk over
// REST (a far agent); the runner is the same.

import type { Outcome } from '../domain/outcome.ts'
import type { Work } from './store.ts'

export type Completion = { readonly work: Work; readonly outcome: Outcome; readonly endedAt: number }

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
  /** Ends attempts. Stale ones are dropped by the other side. */
  report(completions: readonly Completion[]): Promise<void>
  /** Runs leased here whose end was asked for. */
  cancelling(): Promise<readonly string[]>
}
