// Looks after what was handed over: ends what nobody speaks of any more, and tells whoever works on a run that its end was
// asked for.

import type { Context } from '../commands/context.ts'
import { runEvent } from '../commands/events.ts'
import { reportCompletions } from '../commands/report-completion.ts'
import { type Listening, OUTSIDE_NODE_ID, overdue, stopAt, type Unheard } from '../domain/handed-over.ts'
import type { StopTeller } from '../ports/dispatcher.ts'
import type { HandedWork, OverdueMark } from '../ports/handed-store.ts'
import { Stop } from '../ports/stop.ts'
import type { Work } from '../ports/store.ts'
import type { Completion } from '../ports/work-source.ts'
import type { Rest } from './loop.ts'

/** Telling waits no longer for a bus that is away; the next tick tries again. */
const TELL_WITHIN_MS = 2_000

/** Between two ticks, or within a step, this process or its store stood still: what was said meanwhile may not have been heard. */
const BREAK_MS = 2_000

export type OutsideOptions = {
  /** Looked at in one step. */
  readonly batch: number
  /** The longest rest between two ticks. */
  readonly pollMs: number
  /** So often it is looked who has fallen silent; 0: at every tick. Whoever is to stop hears of it at once. */
  readonly lookEveryMs: number
}

/**
 * Looks at all in turn, page by page: of many that it can do nothing about now none is in the way of the others.
 */
export class OutsideKeeper {
  readonly #ctx: Context
  readonly #teller: StopTeller
  readonly #options: OutsideOptions
  /** Since when it ticks without a break. */
  #since = 0
  #tickedAt: number | null = null
  #nextLook = Number.NEGATIVE_INFINITY
  #overdueAfter: OverdueMark | null = null
  #stoppingAfter = ''

  constructor(ctx: Context, teller: StopTeller, options: OutsideOptions) {
    this.#ctx = ctx
    this.#teller = teller
    this.#options = options
  }

  async tick(): Promise<Rest> {
    const now = this.#ctx.clock.now()
    const rested = this.#tickedAt === null ? null : now - this.#tickedAt
    if (rested === null || rested < 0 || rested > this.#options.pollMs + BREAK_MS) this.#since = now
    // Until this one has gone through: one that fails is a break.
    this.#tickedAt = null
    const ended = await this.#look()
    const told = await this.#tellStopping()
    this.#tickedAt = this.#ctx.clock.now()
    return ended || told ? 0 : null
  }

  async #look(): Promise<boolean> {
    const now = this.#ctx.clock.monotonic()
    if (now < this.#nextLook) return false
    const more = await this.#endOverdue()
    if (this.#overdueAfter === null) this.#nextLook = now + this.#options.lookEveryMs
    return more
  }

  /** true: something was done, and there is more to look at. */
  async #endOverdue(): Promise<boolean> {
    const { store, clock, events } = this.#ctx
    const now = clock.now()
    const { batch } = this.#options
    const found = await this.#step(store.handed.overdue(now, batch, this.#overdueAfter))
    const completions: Completion[] = []
    const stop: Work[] = []
    let done = 0
    for (const one of found) {
      const { work } = one
      const judged = overdue(unheard(one, now), this.#listening(work), now)
      if (judged === null) continue
      done += 1
      const { kind, outcome } = judged
      if (kind === 'overtime' && endsByCancelling(work)) {
        const asked = await this.#step(store.runs.cancel(work.run.id, now, outcome.message))
        if (asked !== null) events.publish([runEvent(asked.run, now)])
        continue
      }
      if (kind !== 'stopped' && !endsByCancelling(work)) stop.push(work)
      completions.push({ work, outcome, endedAt: now })
    }
    await this.#step(reportCompletions(this.#ctx, completions))
    // Whoever works on it still has been overtaken. It may not hear this, so nothing hangs on it.
    await tell(this.#ctx, this.#teller, stop)
    const last = found.length < batch ? undefined : found.at(-1)
    this.#overdueAfter = last === undefined ? null : { lookAt: last.lookAt ?? 0, runId: last.work.run.id }
    return last !== undefined && done > 0
  }

  /** true: somebody was told, and there are more. */
  async #tellStopping(): Promise<boolean> {
    const { store, clock } = this.#ctx
    const { batch } = this.#options
    const works = await this.#step(store.handed.stopping(batch, this.#stoppingAfter))
    const told = await tell(this.#ctx, this.#teller, works)
    const now = clock.now()
    await this.#step(
      store.handed.told(
        told.map(({ run, spec }) => ({ runId: run.id, fence: run.fence, lookAt: stopAt(now, spec) })),
      ),
    )
    const last = works.length < batch ? undefined : works.at(-1)
    this.#stoppingAfter = last?.run.id ?? ''
    return last !== undefined && told.length > 0
  }

  /** A step of the store. One that takes long holds up the words from outside too: silence counts anew from its end. */
  async #step<Answer>(step: Promise<Answer>): Promise<Answer> {
    const { clock } = this.#ctx
    const from = clock.monotonic()
    const answer = await step
    if (clock.monotonic() - from > BREAK_MS) this.#since = clock.now()
    return answer
  }

  #listening(work: Work): Listening {
    // Who was called speaks to any server, whoever has a message by the bus alone.
    if (work.spec.target.message === undefined) return this.#since
    const since = this.#teller.listening(work)
    return typeof since === 'number' ? Math.max(since, this.#since) : since
  }
}

function unheard({ work, acceptedAt, endsBy, told, lookAt, toldToStop }: HandedWork, now: number): Unheard {
  const { run, spec, attempt } = work
  return {
    spec,
    startedAt: attempt.startedAt,
    acceptedAt,
    endsBy,
    lookAt: lookAt ?? now,
    heardAt: told?.at ?? acceptedAt,
    stopping: run.status !== 'cancelling' ? 'no' : toldToStop ? 'told' : 'asked',
  }
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

async function tell(ctx: Context, teller: StopTeller, works: readonly Work[]): Promise<Work[]> {
  if (works.length === 0) return []
  const stop = new Stop()
  const cancel = ctx.clock.after(TELL_WITHIN_MS, () => stop.stop())
  const told = await Promise.all(works.map((work) => teller.tellStop(work, stop)))
  cancel()
  return works.filter((_, position) => told[position])
}
