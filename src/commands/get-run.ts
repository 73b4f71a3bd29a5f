import type { Principal } from '../domain/api-key.ts'
import type { Attempt } from '../domain/attempt.ts'
import type { Run } from '../domain/run.ts'
import type { RunPart } from '../domain/run-part.ts'
import { authorize, notFound, refuseUnseen } from './authorize.ts'
import type { Context } from './context.ts'

export async function getRun(
  ctx: Context,
  who: Principal,
  id: string,
): Promise<{ run: Run; attempts: Attempt[]; parts: RunPart[] }> {
  authorize(who, 'run.read')
  const run = await findRun(ctx, who, id)
  const { runs } = ctx.store
  return { run, attempts: await runs.attempts(id), parts: await runs.parts(id) }
}

export async function findRun(ctx: Context, who: Principal, id: string): Promise<Run> {
  const run = await ctx.store.runs.get(id)
  if (run === null) throw notFound('run', id)
  refuseUnseen(who, { projectId: run.projectId, what: 'run', name: id })
  return run
}
