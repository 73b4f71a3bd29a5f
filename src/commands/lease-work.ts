// A runner's side of the flow of time: lease what is ready, and say which runs are to stop.

import type { Work } from '../ports/store.ts'
import type { Context } from './context.ts'
import { runEvent } from './events.ts'

export async function leaseWork(ctx: Context, nodeId: string, slots: number): Promise<readonly Work[]> {
  const now = ctx.clock.now()
  const { works, missed } = await ctx.store.runs.claimReady({ now, nodeId, slots })
  ctx.events.publish([...missed, ...works.map(({ run }) => run)].map((run) => runEvent(run, now)))
  if (missed.length > 0) ctx.nudge.courier()
  return works
}
