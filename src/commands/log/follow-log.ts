// Follows the logs of a run as they grow, attempt after attempt, until the run has ended and its logs with it.

import type { Principal } from '../../domain/api-key.ts'
import { AppError } from '../../domain/errors.ts'
import type { LogStream } from '../../domain/log/log-frame.ts'
import { LOG_LIMITS, logStatus, type RunLog } from '../../domain/log/run-log.ts'
import { isFinal, type Run } from '../../domain/run.ts'
import { authorize } from '../authorize.ts'
import type { Context } from '../context.ts'
import { findRun } from '../get-run.ts'
import type { NumberedLine } from './log-lines.ts'
import { readLog, type WhichLog } from './read-log.ts'

/** The next line of each log, by `attempt.part`. */
export type LogPlaces = Readonly<Record<string, number>>

export type FollowQuery = WhichLog & {
  readonly streams?: readonly LogStream[]
  /** Of each log that has no place yet: begin with so many last lines. Absent: with the first. */
  readonly tail?: number
  /** Go on from here. */
  readonly places: LogPlaces
}

export type LogNewsItem =
  | {
      readonly kind: 'lines'
      readonly log: RunLog
      readonly items: readonly NumberedLine[]
      readonly places: LogPlaces
    }
  /** Its status has changed. */
  | { readonly kind: 'log'; readonly log: RunLog; readonly places: LogPlaces }
  | { readonly kind: 'end'; readonly run: Run; readonly places: LogPlaces }

const LOOK_AGAIN_MS = 1_000

/** Throws at once what is wrong with the request; what it returns follows until the end or the signal. */
export async function followLogs(
  ctx: Context,
  who: Principal,
  runId: string,
  query: FollowQuery,
  signal: AbortSignal,
): Promise<AsyncGenerator<LogNewsItem, void>> {
  authorize(who, 'log.read')
  await findRun(ctx, who, runId)
  refuseTooMany(matching(await ctx.store.logs.ofRun(runId), query))
  return new Follower(ctx, who, runId, query, signal).run()
}

class Follower {
  readonly #ctx: Context
  readonly #who: Principal
  readonly #runId: string
  readonly #query: FollowQuery
  readonly #signal: AbortSignal
  readonly #places: Map<string, number>
  readonly #told = new Map<string, string>()
  /** How far each log had come when it was looked at last, and when that changed. */
  readonly #seen = new Map<string, { readonly mark: string; readonly at: number }>()

  constructor(ctx: Context, who: Principal, runId: string, query: FollowQuery, signal: AbortSignal) {
    this.#ctx = ctx
    this.#who = who
    this.#runId = runId
    this.#query = query
    this.#signal = signal
    this.#places = new Map(Object.entries(query.places))
  }

  async *run(): AsyncGenerator<LogNewsItem, void> {
    using watch = this.#ctx.logNews.watch(this.#runId)
    while (!this.#signal.aborted) {
      const run = await findRun(this.#ctx, this.#who, this.#runId)
      const logs = matching(await this.#ctx.store.logs.ofRun(this.#runId), this.#query)
      refuseTooMany(logs)
      for (const log of logs) yield* this.#grown(log)
      if (isFinal(run.status) && logs.every((log) => this.#isOver(log))) {
        return yield { kind: 'end', run, places: this.#now() }
      }
      await watch.next(LOOK_AGAIN_MS, this.#signal)
    }
  }

  async *#grown(log: RunLog): AsyncGenerator<LogNewsItem, void> {
    const { tail, streams } = this.#query
    const key = keyOf(log)
    let from = this.#places.get(key) ?? (tail === undefined ? 1 : Math.max(1, log.lines - tail + 1))
    const only = streams === undefined ? {} : { streams }
    while (from <= log.lines && !this.#signal.aborted) {
      const { attempt, part } = log
      const limit = LOG_LIMITS.pageLinesDefault
      const page = await readLog(
        this.#ctx,
        this.#who,
        this.#runId,
        { attempt, part },
        { from, limit, ...only },
      )
      from = page.next
      this.#places.set(key, from)
      if (page.items.length > 0) yield { kind: 'lines', log, items: page.items, places: this.#now() }
    }
    this.#places.set(key, from)
    this.#see(key, log)
    const status = logStatus(log)
    if (this.#told.get(key) === status) return
    this.#told.set(key, status)
    yield { kind: 'log', log, places: this.#now() }
  }

  /** An agent that was away tells of an end that is long over, and sends the log after it. */
  #see(key: string, { chunks, attemptEndedAt }: RunLog): void {
    const mark = `${chunks} ${attemptEndedAt}`
    const before = this.#seen.get(key)
    if (before?.mark === mark) return
    this.#seen.set(key, { mark, at: before === undefined ? 0 : this.#ctx.clock.now() })
  }

  /** Sealed, or given up: whoever wrote it had its time. */
  #isOver(log: RunLog): boolean {
    const { seal, attemptEndedAt } = log
    if (seal !== null) return true
    if (attemptEndedAt === null) return false
    const last = Math.max(attemptEndedAt, this.#seen.get(keyOf(log))?.at ?? 0)
    return last + LOG_LIMITS.sealGraceMs <= this.#ctx.clock.now()
  }

  #now(): LogPlaces {
    return Object.fromEntries(this.#places)
  }
}

function matching(logs: readonly RunLog[], { attempt, part }: WhichLog): RunLog[] {
  return logs.filter(
    (log) => (attempt === undefined || log.attempt === attempt) && (part === undefined || log.part === part),
  )
}

function keyOf({ attempt, part }: RunLog): string {
  return `${attempt}.${part}`
}

function refuseTooMany(logs: readonly RunLog[]): void {
  const { followedMax } = LOG_LIMITS
  if (logs.length <= followedMax) return
  throw new AppError(
    'invalid',
    `This run has ${logs.length} logs, and at most ${followedMax} are followed together. Name an attempt and a part.`,
    [{ pointer: '/part', code: 'required', detail: `Name one of the parts: there are ${logs.length} logs.` }],
  )
}
