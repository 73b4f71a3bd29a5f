// Carries out leased work and reports how it went. Leases only as many runs as it has free slots, so that one
// slow target does not hold up the rest. Reports of many runs are settled together.

import type { Dispatched, Outcome } from '../domain/outcome.ts'
import { slotShare } from '../domain/target.ts'
import type { Clock } from '../ports/clock.ts'
import type { Dispatcher } from '../ports/dispatcher.ts'
import { Stop } from '../ports/stop.ts'
import type { Work } from '../ports/store.ts'
import type { Carried, WorkSource } from '../ports/work-source.ts'
import { UnheardLeases } from './unheard-leases.ts'

export type RunnerOptions = {
  readonly source: WorkSource
  readonly dispatcher: Dispatcher
  readonly clock: Clock
  /** Attempts under way at once; runs of a batch share one (see slotShare). */
  readonly slots: number
  /** Is there room for new work, slots aside? Default: always. */
  readonly room?: () => boolean
  /** Brings the runner's loop round: there is something to report. */
  readonly nudge: () => void
  readonly onDefect: (error: unknown) => void
}

/** While more runs than this are held, reports wait a few ms for each other, or until there are enough for one commit. */
const BUSY = 32
const GATHER_MS = 20
const GATHER_RUNS = 250

const NOT_SENT: Outcome = {
  kind: 'lost',
  message: 'the node lost its lease before anything was sent',
  reached: 'no',
}

type Held = { readonly work: Work; readonly stop: Stop; readonly alone: boolean; ended: boolean }

export class Runner {
  readonly #options: RunnerOptions
  readonly #held = new Map<string, Held>()
  readonly #unheard: UnheardLeases
  #ended: Carried[] = []
  /** Slots of what is under way. */
  #taken = 0
  /** Slots of what has ended and is not reported yet. */
  #unreported = 0
  #gathering = false
  #accepting = true
  #draining = false
  /** Held and not ended; what has ended waits for its report only. */
  #underWay = 0
  #idle: (() => void) | null = null

  constructor(options: RunnerOptions) {
    this.#options = options
    this.#unheard = new UnheardLeases(options.clock)
  }

  get nodeId(): string {
    return this.#options.source.nodeId
  }

  /** Runs leased and not yet reported. */
  get held(): number {
    return this.#held.size
  }

