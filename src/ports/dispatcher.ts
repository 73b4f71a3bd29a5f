// How an attempt reaches the outside. Implemented in dispatch/, used by the runner and the courier.

import type { Callback } from '../domain/effect.ts'
import type { Listening } from '../domain/handed-over.ts'
import type { Dispatched } from '../domain/outcome.ts'
import type { TargetRules } from '../domain/target-rules.ts'
import type { StopSignal } from './stop.ts'
import type { Work } from './store.ts'

export interface Dispatcher {
  /**
   * Carries out one attempt and says how it went. Never throws: whatever breaks is an outcome.
   * An aborted signal ends as `cancelled`. Enforces the deadline itself.
   */
  dispatch(work: Work, signal: StopSignal): Promise<Dispatched>
  /**
   * Carries out several attempts that share an endpoint as one request; one outcome for each, in order.
   */
  dispatchBatch(batch: readonly Work[], signal: StopSignal): Promise<Dispatched[]>
  /**
   * How works may travel together: works with the same non-null key may share one request.
   * null: on its own.
   */
  batchKey(work: Work): string | null
}

/** Reaches those who work on what was handed over as a message. */
export interface StopTeller {
  /** That its end was asked for. Never throws. false: it could not be told now; it is tried again. */
  tellStop(work: Work, signal: StopSignal): Promise<boolean>
  listening(work: Work): Listening
}

export type DeliveryResult = {
  readonly ok: boolean
  readonly status: number | null
  readonly message: string
}

export interface Notifier {
  /** Tells one callback. Never throws. `id` is stable over all tries, so that a receiver can drop repeats. */
  notify(
    delivery: {
      id: string
      callback: Callback
      body: string
      timeoutMs: number
      /** Whom the project may call, where that is not what all may. */
      targets?: TargetRules
    },
    signal: AbortSignal,
  ): Promise<DeliveryResult>
}
