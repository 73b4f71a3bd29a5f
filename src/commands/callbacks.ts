// Callbacks that were, are to be, or could not be delivered.

import type { Principal } from '../domain/api-key.ts'
import type { Delivery, Effect, EffectStatus } from '../domain/effect.ts'
import { AppError } from '../domain/errors.ts'
import type { Page, PageRequest } from '../ports/store.ts'
import { audited } from './audited.ts'
import { authorize, notFound, refuseUnseen } from './authorize.ts'
import type { Context } from './context.ts'
import { findJob } from './find-job.ts'
import { visibleProjects } from './find-project.ts'

export type CallbackQuery = {
  readonly status?: EffectStatus
  readonly job?: string
  readonly run?: string
  readonly project?: string
}

export async function listCallbacks(
  ctx: Context,
  who: Principal,
  query: CallbackQuery,
  page: PageRequest,
): Promise<Page<Effect>> {
  authorize(who, 'callback.read')
  const { status, job, run, project } = query
  const inProject = project === undefined ? {} : { project }
  return ctx.store.outbox.list(
    {
      ...(status === undefined ? {} : { status }),
      ...(run === undefined ? {} : { runId: run }),
      ...(job === undefined ? {} : { jobId: (await findJob(ctx, who, { idOrName: job, ...inProject })).id }),
      ...(await visibleProjects(ctx, who, project)),
    },
    page,
  )
}

export async function getCallback(
  ctx: Context,
  who: Principal,
  id: string,
): Promise<{ effect: Effect; deliveries: Delivery[] }> {
  authorize(who, 'callback.read')
  return findCallback(ctx, who, id)
}

async function findCallback(
  ctx: Context,
  who: Principal,
  id: string,
): Promise<{ effect: Effect; deliveries: Delivery[] }> {
  const found = await ctx.store.outbox.get(id)
  if (found === null) throw notFound('callback', id)
  refuseUnseen(who, { projectId: found.effect.projectId, what: 'callback', name: id })
  return found
}

/** Tries an ended callback again from the start. */
export async function redeliverCallback(ctx: Context, who: Principal, id: string): Promise<Effect> {
  authorize(who, 'callback.redeliver')
  const { effect } = await findCallback(ctx, who, id)
  const about = { projectId: effect.projectId, subject: id }
  const again = await audited(ctx, who, 'callback.redeliver', about, () =>
    ctx.store.outbox.redeliver(id, ctx.clock.now()),
  )
  if (!again) {
    throw new AppError('in_use', 'This callback is on its way already.')
  }
  ctx.nudge.courier()
  return (await findCallback(ctx, who, id)).effect
}
