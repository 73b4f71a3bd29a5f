// The script of an attempt, for the agent that holds it and nobody else.

import type { Principal } from '../domain/api-key.ts'
import type { Held } from '../ports/agent-store.ts'
import { sessionAgent } from './agent-session.ts'
import { notFound } from './authorize.ts'
import type { Context } from './context.ts'
import { scriptOfWork } from './script/scripts.ts'

export async function readAgentScript(
  ctx: Context,
  who: Principal,
  sessionId: string,
  held: Held,
): Promise<Uint8Array> {
  await sessionAgent(ctx, who, sessionId)
  const [work] = await ctx.store.agents.works([held])
  if (work?.run.lease.nodeId !== sessionId) throw notFound('attempt of yours', held.runId)
  const content = await scriptOfWork(ctx, work)
  if (content === null) throw notFound('script', work.spec.target.script?.sha256)
  return content
}
