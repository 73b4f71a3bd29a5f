// Work for the runner inside the server: commands directly.

import type { Context } from '../commands/context.ts'
import { leaseWork } from '../commands/lease-work.ts'
import { reportCompletions } from '../commands/report-completion.ts'
import type { WorkSource } from '../ports/work-source.ts'

export function localWorkSource(ctx: Context, nodeId: string): WorkSource {
  return {
    nodeId,
    lease: (slots) => leaseWork(ctx, nodeId, slots),
    async nextIn() {
      const next = await ctx.store.runs.nextReadyAt()
      return next === null ? null : Math.max(0, next - ctx.clock.now())
    },
    async report(completions) {
      await reportCompletions(ctx, completions)
    },
    cancelling: () => ctx.store.runs.cancelling(nodeId),
  }
}
