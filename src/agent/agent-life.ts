// An agent from its start to its end: opens a session, keeps it with beats, fetches work for its runner and reports. While the
// server is away the work goes on, and what has ended is kept until it can be told.

import { AGENT_LIMITS, type Labels } from '../domain/agent.ts'
import type { News } from '../domain/news.ts'
import type { Held } from '../ports/agent-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { Work } from '../ports/work.ts'
import type { Completion, WorkSource } from '../ports/work-source.ts'
import { type AgentLine, FINAL_REFUSALS, refusalCode } from './agent-line.ts'
import { bareReport } from './report-of-outcome.ts'
import type { Result, ResultSpool } from './result-spool.ts'
import { UntoldNews } from './untold-news.ts'

/** The runner as far as its agent has to know it. */
export interface Hands {
  /** Free slots. */
  free(): number
  take(works: readonly Work[]): void
  drop(runIds: readonly string[]): void
  dropAttempts(attempts: readonly Held[]): void
  setDraining(draining: boolean): void
  /** What is under way, or has ended and is not reported yet. */
  holding(): readonly Held[]
}

export type AgentLifeOptions = {
  readonly line: AgentLine
  readonly clock: Clock
  readonly spool: ResultSpool
  readonly about: {
    readonly hostname: string
    readonly pid: number
    readonly version: string
    readonly labels: Labels
    readonly slots: number
  }
  /** Brings the loops round: the beat's, and the one that fetches. */
  readonly nudge: { beat(): void; poll(): void }
  readonly onOpen: (name: string, attached: number, gone: number) => void
  /** There is no way on. */
  readonly onEnd: (reason: string) => void
}

const BEAT_MAX_MS = 5_000
/** What attempts tell of themselves is heard so soon; others' words go along. */
const NEWS_WITHIN_MS = 500
/** So often within a lease. */
const BEATS = 6
/** A lease is renewed a while after a word has arrived, and what is begun here must begin before it is over. */
const MARGIN_SHARE = 1 / 3

export class AgentLife implements WorkSource {
  readonly #options: AgentLifeOptions
  #hands: Hands | null = null
  #sessionId: string | null = null
  #validUntil = Number.NEGATIVE_INFINITY
  #leaseMs = Number.POSITIVE_INFINITY
  #poll: { readonly slots: number; readonly abort: AbortController } | null = null
  #stopping = new Set<string>()
  #closed = false
  readonly #untold: UntoldNews
  #telling = false

  constructor(options: AgentLifeOptions) {
    this.#options = options
    this.#untold = new UntoldNews(options.clock)
  }

  connect(hands: Hands): void {
    this.#hands = hands
  }

  get nodeId(): string {
    return this.#sessionId ?? 'none'
  }

  holds(): boolean {
    return this.#options.clock.monotonic() < this.#validUntil
  }

  /** Work comes by the poll. */
  async lease(): Promise<readonly Work[]> {
    return []
  }

  /** What was leased and never arrived is found out by the server, which hears with each beat what is held here. */
  async held(): Promise<readonly Work[]> {
    return []
  }

  async nextIn(): Promise<null> {
    return null
  }

  async cancelling(): Promise<readonly string[]> {
    return []
  }

  /** On this disk first: a result outlives the agent that has it. */
  async report(completions: readonly Completion[]): Promise<void> {
    const { spool } = this.#options
    await spool.keep(completions.map(({ work, outcome, endedAt }) => ({ ...heldOf(work), outcome, endedAt })))
    for (const { work } of completions) this.#stopping.delete(work.run.id)
    await this.#tell()
  }

