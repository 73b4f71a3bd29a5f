// Logs of attempts on agents: each writes those of its own attempts, also of one that was given up for lost meanwhile.

import type { Principal } from '../domain/api-key.ts'
import { sessionAgent } from './agent-session.ts'
import { notFound } from './authorize.ts'
import type { Context } from './context.ts'
import { appendLog, type LogChunk, type LogReceipt } from './log/append-log.ts'
import { type LogEnd, sealLog } from './log/seal-log.ts'

export async function appendAgentLog(
  ctx: Context,
  who: Principal,
  sessionId: string,
  chunk: LogChunk,
  holdMs = 0,
): Promise<LogReceipt> {
  await refuseOthers(ctx, who, sessionId, chunk)
  return appendLog(ctx, chunk, holdMs)
}

export async function sealAgentLog(
  ctx: Context,
  who: Principal,
  sessionId: string,
  end: LogEnd,
): Promise<void> {
  await refuseOthers(ctx, who, sessionId, end)
  await sealLog(ctx, end)
}

async function refuseOthers(
  ctx: Context,
  who: Principal,
  sessionId: string,
  { runId, fence }: { readonly runId: string; readonly fence: number },
): Promise<void> {
  const agent = await sessionAgent(ctx, who, sessionId)
  // The usual case asks for one attempt: a shared run has thousands.
  const [work] = await ctx.store.agents.works([{ runId, fence }])
  if (work?.run.lease.nodeId === sessionId) return
  const attempts = await ctx.store.runs.attempts(runId)
  if (attempts.find((attempt) => attempt.fence === fence)?.agent !== agent.name) throw notFound('run', runId)
}
