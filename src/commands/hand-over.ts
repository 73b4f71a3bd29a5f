// A node has done its part of an attempt: someone outside goes on with it, and says how it ends.

import { lookAt } from '../domain/handed-over.ts'
import type { Work } from '../ports/store.ts'
import type { Context } from './context.ts'

export async function handOver(ctx: Context, works: readonly Work[]): Promise<void> {
  if (works.length === 0) return
  const now = ctx.clock.now()
  const batch = works.map(({ run, spec, attempt: { startedAt } }) => {
    // A receiver that has answered has begun; a bus has only taken the message.
    const accepted = spec.target.http !== undefined
    const handed = { spec, startedAt, acceptedAt: accepted ? now : null }
    return { run, accepted, lookAt: lookAt(handed, now), byNode: true } as const
  })
  const kept = await ctx.store.handed.hand(batch, now)
  const stale = kept.filter((one) => !one).length
  if (stale > 0) ctx.onStale?.(stale)
}
