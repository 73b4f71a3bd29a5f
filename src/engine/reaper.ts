// Ends what nobody ends any more: attempts whose node is gone become `lost` and are settled like any other
// outcome; waiting runs past their start deadline end as missed, parts that wait
// for an agent which does not come as failed.

import type { Context } from '../commands/context.ts'
import { runEvent } from '../commands/events.ts'
import { reportCompletions } from '../commands/report-completion.ts'
import { whyLost } from '../domain/node.ts'
import { PART_AWAY_MS } from '../domain/run-part.ts'
import type { Rest } from './loop.ts'

export async function reaperTick(ctx: Context, limit: number): Promise<Rest> {
  const now = ctx.clock.now()
  const lost = await ctx.store.runs.lost(now, limit)
  await reportCompletions(
    ctx,
    lost.map(({ work, node }) => ({ work, outcome: { kind: 'lost', message: whyLost(node) }, endedAt: now })),
  )
  const expired = await ctx.store.runs.expire(now, limit)
  ctx.events.publish(expired.map((run) => runEvent(run, now)))
  const givenUp = await ctx.store.runs.giveUpParts(now, PART_AWAY_MS, limit)
  ctx.events.publish(givenUp.map((run) => runEvent(run, now)))
  if (givenUp.length > 0) ctx.nudge.courier()
  // Of parts it is not known how many there were: whoever finds any looks again.
  return lost.length === limit || expired.length === limit || givenUp.length > 0 ? 0 : null
}
