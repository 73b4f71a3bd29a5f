// One process of a node: it runs, stands still (SIGSTOP, a long pause of its memory) or is dead. Nothing of the node
// happens but through here, so that a dead one does nothing and a stopped one does it all in one clump when it goes on.

import { type Clock, TIMER_MAX_MS } from '../../src/ports/clock.ts'
import type { Timeline } from './timeline.ts'

/**
 * What befalls it at the so-manieth writing step it asks of the store from now on: it dies before the step, or after it
 * and before the answer; or it stands still for so long when the step is done, and hears the answer after that.
 */
export type CrashPoint = { step: number; readonly when: 'before' | 'after'; readonly pauseMs: number | null }

type Held = { readonly timer: boolean; readonly act: () => void }

/** The least that a timer of Node waits. */
const TIMER_MIN_MS = 1

export class SimProcess {
  readonly name: string
  readonly clock: Clock
  crashPoint: CrashPoint | null = null
  readonly #timeline: Timeline
  readonly #onDeath: (why: string) => void
  #held: Held[] | null = null
  #dead = false

  constructor(name: string, timeline: Timeline, wall: () => number, onDeath: (why: string) => void) {
    this.name = name
    this.#timeline = timeline
    this.#onDeath = onDeath
    this.clock = {
      now: wall,
      monotonic: () => timeline.now,
      after: (ms, callback) => {
        const wait = Math.min(Math.max(TIMER_MIN_MS, Math.ceil(ms)), TIMER_MAX_MS)
        let cancelled = false
        const cancel = timeline.after(wait, () => this.#step(true, () => cancelled || callback()))
        return () => {
          cancelled = true
          cancel()
        }
      },
    }
  }

  get isDead(): boolean {
    return this.#dead
  }

  get isPaused(): boolean {
    return this.#held !== null
  }

  die(why: string): void {
    if (this.#dead) return
    this.#dead = true
    this.#held = null
    this.#onDeath(why)
  }

  pause(): void {
    if (!this.#dead) this.#held ??= []
  }

  /** What it missed comes at once: its timers first, then what arrived for it. */
  resume(): void {
    const held = this.#held ?? []
    this.#held = null
    for (const { act } of [...held.filter(({ timer }) => timer), ...held.filter(({ timer }) => !timer)]) {
      this.#timeline.after(0, () => this.#step(false, act))
    }
  }

  /** Something reaches it. */
  reach(act: () => void): void {
    this.#step(false, act)
  }

  /** Resolves when something that takes so long has come back to it; never when it has died by then. */
  comesBack(ms: number): Promise<void> {
    if (ms <= 0 && !this.#dead && this.#held === null) return Promise.resolve()
    return new Promise((resolve) => this.#timeline.after(ms, () => this.#step(false, resolve)))
  }

  #step(timer: boolean, act: () => void): void {
    if (this.#dead) return
    if (this.#held === null) act()
    else this.#held.push({ timer, act })
  }
}

/** What a dead process gets: no answer, ever. */
export function never(): Promise<never> {
  return new Promise(() => {})
}
