// Agents as an operator sees them: who is there, who is to take nothing more, who is to go.

import type { Action } from '../domain/actions.ts'
import type { Agent } from '../domain/agent.ts'
import type { Principal } from '../domain/api-key.ts'
import type { Page, PageRequest } from '../ports/store.ts'
import { audited } from './audited.ts'
import { authorize, entersProject, governsProjects, notFound } from './authorize.ts'
import type { Context } from './context.ts'

export async function listAgents(ctx: Context, who: Principal, page: PageRequest): Promise<Page<Agent>> {
  authorize(who, 'agent.read')
  const { items, nextCursor } = await ctx.store.agents.list(page)
  return {
    items: items.filter((agent) => worksFor(who, agent)).map((agent) => seenBy(who, agent)),
    nextCursor,
  }
}

export async function getAgent(ctx: Context, who: Principal, idOrName: string): Promise<Agent> {
  authorize(who, 'agent.read')
  return seenBy(who, await findAgent(ctx, who, idOrName))
}

async function findAgent(ctx: Context, who: Principal, idOrName: string): Promise<Agent> {
  const { agents } = ctx.store
  const found = (await agents.get(idOrName)) ?? (await agents.byName(idOrName))
  if (found === null || !worksFor(who, found)) throw notFound('agent', idOrName)
  return found
}

/** It ends what it holds and takes nothing new; or takes work again. */
export async function drainAgent(
  ctx: Context,
  who: Principal,
  idOrName: string,
  draining: boolean,
): Promise<Agent> {
  const { id } = await governed(ctx, who, idOrName, 'agent.drain')
  const agent = await audited(ctx, who, 'agent.drain', { subject: id, detail: { draining } }, () =>
    ctx.store.agents.drain(id, draining),
  )
  if (agent === null) throw notFound('agent', idOrName)
  ctx.waiting.wakeAgent(id)
  return agent
}

/** Its credential works no more, at once. What it held is lost, and goes elsewhere. */
export async function removeAgent(ctx: Context, who: Principal, idOrName: string): Promise<void> {
  const { id } = await governed(ctx, who, idOrName, 'agent.remove')
  await audited(ctx, who, 'agent.remove', { subject: id }, () => ctx.store.agents.remove(id, ctx.clock.now()))
  ctx.waiting.wakeAgent(id)
}

async function governed(ctx: Context, who: Principal, idOrName: string, action: Action): Promise<Agent> {
  authorize(who, action)
  const agent = await findAgent(ctx, who, idOrName)
  if (!governsProjects(who, agent.projectIds)) throw notFound('agent', idOrName)
  return agent
}

/** That it works for others too is none of the caller's business. */
function seenBy(who: Principal, agent: Agent): Agent {
  if (agent.projectIds === null) return agent
  return { ...agent, projectIds: agent.projectIds.filter((id) => entersProject(who, id)) }
}

function worksFor(who: Principal, { projectIds }: Agent): boolean {
  if (who.projectIds === null || projectIds === null) return true
  return projectIds.some((id) => who.projectIds?.includes(id))
}
