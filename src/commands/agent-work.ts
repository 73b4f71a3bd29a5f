// The run protocol of agents: lease, beat, report. Every word from a session keeps its lease; only what it holds under
// the live fence is its to report.

import { AGENT_LIMITS, type Agent } from '../domain/agent.ts'
import type { ApiKey, Principal } from '../domain/api-key.ts'
import { EXECUTION_LIMITS } from '../domain/command-target.ts'
import { parseDuration } from '../domain/duration.ts'
import { AppError } from '../domain/errors.ts'
import type { News } from '../domain/news.ts'
import type { Outcome } from '../domain/outcome.ts'
import { resolvePolicy } from '../domain/policy.ts'
import { executionOf } from '../domain/target.ts'
import type { Held } from '../ports/agent-store.ts'
import type { Work } from '../ports/store.ts'
import type { Completion } from '../ports/work-source.ts'
import { sessionAgent } from './agent-session.ts'
import type { Context } from './context.ts'
import { type Leased, type LeaseRequest, LeaseWait, type Lessee, leasePools } from './lease-pools.ts'
import { reportCompletions } from './report-completion.ts'
import type { Leaving } from './waiting-agents.ts'

function isOfAgent({ revokedAt, expiresAt, scopes }: ApiKey, now: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now) && scopes.includes('agent')
}

export async function leaseForSession(
  ctx: Context,
  who: Principal,
  request: LeaseRequest,
  signal: Leaving,
): Promise<Leased> {
  const found = await leaseOrWait(ctx, who, request)
  return found instanceof LeaseWait ? found.until(signal) : found
}

export async function leaseOrWait(
  ctx: Context,
  who: Principal,
  request: LeaseRequest,
): Promise<Leased | LeaseWait> {
  const waitMs = Math.min(request.waitMs, AGENT_LIMITS.waitMaxMs)
  return leasePools(ctx, new SessionLessee(ctx, who, request.sessionId), { ...request, waitMs })
}

class SessionLessee implements Lessee {
  readonly #ctx: Context
  readonly #who: Principal
  readonly #sessionId: string

  constructor(ctx: Context, who: Principal, sessionId: string) {
    this.#ctx = ctx
    this.#who = who
    this.#sessionId = sessionId
  }

