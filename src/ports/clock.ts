// Time and waiting come from here and nowhere else in the core, so that a story can hold the clock by hand.

export interface Clock {
  /** Wall clock, epoch ms. Decides what is due. May jump. */
  now(): number
  /** Milliseconds that only grow. Measures how long something took. */
  monotonic(): number
  /**
   * Calls back once after `ms`. Delays are clamped to `TIMER_MAX_MS`; a caller re-arms when woken early.
   * Returns the cancel.
   */
  after(ms: number, callback: () => void): () => void
}

/** Longest single wait. Timers above 2^31 ms fire at once, and a stepped wall clock must be noticed soon. */
export const TIMER_MAX_MS = 60_000
