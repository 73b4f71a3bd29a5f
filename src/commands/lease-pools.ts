// Work for a session: leased when it is there, waited for when it is not.

import type { Agent } from '../domain/agent.ts'
import { mayTake, type Pool, serves } from '../domain/pool.ts'
import type { WaitingPool } from '../ports/agent-store.ts'
import type { Work } from '../ports/store.ts'
import type { Context } from './context.ts'
import { runEvent } from './events.ts'
import type { Leaving } from './waiting-agents.ts'

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

/** `reload` reads the agent as it is now, and throws when this session counts no more. */
export async function leasePools(
  ctx: Context,
  reload: () => Promise<Agent>,
  request: LeaseRequest,
  signal: Leaving,
): Promise<Leased> {
  const agent = await reload()
  const first = await leaseNow(ctx, agent, request)
  if (!isEmpty(first) || request.waitMs === 0) return first
  const { sessionId, slots, waitMs } = request
  const waiter = { ...pick(agent), sessionId, agentId: agent.id, slots: agent.draining ? 0 : slots }
  const woken = await ctx.waiting.wait(waiter, apart(ctx, waitMs), signal)
  if (!woken || signal.aborted) return { ...NOTHING, draining: agent.draining }
  return leaseNow(ctx, await reload(), request)
}

/** Those who came together, after a start perhaps, do not all come back together. */
function apart({ chance }: Context, waitMs: number): number {
  return waitMs * (0.75 + 0.25 * chance.random())
}

const NOTHING: Leased = { works: [], stop: [], draining: false }

async function leaseNow(ctx: Context, agent: Agent, request: LeaseRequest): Promise<Leased> {
  const { sessionId, stopping } = request
  const slots = agent.draining ? 0 : request.slots
  const works = slots > 0 ? await claim(ctx, agent, sessionId, slots) : []
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
      const mine = mayTake(offer, agent.id, ctx.waiting.isFree(pool, agent.id), now)
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