  /** What an attempt tells of itself goes with a beat. */
  hear(work: Work, news: News): void {
    this.#untold.pin(heldOf(work), news)
    if (this.#telling) return
    this.#telling = true
    this.#options.clock.after(NEWS_WITHIN_MS, () => {
      this.#telling = false
      this.#options.nudge.beat()
    })
  }

  /** Opens a session where there is none; says what is held, and hears what is to stop. */
  async beatTick(): Promise<number> {
    const { line, clock } = this.#options
    if (this.#closed) return BEAT_MAX_MS
    if (this.#sessionId === null) await this.#open()
    const sessionId = this.#sessionId!
    const asked = clock.monotonic()
    const held = this.#held()
    const news = this.#untold.take(held)
    try {
      const { stop, gone } = await line.beat(sessionId, held, news)
      if (sessionId !== this.#sessionId) return 0
      this.#heard(asked)
      this.#forgetStopped()
      this.#stop(stop)
      // Somebody else has it, or will: what goes on here changes nothing any more.
      this.#stopAttempts(gone)
      if (!this.#options.spool.isEmpty) await this.#tell()
    } catch (error) {
      // What is refused as it is would be refused for ever, and its beat with it.
      if (refusalCode(error) !== 'invalid') this.#untold.putBack(news)
      this.#refused(error, sessionId)
    }
    return Math.min(BEAT_MAX_MS, this.#leaseMs / BEATS)
  }

  /** One long poll. */
  async pollTick(): Promise<number | null> {
    const { line, clock } = this.#options
    const sessionId = this.#sessionId
    if (sessionId === null || this.#closed) return null
    const hands = this.#hands!
    const slots = Math.max(0, Math.min(Math.floor(hands.free()), AGENT_LIMITS.heldMax - this.#held().length))
    const abort = new AbortController()
    this.#poll = { slots, abort }
    const asked = clock.monotonic()
    try {
      const waitMs = Math.min(AGENT_LIMITS.waitMaxMs, this.#leaseMs)
      const request = { slots, waitMs, stopping: [...this.#stopping].slice(0, AGENT_LIMITS.heldMax) }
      const { works, stop, draining } = await line.lease(sessionId, request, abort.signal)
      // Leased to a session that counts no more: the server has found out when this one was opened.
      if (sessionId !== this.#sessionId) return 0
      this.#heard(asked)
      hands.setDraining(draining)
      this.#stop(stop)
      hands.take(works)
    } catch (error) {
      if (!abort.signal.aborted) this.#refused(error, sessionId)
    } finally {
      this.#poll = null
    }
    return 0
  }

  /** A slot has become free: a poll that asked for none asks again. */
  slotsChanged(): void {
    if (this.#poll?.slots === 0 && (this.#hands?.free() ?? 0) >= 1) this.#poll.abort.abort()
  }

  /** Takes nothing more. */
  stopPolling(): void {
    this.#closed = true
    this.#poll?.abort.abort()
  }

  /** A clean end: what is still held is given up at once. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#sessionId !== null) await this.#options.line.close(this.#sessionId)
  }

  async #open(): Promise<void> {
    const { line, about, clock } = this.#options
    const held = this.#held()
    const asked = clock.monotonic()
    try {
      const opened = await line.open({ ...about, held })
      this.#sessionId = opened.sessionId
      this.#leaseMs = opened.leaseMs
      this.#heard(asked)
      const gone = this.#hands!.holding().filter((held) => !includes(opened.attached, held))
      this.#stopAttempts(gone)
      this.#options.onOpen(opened.name, opened.attached.length, gone.length)
      this.#options.nudge.poll()
    } catch (error) {
      this.#refused(error, null)
      throw error
    }
  }

  /** Under way, or ended and not told yet: by this process, or by one before it whose results are on this disk. */
  #held(): readonly Held[] {
    const under = this.#hands!.holding()
    return [...under, ...this.#options.spool.held().filter((held) => !includes(under, held))]
  }

  /** Tells what the spool holds; what was heard is forgotten here. */
  async #tell(): Promise<void> {
    const { line, spool, clock } = this.#options
    const sessionId = this.#sessionId
    if (sessionId === null) throw new Error('there is no session to report in')
    let max: number = AGENT_LIMITS.batchMax
    let refused: Result | null = null
    for (let batch = spool.batch(max); batch.length > 0; batch = spool.batch(max)) {
      const now = clock.now()
      const whole = batch.map(({ endedAt, ...rest }) => ({ ...rest, agoMs: Math.max(0, now - endedAt) }))
      const reports = whole.map((report, n) => (batch[n] === refused ? bareReport(report) : report))
      const asked = clock.monotonic()
      try {
        await line.report(sessionId, reports)
      } catch (error) {
        // One of them cannot be told as it is: it is not to hold up the others, nor its run for ever.
        if (refusalCode(error) === 'invalid' && batch[0] !== refused) {
          if (batch.length === 1) refused = batch[0]!
          max = 1
          continue
        }
        this.#refused(error, sessionId)
        throw error
      }
      if (sessionId === this.#sessionId) this.#heard(asked)
      await spool.forget(batch)
    }
  }

  #heard(asked: number): void {
    this.#validUntil = Math.max(this.#validUntil, asked + this.#leaseMs * (1 - MARGIN_SHARE))
  }

  #stop(runIds: readonly string[]): void {
    for (const id of runIds) this.#stopping.add(id)
    if (runIds.length > 0) this.#hands?.drop(runIds)
  }

  /** By fence: the same run may be here again, as a later attempt or another part that is this agent's own. */
  #stopAttempts(attempts: readonly Held[]): void {
    this.#hands?.dropAttempts(attempts)
  }

  /** What is not here any more needs not be kept from being told again. */
  #forgetStopped(): void {
    const here = new Set(this.#held().map(({ runId }) => runId))
    for (const id of this.#stopping) if (!here.has(id)) this.#stopping.delete(id)
  }

  /**
   * A session that has ended is opened anew by the next beat. What cannot be mended ends the agent; all else is thrown.
   * What was asked in an earlier session says nothing about this one.
   */
  #refused(error: unknown, sessionId: string | null): void {
    if (sessionId !== this.#sessionId) return
    const code = refusalCode(error)
    if (code === 'session_ended') {
      this.#sessionId = null
      this.#validUntil = Number.NEGATIVE_INFINITY
      this.#options.nudge.beat()
      return
    }
    if (code !== null && FINAL_REFUSALS.includes(code)) {
      this.#closed = true
      this.#sessionId = null
      this.#options.onEnd((error as Error).message)
      return
    }
    throw error
  }
}

export function heldOf({ run }: Work): Held {
  return { runId: run.id, fence: run.fence }
}

function includes(list: readonly Held[], { runId, fence }: Held): boolean {
  return list.some((held) => held.runId === runId && held.fence === fence)
}
