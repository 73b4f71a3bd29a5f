// Work for the runner inside the server: commands directly.

import type { Context } from '../commands/context.ts'
import { leaseWork } from '../commands/lease-work.ts'
import { reportCompletions } from '../commands/report-completion.ts'
import type { Lease } from '../ports/lease.ts'
import type { WorkSource } from '../ports/work-source.ts'

/** More can hardly have been leased by steps that were not answered; what is left over is found by the next look. */
const HELD_MAX = 10_000

export function localWorkSource(ctx: Context, lease: Lease): WorkSource {
  return {
    get nodeId() {
      return lease.nodeId
    },
    holds: () => lease.holds(),
    lease: (slots) => leaseWork(ctx, lease.nodeId, slots),
    held: () => ctx.store.runs.held(lease.nodeId, HELD_MAX),
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
