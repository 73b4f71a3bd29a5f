// Work for the runner inside the server: commands directly.

import type { Context } from '../commands/context.ts'
import { handOver } from '../commands/hand-over.ts'
import { leaseWork } from '../commands/lease-work.ts'
import { reportCompletions } from '../commands/report-completion.ts'
import { isHandedOver, isInDoubt } from '../domain/outcome.ts'
import type { Lease } from '../ports/lease.ts'
import type { Work } from '../ports/store.ts'
import type { Completion, WorkSource } from '../ports/work-source.ts'

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
    async report(carried) {
      const ended: Completion[] = []
      const handed: Work[] = []
      for (const { work, outcome, endedAt } of carried) {
        if (isHandedOver(outcome)) handed.push(work)
        else ended.push({ work, outcome, endedAt, ...(isInDoubt(outcome) ? { inDoubt: true } : {}) })
      }
      await handOver(ctx, handed)
      await reportCompletions(ctx, ended)
    },
    cancelling: () => ctx.store.runs.cancelling(lease.nodeId),
  }
}
