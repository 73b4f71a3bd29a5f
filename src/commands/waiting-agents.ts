// The agents that wait here for work, in the order they came: whoever waits longest is asked first. A hint only, kept in
// memory; what is leased, the store decides.

import { AGENT_LIMITS } from '../domain/agent.ts'
import { type Pool, type Server, serves } from '../domain/pool.ts'
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

type Waiting = { readonly waiter: Waiter; readonly wake: () => void }

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
    if (signal.aborted || (this.#polls.get(waiter.sessionId) ?? 0) >= AGENT_LIMITS.pollsMax) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const entry: Waiting = { waiter, wake: () => resolve(true) }
    const leave = (): void => resolve(false)
    this.#waiting.add(entry)
    this.#count(waiter.sessionId, 1)
    const cancel = this.#clock.after(ms, leave)
    signal.addEventListener('abort', leave)
    const woken = await promise
    signal.removeEventListener('abort', leave)
    cancel()
    this.#waiting.delete(entry)
    this.#count(waiter.sessionId, -1)
    return woken
  }

  /** Wakes the one that has waited longest of those that serve the pool and have a free slot. false: there is none. */
  wakeFor(pool: Pool, except: string | null = null): boolean {
    const first = this.#firstFor(pool, except)
    if (first === null) return false
    // Woken once: whoever comes next is another.
    this.#waiting.delete(first)
    first.wake()
    return true
  }

  /** Is another agent free for this pool? */
  isFree(pool: Pool, except: string): boolean {
    return this.#firstFor(pool, except) !== null
  }

  wakeSessions(ids: readonly string[]): void {
    const wanted = new Set(ids)
    for (const { waiter, wake } of this.#waiting) if (wanted.has(waiter.sessionId)) wake()
  }

  /** Those of them that have a free slot: there is something for them alone. */
  wakeFree(ids: readonly string[]): void {
    const wanted = new Set(ids)
    for (const { waiter, wake } of this.#waiting) if (waiter.slots > 0 && wanted.has(waiter.sessionId)) wake()
  }

  wakeAgent(agentId: string): void {
    for (const { waiter, wake } of this.#waiting) if (waiter.agentId === agentId) wake()
  }

  #firstFor(pool: Pool, except: string | null): Waiting | null {
    for (const entry of this.#waiting) {
      const { waiter } = entry
      if (waiter.slots > 0 && waiter.agentId !== except && serves(waiter, pool)) return entry
    }
    return null
  }

  #count(sessionId: string, by: 1 | -1): void {
    const polls = (this.#polls.get(sessionId) ?? 0) + by
    if (polls === 0) this.#polls.delete(sessionId)
    else this.#polls.set(sessionId, polls)
  }
}
