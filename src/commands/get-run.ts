import type { Principal } from '../domain/api-key.ts'
import type { Attempt } from '../domain/attempt.ts'
import type { Run } from '../domain/run.ts'
import { authorize, notFound, refuseUnseen } from './authorize.ts'
import type { Context } from './context.ts'

export async function getRun(
  ctx: Context,
  who: Principal,
  id: string,
): Promise<{ run: Run; attempts: Attempt[] }> {
  authorize(who, 'run.read')
  const run = await findRun(ctx, who, id)
  return { run, attempts: await ctx.store.runs.attempts(id) }
}

export async function findRun(ctx: Context, who: Principal, id: string): Promise<Run> {
  const run = await ctx.store.runs.get(id)
  if (run === null) throw notFound('run', id)
  refuseUnseen(who, { projectId: run.projectId, what: 'run', name: id })
  return run
}
