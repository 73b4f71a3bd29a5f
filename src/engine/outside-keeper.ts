// Looks after what was handed over: ends what nobody speaks of any more, and tells whoever works on a run that its end was
// asked for.

import type { Context } from '../commands/context.ts'
import { runEvent } from '../commands/events.ts'
import { reportCompletions } from '../commands/report-completion.ts'
import { lookAt, OUTSIDE_NODE_ID, overdue, stopAt } from '../domain/handed-over.ts'
import type { StopTeller } from '../ports/dispatcher.ts'
import type { Handing } from '../ports/handed-store.ts'
import { Stop } from '../ports/stop.ts'
import type { Work } from '../ports/store.ts'
import type { Completion } from '../ports/work-source.ts'
import type { Rest, Tick } from './loop.ts'

/** Telling waits no longer for a bus that is away; the next tick tries again. */
const TELL_WITHIN_MS = 2_000

type OutsideOptions = {
  readonly limit: number
  /** So often it is looked who has fallen silent; 0: whenever there is a look. Whoever is to stop hears of it at once. */
  readonly lookEveryMs: number
}

export function outsideKeeper(
  ctx: Context,
  teller: StopTeller,
  { limit, lookEveryMs }: OutsideOptions,
): Tick {
  let nextLook = Number.NEGATIVE_INFINITY
  return async () => {
    const now = ctx.clock.monotonic()
    let more = false
    if (now >= nextLook) {
      more = (await endOverdue(ctx, teller, limit)) === limit
      if (!more) nextLook = now + lookEveryMs
    }
    const rest: Rest = more || (await tellStopping(ctx, teller, limit)) === limit ? 0 : null
    return rest
  }
}

async function endOverdue(ctx: Context, teller: StopTeller, limit: number): Promise<number> {
  const now = ctx.clock.now()
  const found = await ctx.store.handed.overdue(now, limit)
  const completions: Completion[] = []
  const stop: Work[] = []
  const deaf: Handing[] = []
  for (const { work, acceptedAt, endsBy } of found) {
    const handed = { spec: work.spec, startedAt: work.attempt.startedAt, acceptedAt, endsBy }
    const { kind, outcome } = overdue(handed, work.run.status === 'cancelling', now)
    if (kind === 'silent') {
      const hears = teller.hears(work)
      if (hears === false) deaf.push({ run: work.run, accepted: true, lookAt: lookAt(handed, now) })
      if (hears !== true) continue
    }
    if (kind === 'overtime' && endsByCancelling(work)) {
      const asked = await ctx.store.runs.cancel(work.run.id, now, outcome.message)
      if (asked !== null) ctx.events.publish([runEvent(asked.run, now)])
      continue
    }
    if (kind !== 'stopped' && !endsByCancelling(work)) stop.push(work)
    completions.push({ work, outcome, endedAt: now })
  }
  await ctx.store.handed.hand(deaf, now)
  await reportCompletions(ctx, completions)
  // Whoever works on it still has been overtaken. It may not hear this, so nothing hangs on it.
  await tell(ctx, teller, stop)
  return found.length
}

/** Runs that a newer one has replaced: they have ended, and whoever works on them outside is to hear of it. */
export async function tellReplaced(
  ctx: Context,
  teller: StopTeller,
  runIds: readonly string[],
): Promise<void> {
  const works: Work[] = []
  for (const id of runIds) {
    const run = await ctx.store.runs.get(id)
    if (run?.status !== 'cancelled' || run.attempts === 0) continue
    const spec = (await ctx.store.jobs.version(run.jobId, run.jobVersion))?.spec
    if (spec?.target.message === undefined) continue
    const { attempts: number, fence } = run
    const lease = { nodeId: OUTSIDE_NODE_ID, fence, leasedAt: run.createdAt }
    const attempt = { number, cause: 'first', startedAt: run.createdAt } as const
    works.push({ run: { ...run, status: 'cancelling', lease }, spec, attempt })
  }
  await tell(ctx, teller, works)
}

/** Workers of this protocol are asked to stop first, and say when they have. */
function endsByCancelling({ spec }: Work): boolean {
  return spec.target.message?.protocol === 'simple-scheduler'
}

async function tellStopping(ctx: Context, teller: StopTeller, limit: number): Promise<number> {
  const works = await ctx.store.handed.stopping(limit)
  const told = await tell(ctx, teller, works)
  const now = ctx.clock.now()
  await ctx.store.handed.told(
    told.map(({ run, spec }) => ({ runId: run.id, fence: run.fence, lookAt: stopAt(now, spec) })),
  )
  return told.length
}

async function tell(ctx: Context, teller: StopTeller, works: readonly Work[]): Promise<Work[]> {
  if (works.length === 0) return []
  const stop = new Stop()
  const cancel = ctx.clock.after(TELL_WITHIN_MS, () => stop.stop())
  const told = await Promise.all(works.map((work) => teller.tellStop(work, stop)))
  cancel()
  return works.filter((_, position) => told[position])
}
