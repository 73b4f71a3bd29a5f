// A session of an agent: opened anew at each of its starts, kept alive by every word from it. The newest one counts.

import { AGENT_LIMITS, type Agent, isLive, type Labels, labelsOf } from '../domain/agent.ts'
import type { Principal } from '../domain/api-key.ts'
import { checkLabels } from '../domain/check-labels.ts'
import { AppError, Problems } from '../domain/errors.ts'
import type { Held } from '../ports/agent-store.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'

export type SessionRequest = {
  readonly hostname: string
  readonly pid: number
  readonly version: string
  readonly labels: Labels
  readonly slots: number
  readonly held: readonly Held[]
}

export type OpenedSession = {
  readonly sessionId: string
  readonly agent: Agent
  readonly leaseMs: number
  /** Of what it said it held: what is its own still. The rest goes or has gone elsewhere. */
  readonly attached: readonly Held[]
}

export async function openSession(
  ctx: Context,
  who: Principal,
  request: SessionRequest,
): Promise<OpenedSession> {
  const agent = await agentOf(ctx, who)
  const problems = new Problems()
  checkLabels(request.labels, problems, '/labels', AGENT_LIMITS.labelsMax)
  problems.throwIfAny()
  return openSessionOf(ctx, agent, request)
}

/** For an agent inside the server too, which shows no key. */
export async function openSessionOf(
  ctx: Context,
  agent: Agent,
  request: SessionRequest,
): Promise<OpenedSession> {
  const sessionId = ctx.chance.id('ses')
  const labels = labelsOf(agent, request.labels)
  const leaseMs = ctx.limits.agentLeaseMs
  const session = { ...request, id: sessionId, agentId: agent.id, labels }
  const attached = await ctx.store.agents.open(session, ctx.clock.now(), leaseMs)
  if (attached === null) throw removed()
  // The older session hears that it was superseded; what it held and did not go over is lost.
  ctx.waiting.wakeAgent(agent.id)
  return { sessionId, agent: { ...agent, labels, slots: request.slots }, leaseMs, attached }
}

/** A clean end: what it still holds is given up at once. */
export async function closeSession(ctx: Context, who: Principal, sessionId: string): Promise<void> {
  await sessionAgent(ctx, who, sessionId)
  await ctx.store.nodes.leave(sessionId, ctx.clock.now())
}

/** The agent behind a session that is its newest and live. */
export async function sessionAgent(ctx: Context, who: Principal, sessionId: string): Promise<Agent> {
  const agent = await agentOf(ctx, who)
  refuseEnded(agent, sessionId, ctx.clock.now())
  ctx.waiting.see(sessionId)
  return agent
}

function refuseEnded({ session }: Agent, sessionId: string, now: number): void {
  if (session?.id !== sessionId) {
    throw new AppError(
      'session_superseded',
      'Another session of this agent was opened after this one, and has taken its place. Is its data directory used twice?',
    )
  }
  if (!isLive(session, now)) {
    throw new AppError('session_ended', 'Nothing was heard of this session for too long. Open a new one.')
  }
}

async function agentOf(ctx: Context, who: Principal): Promise<Agent> {
  authorize(who, 'agent.work')
  const agent = await ctx.store.agents.byKey(who.id)
  if (agent === null) throw removed()
  return agent
}

function removed(): AppError {
  return new AppError('forbidden', 'This key belongs to no agent, or to one that was removed. Join again.')
}
