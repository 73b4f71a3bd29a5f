// Turns due instants into entries of the ledger. Each tick takes one bounded batch of due jobs and says when the
// next is due. What is ready at once is leased in the same transaction and handed to the runner.

import type { Context } from '../commands/context.ts'
import { runEvent } from '../commands/events.ts'
import { plan } from '../domain/plan.ts'
import type { Work } from '../ports/store.ts'
import type { Rest } from './loop.ts'

/** Where planned work goes; the runner beside this planner. */
export interface Slots {
  readonly nodeId: string
  free(): number
  /** Around a step that leases to this node; what it leased is carried out. */
  lease<Answer extends { readonly leased: readonly Work[] }>(ask: () => Promise<Answer>): Promise<Answer>
  /** Stop carrying these runs out: they were replaced. */
  drop(runIds: readonly string[]): void
}

export type PlannerOptions = {
  readonly batch: number
  readonly onFailure: (jobId: string, error: unknown) => void
}

/**
 * What is due waits for a free slot unplanned, but no longer than this: planned and leased in one step it costs half of
 * what it costs when it is written as pending first.
 */
const HOLD_MS = 5_000

/** For whoever is changing the runs of all that is due to end: without, every node asks as fast as the store answers. */
const BUSY_MS = 20

export async function plannerTick(ctx: Context, slots: Slots, options: PlannerOptions): Promise<Rest> {
  const { store, clock } = ctx
  const now = clock.now()
  const free = slots.free()
  const holdMs = await holdFor(ctx, now)
  if (free === 0 && holdMs > 0) return holdMs
  const limit = options.batch
  const request = { now, limit, nodeId: slots.nodeId, slots: free, onlyFitting: holdMs > 0 }
  const report = await slots.lease(async () => {
    const report = await store.runs.plan(request, plan)
    slots.drop(report.replaced.map((run) => run.id))
    return report
  })
  for (const { jobId, error } of report.failures) options.onFailure(jobId, error)
  ctx.events.publish([...report.replaced, ...report.runs].map((run) => runEvent(run, now)))
  if (report.leased.length < report.runs.length) ctx.nudge.runner()
  if (report.jobs > 0 && report.jobs === report.busy) return BUSY_MS
  if (report.jobs === limit) return 0
  const next = await store.runs.nextDueAt()
  return next === null ? null : Math.max(0, next - clock.now())
}

/** How long what is due may still wait for a slot; 0: nothing is due, or it has waited long enough. */
async function holdFor({ store }: Context, now: number): Promise<number> {
  const dueAt = await store.runs.nextDueAt()
  return dueAt === null || dueAt > now ? 0 : Math.max(0, dueAt + HOLD_MS - now)
}
