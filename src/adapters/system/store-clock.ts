// A cluster's clock: the store's time, carried on by the monotonic clock from one look at it to the next. A node whose
// own clock is wrong, or is set while it runs, still comes when the store says that something is due.

import type { Clock } from '../../ports/clock.ts'

/** A look is believed over a better one when that is older than this: clocks drift apart. */
const BETTER_LOOK_MS = 30_000

type Look = { readonly at: number; readonly monotonic: number; readonly roundTripMs: number }

export class StoreClock implements Clock {
  readonly #inner: Clock
  #look: Look | null = null

  constructor(inner: Clock) {
    this.#inner = inner
  }

  /** The store's time at a moment of the monotonic clock, right to within the round trip. */
  set(at: number, monotonic: number, roundTripMs: number): void {
    const best = this.#look
    const believed = best === null ? 0 : best.at + monotonic - best.monotonic
    const keeps =
      best !== null &&
      best.roundTripMs < roundTripMs &&
      Math.abs(believed - at) <= roundTripMs &&
      monotonic - best.monotonic < BETTER_LOOK_MS
    if (!keeps) this.#look = { at, monotonic, roundTripMs }
  }

  now(): number {
    if (this.#look === null) return this.#inner.now()
    return Math.floor(this.#look.at + this.#inner.monotonic() - this.#look.monotonic)
  }

  monotonic(): number {
    return this.#inner.monotonic()
  }

  after(ms: number, callback: () => void): () => void {
    return this.#inner.after(ms, callback)
  }
}
