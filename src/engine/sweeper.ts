// Forgets what the keep rules no longer ask for, a bounded batch at a time.

import type { Context } from '../commands/context.ts'
import type { Retention } from '../ports/store.ts'
import type { Rest } from './loop.ts'

/** Between two batches others get their turn. */
const PAUSE_MS = 50

export async function sweeperTick(ctx: Context, retention: Retention, limit: number): Promise<Rest> {
  const report = await ctx.store.housekeeping.forget({ now: ctx.clock.now(), limit, retention })
  return report.more ? PAUSE_MS : null
}