  async agent(): Promise<Agent> {
    // It may have waited for long, and its key been revoked or changed meanwhile. An agent inside the server has none.
    const key = await this.#ctx.store.keys.get(this.#who.id)
    if (key !== null && !isOfAgent(key, this.#ctx.clock.now())) {
      throw new AppError('forbidden', 'The key of this agent was revoked, or may do less now. Join again.')
    }
    return sessionAgent(this.#ctx, this.#who, this.#sessionId)
  }
}

export type Beat = {
  /** Of those it named: runs that are to stop. */
  readonly stop: readonly string[]
  /** Of those it named: attempts that are no longer its own. Whatever becomes of them changes nothing. */
  readonly gone: readonly Held[]
}

/**
 * An answer with work has arrived by then, or never does: nobody waits longer for one than a long poll and ten seconds. A
 * beat that says it is not there was itself under way for fifteen seconds at most.
 */
const ARRIVES_WITHIN_MS = AGENT_LIMITS.waitMaxMs + 25_000

/** What an attempt it holds tells of itself. */
export type AttemptSays = Held & News

/** `held` is everything the session has: what was leased to it and never arrived there is found out and goes elsewhere. */
export async function beat(
  ctx: Context,
  who: Principal,
  sessionId: string,
  held: readonly Held[],
  news: readonly AttemptSays[] = [],
): Promise<Beat> {
  // What is leased while this is being answered was not there to be named.
  const arrivedAt = ctx.clock.now()
  await sessionAgent(ctx, who, sessionId)
  const found = await ownWorks(ctx, sessionId, held)
  await giveBack(ctx, sessionId, held, arrivedAt)
  await keepNews(ctx, sessionId, news)
  const overlong = await endOverlong(ctx, found)
  const works = found.map((work) => (work === null || overlong.has(work) ? null : work))
  const gone = held.filter((_, position) => works[position] === null)
  const stop = works.flatMap((work) => (work?.run.status === 'cancelling' ? [work.run.id] : []))
  return { stop, gone }
}

export type Report = Held & {
  readonly outcome: Outcome
  /** How long ago it ended, by the reporter's own measure: its wall clock may be wrong. */
  readonly agoMs: number
}

/** In order of the input: did it count? false: it came too late, and is kept as evidence. */
export async function reportForSession(
  ctx: Context,
  who: Principal,
  sessionId: string,
  reports: readonly Report[],
): Promise<readonly boolean[]> {
  await sessionAgent(ctx, who, sessionId)
  const now = ctx.clock.now()
  const works = await ownWorks(ctx, sessionId, reports)
  const completions: Completion[] = []
  for (const [position, { outcome, agoMs }] of reports.entries()) {
    const work = works[position]
    if (work === null || work === undefined) continue
    completions.push({ work, outcome, endedAt: Math.max(work.attempt.startedAt, now - agoMs) })
  }
  const runs = await reportCompletions(ctx, completions)
  const counted = new Set(completions.filter((_, n) => runs[n] !== null).map(({ work }) => work))
  const late = reports.filter((_, position) => works[position] === null)
  await ctx.store.agents.keepLate(
    late.map((report) => ({ ...report, sessionId })),
    now,
  )
  return works.map((work) => work !== null && counted.has(work))
}

/** An attempt whose time is up is still named by its agent for so long: then nothing more is waited for. */
const REPORTED_WITHIN_MS = 60_000

/**
 * An agent that never ends what has run out of time does not keep it: it is cut off here, and what it says of it is late. Its
 * beats must have named it for a while: after a time without a server its report may be just on the way.
 */
async function endOverlong(ctx: Context, works: readonly (Work | null)[]): Promise<ReadonlySet<Work>> {
  const now = ctx.clock.now()
  const late = works.filter((work) => work !== null && now >= timeUpAt(work))
  const given = await givenUntil(ctx, late)
  const overlong = late.filter(
    (work) => now >= given(work!) && ctx.waiting.overlongMs(work!.run) >= REPORTED_WITHIN_MS,
  )
  const completions = overlong.map((work): Completion => {
    const message = 'its agent did not end it when its time was up'
    return { work: work!, outcome: { kind: 'timeout', message, reached: 'maybe' }, endedAt: now }
  })
  await reportCompletions(ctx, completions)
  return new Set(completions.map(({ work }) => work))
}

async function keepNews(ctx: Context, sessionId: string, news: readonly AttemptSays[]): Promise<void> {
  if (news.length === 0) return
  const now = ctx.clock.now()
  const own = await ownWorks(ctx, sessionId, news)
  const tidings = news
    .filter((_, position) => own[position] !== null)
    .map(({ extendMs, ...told }) => (extendMs === undefined ? told : { ...told, endsBy: now + extendMs }))
  await ctx.store.agents.tell(tidings, now)
}

/** Until when those that have run out of time may go on nevertheless. */
async function givenUntil(ctx: Context, works: readonly (Work | null)[]): Promise<(work: Work) => number> {
  if (works.length === 0) return () => 0
  const told = await ctx.store.agents.told(works.map((work) => work!.run.id))
  const until = new Map(told.map(({ runId, fence, endsBy }) => [`${runId} ${fence}`, endsBy]))
  return (work) => {
    const endsBy = until.get(`${work.run.id} ${work.run.fence}`) ?? null
    return endsBy === null ? 0 : endsBy + killAfterMsOf(work)
  }
}

function timeUpAt(work: Work): number {
  const { timeoutMs } = resolvePolicy(work.spec.policy)
  return timeoutMs === null
    ? Number.POSITIVE_INFINITY
    : work.attempt.startedAt + timeoutMs + killAfterMsOf(work)
}

function killAfterMsOf({ spec }: Work): number {
  const killAfter = executionOf(spec.target)?.killAfter
  return parseDuration(killAfter ?? '') ?? EXECUTION_LIMITS.killAfterDefaultMs
}

async function giveBack(
  ctx: Context,
  sessionId: string,
  held: readonly Held[],
  arrivedAt: number,
): Promise<void> {
  const leased = await ctx.store.agents.heldBy(sessionId, arrivedAt - ARRIVES_WITHIN_MS)
  const known = new Set(held.map(({ runId, fence }) => `${runId} ${fence}`))
  const outcome = { kind: 'lost', message: 'it never arrived at its agent', reached: 'no' } as const
  const strays = leased.filter(({ run }) => !known.has(`${run.id} ${run.fence}`))
  await reportCompletions(
    ctx,
    strays.map((work) => ({ work, outcome, endedAt: arrivedAt })),
  )
}

async function ownWorks(
  ctx: Context,
  sessionId: string,
  held: readonly Held[],
): Promise<readonly (Work | null)[]> {
  const works = await ctx.store.agents.works(held)
  return works.map((work) => (work?.run.lease.nodeId === sessionId ? work : null))
}
