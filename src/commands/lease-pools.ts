// Work for a session: leased when it is there, waited for when it is not.

import type { Agent } from '../domain/agent.ts'
import { mayTake, type Pool, serves } from '../domain/pool.ts'
import type { WaitingPool } from '../ports/agent-store.ts'
import type { Work } from '../ports/store.ts'
import type { Context } from './context.ts'
import { runEvent } from './events.ts'
import { withRevealed } from './secret/reveal-secrets.ts'
import type { Leaving, Wait, Waiter, Waits } from './waiting-agents.ts'

/** Pools looked at in one step. */
export const POOLS_MAX = 1_000
/** Steps on the way to one that this agent serves: as many pools that nobody serves keep nobody from its own. */
const STEPS_MAX = 20

export type LeaseRequest = {
  readonly sessionId: string
  readonly slots: number
  /** It knows already that these are to stop. */
  readonly stopping: readonly string[]
  readonly waitMs: number
}

export type Leased = {
  readonly works: readonly Work[]
  /** Runs it carries out that are to stop. */
  readonly stop: readonly string[]
  readonly draining: boolean
}

export async function leasePools(
  ctx: Context,
  lessee: Lessee,
  request: LeaseRequest,
): Promise<Leased | LeaseWait> {
  const agent = await lessee.agent()
  const first = await leaseNow(ctx, agent, request)
  return !isEmpty(first) || request.waitMs === 0 ? first : new LeaseWait(ctx, lessee, request, agent)
}

/** Who leases. */
export interface Lessee {
  /** As it is now. Throws when this session counts no more. */
  agent(): Promise<Agent>
}

/** There is nothing yet; how it is waited for. Whoever waits keeps this and nothing else. */
export class LeaseWait {
  readonly #ctx: Context
  readonly #lessee: Lessee
  readonly #request: LeaseRequest
  readonly #waiter: Waiter
  readonly #draining: boolean

  constructor(ctx: Context, lessee: Lessee, request: LeaseRequest, agent: Agent) {
    const { sessionId, slots } = request
    this.#ctx = ctx
    this.#lessee = lessee
    this.#request = request
    this.#draining = agent.draining
    this.#waiter = { ...pick(agent), sessionId, agentId: agent.id, slots: agent.draining ? 0 : slots }
  }

  async until(signal: Leaving): Promise<Leased> {
    const woken = await this.#ctx.waiting.wait(this.#waiter, this.#ms, signal)
    return this.end(woken && !signal.aborted)
  }

  /** null: too many of this session wait already. */
  begin(waits: Waits): Wait | null {
    return this.#ctx.waiting.begin(this.#waiter, this.#ms, waits)
  }

  /** What there is when it is over. The store is asked only for one that was woken. */
  async end(woken: boolean): Promise<Leased> {
    if (!woken) return { ...NOTHING, draining: this.#draining }
    return leaseNow(this.#ctx, await this.#lessee.agent(), this.#request)
  }

  /** Those who came together, after a start perhaps, do not all come back together. */
  get #ms(): number {
    return this.#request.waitMs * (0.75 + 0.25 * this.#ctx.chance.random())
  }
}

const NOTHING: Leased = { works: [], stop: [], draining: false }

async function leaseNow(ctx: Context, agent: Agent, request: LeaseRequest): Promise<Leased> {
  const { sessionId, stopping } = request
  const slots = agent.draining ? 0 : request.slots
  const claimed = slots > 0 ? await claim(ctx, agent, sessionId, slots) : []
  const works = await Promise.all(claimed.map((work) => withRevealed(ctx, work)))
  const stop = (await ctx.store.runs.cancelling(sessionId)).filter((id) => !stopping.includes(id))
  return { works, stop, draining: agent.draining }
}

async function claim(ctx: Context, agent: Agent, sessionId: string, slots: number): Promise<Work[]> {
  const now = ctx.clock.now()
  const served = await servedPools(ctx, agent, now)
  // A part of a run may wait for it alone.
  if (served.length === 0 && !(await ctx.store.agents.isExpected(now, sessionId))) return []
  const pools = new Map(served.map(({ no, pool }) => [no, pool]))
  const passedOver = new Set<Pool>()
  const { works, missed } = await ctx.store.agents.claim(
    { now, sessionId, slots, pools: [...pools.keys()] },
    (offer, no) => {
      const pool = pools.get(no)!
      const mine = mayTake(offer, agent.id, () => ctx.waiting.isFree(pool, agent.id), now)
      if (!mine) passedOver.add(pool)
      return mine
    },
    (no) => ctx.waiting.isFree(pools.get(no)!, agent.id),
  )
  for (const pool of passedOver) ctx.waiting.wakeFor(pool, agent.id)
  ctx.events.publish([...missed, ...works.map(({ run }) => run)].map((run) => runEvent(run, now)))
  if (missed.length > 0) ctx.nudge.courier()
  // There may be more than this one took.
  if (works.length > 0) ctx.nudge.runner()
  return works
}

async function servedPools({ store }: Context, agent: Agent, now: number): Promise<readonly WaitingPool[]> {
  let after = 0
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const waiting = await store.agents.waiting(now, POOLS_MAX, after)
    const served = waiting.filter(({ pool }) => serves(agent, pool))
    if (served.length > 0 || waiting.length < POOLS_MAX) return served
    after = waiting.at(-1)!.no
  }
  return []
}

function pick({ labels, projectIds }: Agent): Pick<Agent, 'labels' | 'projectIds'> {
  return { labels, projectIds }
}

function isEmpty({ works, stop }: Leased): boolean {
  return works.length === 0 && stop.length === 0
}
