import type { Principal } from '../domain/api-key.ts'
import type { Attempt } from '../domain/attempt.ts'
import { OUTSIDE_NODE_ID } from '../domain/handed-over.ts'
import type { Run } from '../domain/run.ts'
import type { RunPart } from '../domain/run-part.ts'
import type { AttemptTold } from '../ports/agent-store.ts'
import type { HandedWork } from '../ports/handed-store.ts'
import { authorize, notFound, refuseUnseen } from './authorize.ts'
import type { Context } from './context.ts'

/** `outside`: of one that was handed over, and is under way there. */
export type RunWithAll = {
  readonly run: Run
  readonly attempts: readonly Attempt[]
  readonly parts: readonly RunPart[]
  readonly outside: HandedWork | null
  /** By fences: what attempts on agents tell of themselves. */
  readonly told: ReadonlyMap<number, AttemptTold>
}

export async function getRun(ctx: Context, who: Principal, id: string): Promise<RunWithAll> {
  authorize(who, 'run.read')
  const run = await findRun(ctx, who, id)
  const { runs, handed, agents } = ctx.store
  const found = { run, attempts: await runs.attempts(id), parts: await runs.parts(id) }
  const isUnderWay = run.status === 'running' || run.status === 'cancelling'
  const [outside = null] = isUnderWay ? await handed.active([id]) : []
  const told = new Map((isUnderWay ? await agents.told([id]) : []).map((one) => [one.fence, one]))
  return { ...found, told, outside: outside?.work.run.lease.nodeId === OUTSIDE_NODE_ID ? outside : null }
}

export async function findRun(ctx: Context, who: Principal, id: string): Promise<Run> {
  const run = await ctx.store.runs.get(id)
  if (run === null) throw notFound('run', id)
  refuseUnseen(who, { projectId: run.projectId, what: 'run', name: id })
  return run
}
