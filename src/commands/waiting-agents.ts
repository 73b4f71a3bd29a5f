// The agents that wait here for work, in the order they came: whoever waits longest is asked first. A hint only, kept in
// memory; what is leased, the store decides.

import { AGENT_LIMITS } from '../domain/agent.ts'
import { type Pool, type Server, serving } from '../domain/pool.ts'
import { RecentlyUsed } from '../domain/recently-used.ts'
import type { Clock } from '../ports/clock.ts'

export type Waiter = Server & { readonly sessionId: string; readonly agentId: string; readonly slots: number }

/** As much of an AbortSignal as is needed: ten thousand of those would be felt. */
export interface Leaving {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Attempts that are remembered as overlong; of more than these the oldest get more time. */
const OVERLONG_MAX = 10_000

/** Is told once when a wait is over: `woken`: there may be something; else its time has passed. */
export interface Waits {
  over(woken: boolean): void
}

/** One that waits. An object and no closures: ten thousand of these are felt. */
class Waiting {
  readonly waiter: Waiter
  readonly #waits: Waits
  readonly #left: (waiting: Waiting) => void
  readonly #cancel: () => void
  #open = true

  constructor(waiter: Waiter, waits: Waits, clock: Clock, ms: number, left: (waiting: Waiting) => void) {
    this.waiter = waiter
    this.#waits = waits
    this.#left = left
    this.#cancel = clock.after(ms, () => this.#close(false))
  }

  wake(): void {
    this.#close(true)
  }

  /** Nobody waits any more; who has waited is not told. */
  end(): boolean {
    if (!this.#open) return false
    this.#open = false
    this.#cancel()
    this.#left(this)
    return true
  }

  #close(woken: boolean): void {
    if (this.end()) this.#waits.over(woken)
  }
}

export type Wait = Pick<Waiting, 'end'>

export class WaitingAgents {
  readonly #clock: Clock
  readonly #waiting = new Set<Waiting>()
  readonly #polls = new Map<string, number>()
  readonly #overlong = new RecentlyUsed<string, number>(OVERLONG_MAX)
  #seen = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#waiting.size
  }

  /** For how long an attempt has been told of since its time was up, counted from the first asking. */
  overlongMs({ id, fence }: { readonly id: string; readonly fence: number }): number {
    const key = `${id} ${fence}`
    const now = this.#clock.monotonic()
    const since = this.#overlong.get(key) ?? now
    this.#overlong.set(key, since)
    return now - since
  }

  /** A session has been heard of: its lease is to be renewed. */
  see(sessionId: string): void {
    this.#seen.add(sessionId)
  }

  /** Those heard of since the last call. */
  takeSeen(): readonly string[] {
    const seen = [...this.#seen]
    this.#seen = new Set()
    return seen
  }

  /**
   * true: woken, so there may be something. false: `ms` are over, the caller has left, or too many of this session wait
   * already.
   */
  async wait(waiter: Waiter, ms: number, signal: Leaving): Promise<boolean> {
    const { promise, resolve: over } = Promise.withResolvers<boolean>()
    const wait = signal.aborted ? null : this.begin(waiter, ms, { over })
    if (wait === null) return false
    const leave = (): void => {
      wait.end()
      over(false)
    }
    signal.addEventListener('abort', leave)
    const woken = await promise
    signal.removeEventListener('abort', leave)
    return woken
  }

  /** null: too many of this session wait already. */
  begin(waiter: Waiter, ms: number, waits: Waits): Wait | null {
    if ((this.#polls.get(waiter.sessionId) ?? 0) >= AGENT_LIMITS.pollsMax) return null
    const waiting = new Waiting(waiter, waits, this.#clock, ms, this.#left)
    this.#waiting.add(waiting)
    this.#count(waiter.sessionId, 1)
    return waiting
  }

  readonly #left = (waiting: Waiting): void => {
    this.#waiting.delete(waiting)
    this.#count(waiting.waiter.sessionId, -1)
  }

  /** Wakes the one that has waited longest of those that serve the pool and have a free slot. false: there is none. */
  wakeFor(pool: Pool, except: string | null = null): boolean {
    const first = this.#firstFor(pool, except)
    if (first === null) return false
    // Woken once: whoever comes next is another.
    first.wake()
    return true
  }

  /** Is another agent free for this pool? */
  isFree(pool: Pool, except: string): boolean {
    return this.#firstFor(pool, except) !== null
  }

  wakeSessions(ids: readonly string[]): void {
    if (ids.length === 0) return
    const wanted = new Set(ids)
    for (const one of this.#waiting) if (wanted.has(one.waiter.sessionId)) one.wake()
  }

  /** Those of them that have a free slot: there is something for them alone. */
  wakeFree(ids: readonly string[]): void {
    if (ids.length === 0) return
    const wanted = new Set(ids)
    for (const one of this.#waiting) {
      if (one.waiter.slots > 0 && wanted.has(one.waiter.sessionId)) one.wake()
    }
  }

  wakeAgent(agentId: string): void {
    for (const one of this.#waiting) if (one.waiter.agentId === agentId) one.wake()
  }

  #firstFor(pool: Pool, except: string | null): Waiting | null {
    const mayServe = serving(pool)
    for (const entry of this.#waiting) {
      const { waiter } = entry
      if (waiter.slots > 0 && waiter.agentId !== except && mayServe(waiter)) return entry
    }
    return null
  }

  #count(sessionId: string, by: 1 | -1): void {
    const polls = (this.#polls.get(sessionId) ?? 0) + by
    if (polls === 0) this.#polls.delete(sessionId)
    else this.#polls.set(sessionId, polls)
  }
}
