import type { Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import type { Run } from '../domain/run.ts'
import { audited } from './audited.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'
import { runEvent } from './events.ts'
import { findRun } from './get-run.ts'

/** A waiting run ends at once; one under way is told to stop and ends as cancelled when it has. */
export async function cancelRun(ctx: Context, who: Principal, id: string): Promise<Run> {
  authorize(who, 'run.cancel')
  const { projectId } = await findRun(ctx, who, id)
  const now = ctx.clock.now()
  const cancelled = await audited(ctx, who, 'run.cancel', { projectId, subject: id }, () =>
    ctx.store.runs.cancel(id, now, `cancelled by ${who.name}`),
  )
  const run = cancelled?.run ?? (await findRun(ctx, who, id))
  if (cancelled?.changed !== true && run.status !== 'cancelling') {
    throw new AppError('run_final', `This run has ended as ${run.status}; that does not change.`)
  }
  ctx.events.publish([runEvent(run, now)])
  ctx.nudge.runner()
  ctx.nudge.courier()
  return run
}