  /** Attempts that are under way, or have ended and are not reported. */
  holding(): { runId: string; fence: number }[] {
    return [...this.#held.values()].map(({ work: { run } }) => ({ runId: run.id, fence: run.fence }))
  }

  /**
   * Slots that are free, shares of one included. What has ended frees its slot before it is reported, so that nothing
   * idles meanwhile; but when reports do not get through, nothing new is taken once they fill as many slots again.
   */
  free(): number {
    if (!this.#accepting || this.#draining || !this.#options.source.holds()) return 0
    if (this.#options.room?.() === false) return 0
    const { slots } = this.#options
    return this.#unreported < slots ? Math.max(0, slots - this.#taken) : 0
  }

  /** Reports what has ended, stops what is to stop, leases what fits. Says when to come again. */
  async tick(): Promise<number | null> {
    const { source } = this.#options
    await this.#report()
    if (this.#held.size > 0) this.drop(await source.cancelling())
    this.take(await this.#unheard.find(() => this.#notHeldHere()))
    const slots = this.free()
    if (slots === 0) return null
    const { leased } = await this.lease(async () => ({ leased: await source.lease(slots) }))
    return leased.length > 0 ? 0 : source.nextIn()
  }

  /** Around every step that leases to us. What it leased is started; without an answer it is looked for later. */
  lease<Answer extends { readonly leased: readonly Work[] }>(ask: () => Promise<Answer>): Promise<Answer> {
    const { source } = this.#options
    return this.#unheard.asking(async () => {
      const { nodeId } = source
      const answer = await ask()
      // Meanwhile the lease ran out, and we came back as another node: others do this work.
      if (source.nodeId === nodeId) this.take(answer.leased)
      else this.#neverSent(answer.leased)
      return answer
    })
  }

  /** Starts leased work. Works with a common batch key leave together. */
  take(works: readonly Work[]): void {
    const { dispatcher, source } = this.#options
    if (!source.holds()) return this.#neverSent(works)
    const together = new Map<string, Work[]>()
    for (const work of works) {
      const key = dispatcher.batchKey(work)
      if (key === null) this.#one(work)
      else (together.get(key) ?? together.set(key, []).get(key)!).push(work)
    }
    for (const batch of together.values()) void this.#many(batch)
  }

  /** Stops runs that were cancelled or replaced; their end is reported like any other. Others in its batch go on. */
  drop(runIds: readonly string[]): void {
    if (runIds.length === 0) return
    const wanted = new Set(runIds)
    for (const { work, stop, alone } of this.#held.values()) if (alone && wanted.has(work.run.id)) stop.stop()
  }

  /** The same for attempts: of a run that several share others may go on here. */
  dropAttempts(attempts: readonly { readonly runId: string; readonly fence: number }[]): void {
    if (attempts.length === 0) return
    const wanted = new Set(attempts.map(({ runId, fence }) => `${runId} ${fence}`))
    for (const { work, stop, alone } of this.#held.values())
      if (alone && wanted.has(`${work.run.id} ${work.run.fence}`)) stop.stop()
  }

  /** While true nothing new is taken; what is under way goes on. */
  setDraining(draining: boolean): void {
    this.#draining = draining
  }

  /**
   * The lease is gone, and with it the right to what is under way: it stops here and is reported as lost, like anything
   * else under its fence, so that what others have taken over meanwhile is not touched.
   */
  breakOff(): void {
    this.#giveUp('the node lost its lease before it ended')
  }

  /** Takes nothing new; resolves when all has ended, or after `timeoutMs` with the rest given up as lost. */
  async drain(timeoutMs: number): Promise<void> {
    this.#accepting = false
    if (this.#underWay > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#idle = resolve
      const cancel = this.#options.clock.after(timeoutMs, resolve)
      await promise
      cancel()
    }
    this.#giveUp('the node was stopped before it ended')
    await this.#report()
  }

  #giveUp(message: string): void {
    for (const { work, stop, ended } of this.#held.values()) {
      if (ended) continue
      this.#end(work, { kind: 'lost', message })
      stop.stop()
    }
  }

  #one(work: Work): void {
    const stop = this.#hold([work])
    let ending: Promise<Dispatched>
    try {
      ending = this.#options.dispatcher.dispatch(work, stop)
    } catch (error) {
      // The others that were leased with it are not to pay for it.
      return this.#end(work, this.#defect(error))
    }
    ending.then(
      (outcome) => this.#end(work, outcome),
      (error) => this.#end(work, this.#defect(error)),
    )
  }

  async #many(batch: readonly Work[]): Promise<void> {
    const stop = this.#hold(batch)
    let outcomes: readonly Dispatched[]
    try {
      outcomes = await this.#options.dispatcher.dispatchBatch(batch, stop)
    } catch (error) {
      const defect = this.#defect(error)
      outcomes = batch.map(() => defect)
    }
    for (const [position, work] of batch.entries()) this.#end(work, outcomes[position]!)
  }

  async #notHeldHere(): Promise<readonly Work[]> {
    const { source } = this.#options
    if (!source.holds()) return []
    const { nodeId } = source
    const known = new Map([...this.#held].map(([key, { work }]) => [key, work.run.fence]))
    const works = await source.held()
    // What was broken off with the lease may be reported by now, and was sent all the same.
    if (!source.holds() || source.nodeId !== nodeId) return []
    return works.filter((work) => known.get(keyOf(work)) !== work.run.fence)
  }

  #neverSent(works: readonly Work[]): void {
    if (works.length === 0) return
    for (const work of works) this.#toReport(work, NOT_SENT)
    this.#options.nudge()
  }

  #hold(works: readonly Work[]): Stop {
    const stop = new Stop()
    const alone = works.length === 1
    for (const work of works) {
      // Held still: another took it over and lost it again. The older hold ends here, its news is stale.
      const older = this.#held.get(keyOf(work))
      if (older?.ended !== false) {
        this.#underWay += 1
        this.#taken += slotShare(work.spec.target)
      }
      this.#held.set(keyOf(work), { work, stop, alone, ended: false })
    }
    return stop
  }

  #end(work: Work, outcome: Dispatched): void {
    // Given up by drain() already, or the same run is held anew: the late news is dropped.
    const held = this.#held.get(keyOf(work))
    if (held?.work !== work || held.ended) return
    held.ended = true
    this.#underWay -= 1
    this.#taken -= slotShare(work.spec.target)
    this.#toReport(work, outcome)
    if (this.#underWay === 0) this.#idle?.()
    if (this.#underWay === 0 || this.#ended.length === GATHER_RUNS) this.#options.nudge()
    if (this.#gathering) return
    this.#gathering = true
    this.#options.clock.after(this.#held.size > BUSY ? GATHER_MS : 0, () => {
      this.#gathering = false
      this.#options.nudge()
    })
  }

  #toReport(work: Work, outcome: Dispatched): void {
    this.#unreported += slotShare(work.spec.target)
    this.#ended.push({ work, outcome, endedAt: this.#options.clock.now() })
  }

  /** What cannot be reported now stays for the next tick. It is bounded, see free(). */
  async #report(): Promise<void> {
    const ended = this.#ended
    if (ended.length === 0) return
    this.#ended = []
    try {
      await this.#options.source.report(ended)
    } catch (error) {
      this.#ended = [...ended, ...this.#ended]
      throw error
    }
    for (const { work } of ended) {
      this.#unreported -= slotShare(work.spec.target)
      if (this.#held.get(keyOf(work))?.work === work) this.#held.delete(keyOf(work))
    }
  }

  /** A dispatcher that throws is our mistake; the run is not to pay for it with silence. */
  #defect(error: unknown): Outcome {
    this.#options.onDefect(error)
    return { kind: 'lost', message: 'an internal error ended the attempt' }
  }
}

/** An agent may have several parts of one run. */
function keyOf({ run, part }: Work): string {
  return part === undefined ? run.id : `${run.id} ${part.index}`
}
