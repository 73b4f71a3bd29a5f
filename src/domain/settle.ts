// settle(): what follows from an outcome: done, or retry at, and under which cause. Pure.

import type { AttemptCause } from './attempt.ts'

/**
 * What the store writes when an attempt has ended, under the attempt's fence. Whoever must be told of a final
 * run is written in the same transaction (see isTold in effect.ts).
 */
export type Settlement =
  | {
      readonly kind: 'done'
      readonly status: 'succeeded' | 'failed' | 'cancelled' | 'unknown'
      readonly message: string
    }
  | {
      readonly kind: 'retry'
      readonly readyAt: number
      readonly cause: AttemptCause
      readonly message: string
    }
