// Which runs somebody has begun with: of those that workers outside carry out, not all that are under way.

import type { Principal } from '../domain/api-key.ts'
import { finishesByStatus } from '../domain/message-target.ts'
import type { Run } from '../domain/run.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'

/** Of these runs the ids of those that were published, and that no worker has begun with. */
export async function unbegunRuns(
  ctx: Context,
  who: Principal,
  runs: readonly Run[],
): Promise<ReadonlySet<string>> {
  authorize(who, 'run.read')
  const running = runs.filter(({ status }) => status === 'running').map(({ id }) => id)
  const active = await ctx.store.handed.active(running)
  const unbegun = active.flatMap((one) => {
    const message = one?.work.spec.target.message
    const waits = message !== undefined && finishesByStatus(message) && one?.acceptedAt === null
    return waits ? [one.work.run.id] : []
  })
  return new Set(unbegun)
}
