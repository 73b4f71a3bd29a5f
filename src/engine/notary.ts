// Links audit entries a moment after they were written: a chain that was linked by the changes themselves would have them
// all wait for each other.

import type { Context } from '../commands/context.ts'
import { LINK_BATCH } from '../commands/read-audit.ts'
import type { Rest } from './loop.ts'

export async function notaryTick(ctx: Context): Promise<Rest> {
  return (await ctx.store.audit.link(LINK_BATCH)) === LINK_BATCH ? 0 : null
}
