import type { Principal } from '../domain/api-key.ts'
import type { Attempt } from '../domain/attempt.ts'
import { OUTSIDE_NODE_ID } from '../domain/handed-over.ts'
import type { Run } from '../domain/run.ts'
import type { RunPart } from '../domain/run-part.ts'
import type { HandedWork } from '../ports/handed-store.ts'
import { authorize, notFound, refuseUnseen } from './authorize.ts'
import type { Context } from './context.ts'

/** `outside`: of one that was handed over, and is under way there. */
export type RunWithAll = {
  readonly run: Run
  readonly attempts: readonly Attempt[]
  readonly parts: readonly RunPart[]
  readonly outside: HandedWork | null
}

export async function getRun(ctx: Context, who: Principal, id: string): Promise<RunWithAll> {
  authorize(who, 'run.read')
  const run = await findRun(ctx, who, id)
  const { runs, handed } = ctx.store
  const found = { run, attempts: await runs.attempts(id), parts: await runs.parts(id) }
  const [outside = null] =
    run.status === 'running' || run.status === 'cancelling' ? await handed.active([id]) : []
  return { ...found, outside: outside?.work.run.lease.nodeId === OUTSIDE_NODE_ID ? outside : null }
}

export async function findRun(ctx: Context, who: Principal, id: string): Promise<Run> {
  const run = await ctx.store.runs.get(id)
  if (run === null) throw notFound('run', id)
  refuseUnseen(who, { projectId: run.projectId, what: 'run', name: id })
  return run
}
