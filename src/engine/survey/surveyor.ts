// Keeps the overview: counts anew when someone looks and it is old, in small steps with pauses, so that nothing that
// rings waits for it. While nobody looks it does nothing.

import type { Survey } from '../../commands/survey.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Store } from '../../ports/store.ts'
import { AheadCount } from './ahead-count.ts'
import { PastCount } from './past-count.ts'

/** Who looks waits so long for a count; then they get what is there, and are told how old it is. */
const WAIT_MAX_MS = 80
const FRESH_MS = 1_000
/** A count may take this share of the time at most. */
const SHARE_MAX = 0.1

type Part = { count(): Promise<void> }

export class Surveyor implements Survey, AsyncDisposable {
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  readonly #past: PastCount
  readonly #ahead: AheadCount
  readonly #underWay = new Map<Part, Promise<void>>()
  readonly #notBefore = new Map<Part, number>()
  #stopped = false

  constructor(store: Store, clock: Clock, onError: (error: unknown) => void) {
    this.#clock = clock
    this.#onError = onError
    const pause = (): Promise<void> => this.#pause()
    this.#past = new PastCount(store, clock, pause)
    this.#ahead = new AheadCount(store, clock, pause)
  }

  async look(projectIds: readonly string[] | null): ReturnType<Survey['look']> {
    const wait = this.#wait(WAIT_MAX_MS)
    await Promise.race([Promise.all([this.#refresh(this.#past), this.#refresh(this.#ahead)]), wait.over])
    wait.cancel()
    return { past: this.#past.read(projectIds), ahead: this.#ahead.read(projectIds) }
  }

  /** Ends a count between two steps. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#underWay.values())
  }

  #refresh(part: Part): Promise<void> {
    const running = this.#underWay.get(part)
    if (running !== undefined) return running
    const began = this.#clock.monotonic()
    if (this.#stopped || began < (this.#notBefore.get(part) ?? 0)) return Promise.resolve()
    const count = this.#count(part, began)
    this.#underWay.set(part, count)
    return count
  }

  async #count(part: Part, began: number): Promise<void> {
    try {
      await part.count()
    } catch (error) {
      if (!this.#stopped) this.#onError(error)
    } finally {
      const ended = this.#clock.monotonic()
      this.#notBefore.set(part, ended + Math.max(FRESH_MS, (ended - began) / SHARE_MAX))
      this.#underWay.delete(part)
    }
  }

  async #pause(): Promise<void> {
    if (this.#stopped) throw new Error('the survey was stopped')
    await this.#wait(0).over
  }

  #wait(ms: number): { readonly over: Promise<void>; readonly cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    return { over: promise, cancel: this.#clock.after(ms, resolve) }
  }
}
