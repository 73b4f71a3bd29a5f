// Keeps the door for agents: renews the leases of those heard of, and wakes those for whom something has come.

import type { Context } from '../commands/context.ts'
import { POOLS_MAX } from '../commands/lease-pools.ts'
import type { Rest } from './loop.ts'

/** Often enough that two may fail, seldom enough that a thousand idle agents cost one commit now and then. */
const RENEWALS_PER_LEASE = 6
/**
 * Sessions woken in one step for parts of their own: all those of a run lock its row one after the other, and the lease of
 * each is a commit.
 */
const EXPECTED_MAX = 100
/** Between two steps over many pools or sessions others get their turn. */
const PAUSE_MS = 50

export class Porter {
  readonly #ctx: Context
  /** Of the last pool that was looked at. */
  #after = 0
  /** Of the last session that was woken for a part of its own. */
  #afterSession = ''
  #renewedAt = Number.NEGATIVE_INFINITY

  constructor(ctx: Context) {
    this.#ctx = ctx
  }

  async tick(): Promise<Rest> {
    const { store, clock, waiting } = this.#ctx
    await this.#renew()
    if (waiting.size === 0) return null
    const now = clock.now()
    const isMore = [await this.#wakeFor(now), await this.#wakeExpected(now)].includes(true)
    waiting.wakeSessions(await store.agents.stopping())
    if (isMore) return PAUSE_MS
    const next = await store.agents.nextReadyAt(now)
    return next === null ? null : Math.max(0, next - clock.now())
  }

  /** true: there are more pools than one step takes; the next one goes on from here. */
  async #wakeFor(now: number): Promise<boolean> {
    const { store, waiting } = this.#ctx
    const pools = await store.agents.waiting(now, POOLS_MAX, this.#after)
    for (const { pool } of pools) waiting.wakeFor(pool)
    this.#after = pools.length < POOLS_MAX ? 0 : pools.at(-1)!.no
    return this.#after > 0
  }

  /** true: there are more sessions than one step takes. Busy ones keep nobody from being woken. */
  async #wakeExpected(now: number): Promise<boolean> {
    const { store, waiting } = this.#ctx
    const sessions = await store.agents.expected(now, EXPECTED_MAX, this.#afterSession)
    waiting.wakeFree(sessions)
    this.#afterSession = sessions.length < EXPECTED_MAX ? '' : sessions.at(-1)!
    return this.#afterSession !== ''
  }

  async #renew(): Promise<void> {
    const { store, clock, waiting } = this.#ctx
    const leaseMs = this.#ctx.limits.agentLeaseMs
    if (clock.monotonic() - this.#renewedAt < leaseMs / RENEWALS_PER_LEASE) return
    const seen = waiting.takeSeen()
    if (seen.length === 0) return
    try {
      await store.agents.touch(seen, clock.now(), leaseMs)
      this.#renewedAt = clock.monotonic()
    } catch (error) {
      for (const id of seen) waiting.see(id)
      throw error
    }
  }
}
