// Waits, so that nobody else has to. A loop runs its tick, then rests until the tick's own time, a nudge or the
// poll interval, whichever comes first. A nudge during a tick is remembered: the loop goes round once more.

import type { Clock } from '../ports/clock.ts'

/** 0: there is more to do now. A number: look again after so many ms. null: only the poll brings me back. */
export type Rest = number | null
export type Tick = () => Promise<Rest>

export type LoopOptions = {
  readonly name: string
  readonly clock: Clock
  readonly tick: Tick
  /** The longest rest. A hint may be lost, the poll may not. */
  readonly pollMs: number
  readonly onError: (name: string, error: unknown) => void
}

const ERROR_REST_MIN_MS = 100
const ERROR_REST_MAX_MS = 10_000

export class Loop implements AsyncDisposable {
  readonly #options: LoopOptions
  #stopped = false
  #nudged = false
  #cancelWait: (() => void) | null = null
  #wake: (() => void) | null = null
  #running: Promise<void> | null = null
  #errors = 0

  constructor(options: LoopOptions) {
    this.#options = options
  }

  start(): this {
    this.#running ??= this.#run()
    return this
  }

  nudge(): void {
    this.#nudged = true
    this.#wake?.()
  }

  /** No new tick begins; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#wake?.()
    await this.#running
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#nudged = false
      const rest = await this.#tick()
      if (this.#stopped) return
      await this.#rest(this.#nudged ? 0 : rest)
    }
  }

  async #tick(): Promise<number> {
    try {
      const rest = await this.#options.tick()
      this.#errors = 0
      return Math.max(0, Math.min(rest ?? this.#options.pollMs, this.#options.pollMs))
    } catch (error) {
      this.#options.onError(this.#options.name, error)
      this.#errors += 1
      return Math.min(ERROR_REST_MAX_MS, ERROR_REST_MIN_MS * 2 ** Math.min(this.#errors, 10))
    }
  }

  /** Even without a rest the event loop gets a turn, so that answers and timers are not starved. */
  #rest(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = (): void => {
      this.#cancelWait?.()
      this.#cancelWait = null
      this.#wake = null
      resolve()
    }
    // After an error a nudge does not cut the rest short: a broken store is not helped by being asked more often.
    if (this.#errors === 0 || this.#stopped) this.#wake = wake
    else this.#wake = () => this.#stopped && wake()
    this.#cancelWait = this.#options.clock.after(ms, wake)
    return promise
  }
}
