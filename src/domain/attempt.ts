// One try of a run. The row is written before the side effect and ended once; a later try is another row.

import type { Outcome, OutcomeKind } from './outcome.ts'

/** Why this attempt exists: the first, or what made a further one necessary. */
export const ATTEMPT_CAUSES = ['first', 'retry_policy', 'node_lost', 'lease_expired', 'refused'] as const
export type AttemptCause = (typeof ATTEMPT_CAUSES)[number]

export type Attempt = {
  readonly runId: string
  /** 1, 2, 3 … within the run. */
  readonly number: number
  /** Which part of the run, from 0; null: all of it. */
  readonly part: number | null
  readonly fence: number
  readonly nodeId: string
  readonly cause: AttemptCause
  readonly startedAt: number
  readonly endedAt: number | null
  readonly outcome: OutcomeKind | null
  /** The whole outcome as it was reported; null while the attempt is under way. */
  readonly detail: Outcome | null
  /** Name of the agent that carried it out; null: a server did. */
  readonly agent: string | null
  /** What was reported after it had ended otherwise: evidence, which changes nothing. */
  readonly late: LateReport | null
}

export type LateReport = { readonly at: number; readonly outcome: OutcomeKind; readonly detail: Outcome }
