// Work for the runner inside the server: commands directly.

import type { Context } from '../commands/context.ts'
import { leaseWork } from '../commands/lease-work.ts'
import { reportCompletions } from '../commands/report-completion.ts'
import type { Lease } from '../ports/lease.ts'
import type { WorkSource } from '../ports/work-source.ts'

export function localWorkSource(ctx: Context, lease: Lease): WorkSource {
  return {
    get nodeId() {
      return lease.nodeId
    },
    holds: () => lease.holds(),
    lease: (slots) => leaseWork(ctx, lease.nodeId, slots),
    async nextIn() {
      const next = await ctx.store.runs.nextReadyAt()
      return next === null ? null : Math.max(0, next - ctx.clock.now())
    },
    async report(completions) {
      await reportCompletions(ctx, completions)
    },
    cancelling: () => ctx.store.runs.cancelling(lease.nodeId),
  }
}
