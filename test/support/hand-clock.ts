// A clock held by hand: it stands still until it is moved. What is due by then happens in order, each thing with all
// that follows from it at once. The wall clock can be stepped without time passing, as an operator or NTP would.

import { type Clock, TIMER_MAX_MS } from '../../src/ports/clock.ts'

type Waiting = { readonly at: number; readonly callback: () => void }

/** More than this without time passing is a loop that never rests. */
const STEPS_PER_MOMENT_MAX = 10_000

export class HandClock implements Clock {
  #wall: number
  #monotonic = 0
  #waiting: Waiting[] = []

  constructor(now: number) {
    this.#wall = now
  }

  now(): number {
    return this.#wall
  }

  /** How many callbacks wait for their time. */
  get waiting(): number {
    return this.#waiting.length
  }

  monotonic(): number {
    return this.#monotonic
  }

  after(ms: number, callback: () => void): () => void {
    const entry = { at: this.#monotonic + Math.max(0, Math.min(ms, TIMER_MAX_MS)), callback }
    this.#waiting.push(entry)
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry)
    }
  }

  /** The clock as one process sees it: when that process dies, nothing it waits for happens any more. */
  ofProcess(life: AbortSignal): Clock {
    return {
      now: () => this.now(),
      monotonic: () => this.monotonic(),
      after: (ms, callback) => this.after(ms, () => life.aborted || callback()),
    }
  }

  /** The wall clock is set; no time passes. */
  step(ms: number): void {
    this.#wall += ms
  }

  /** Lets time pass. `settled` waits until nothing more follows from what has happened. */
  async advance(ms: number, settled: () => Promise<void>): Promise<void> {
    const end = this.#monotonic + ms
    let steps = 0
    await settled()
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#waiting = this.#waiting.filter((other) => other !== next)
      steps = next.at > this.#monotonic ? 0 : steps + 1
      if (steps > STEPS_PER_MOMENT_MAX) throw new Error('something goes round and round without resting')
      this.#pass(next.at)
      next.callback()
      await settled()
    }
    this.#pass(end)
  }

  #pass(monotonic: number): void {
    const ms = Math.max(0, monotonic - this.#monotonic)
    this.#monotonic += ms
    this.#wall += ms
  }

  #next(end: number): Waiting | undefined {
    let first: Waiting | undefined
    for (const entry of this.#waiting) {
      if (entry.at <= end && (first === undefined || entry.at < first.at)) first = entry
    }
    return first
  }
}
