// The world outside: targets that are slow, fail, do not answer or get a request twice, and receivers of callbacks of
// the same kind. What arrived there is written down here and not asked of the product.

import { parseDuration } from '../../src/domain/duration.ts'
import type { Outcome, Reached } from '../../src/domain/outcome.ts'
import type { RunDocument } from '../../src/domain/run-document.ts'
import type { DeliveryResult, Dispatcher, Notifier } from '../../src/ports/dispatcher.ts'
import type { StopSignal } from '../../src/ports/stop.ts'
import type { Work } from '../../src/ports/store.ts'
import type { Coverage } from './coverage.ts'
import type { Dice } from './dice.ts'
import { never, type SimProcess } from './sim-process.ts'
import type { Timeline } from './timeline.ts'
import type { Trace } from './trace.ts'

/** A request that arrived at a target. Times are simulated, `wall` is the clock of the store at that moment. */
export type Arrival = {
  readonly at: number
  readonly wall: number
  readonly node: string
  readonly jobId: string
  readonly job: string
  /** When it was answered; null: never. */
  readonly until: number | null
  readonly runId: string
  readonly dueAt: number
  readonly attempt: number
  readonly fence: number
  /** The network brought the same request a second time. */
  readonly repeated: boolean
}

export type Tale = {
  readonly at: number
  readonly wall: number
  readonly id: string
  readonly runId: string
  readonly status: string
  readonly heard: boolean
}

/** How bad it is out there; shares of requests. */
export type Manners = {
  readonly unreachable: number
  readonly unanswered: number
  readonly failing: number
  readonly doubled: number
  /** Of those that are slow, how slow at most. */
  readonly slow: number
  readonly slowMs: number
}

export const GOOD_MANNERS: Manners = {
  unreachable: 0,
  unanswered: 0,
  failing: 0,
  doubled: 0,
  slow: 0,
  slowMs: 1,
}

const TRAVEL_MS = [1, 30] as const
const WORK_MS = [1, 400] as const
const ATTEMPT_TIMEOUT_DEFAULT_MS = 15 * 60_000

export type OutsideParts = {
  readonly timeline: Timeline
  readonly trace: Trace
  readonly coverage: Coverage
  readonly dice: Dice
  readonly storeNow: () => number
}

export class Outside {
  manners: Manners = GOOD_MANNERS
  readonly arrivals: Arrival[] = []
  readonly told: Tale[] = []
  readonly #parts: OutsideParts

  constructor(parts: OutsideParts) {
    this.#parts = parts
  }

  /** The ways of one process to the outside. What has left goes on when the process has died. */
  dispatcher(process: SimProcess): Dispatcher {
    return {
      dispatch: (work, signal) => this.#carryOut(work, signal, process),
      dispatchBatch: (batch, signal) =>
        Promise.all(batch.map((work) => this.#carryOut(work, signal, process))),
      batchKey: (work) => (work.spec.target.http?.batch === undefined ? null : work.spec.target.http.url),
    }
  }

  notifier(process: SimProcess): Notifier {
    return {
      notify: ({ id, body, timeoutMs }, signal) =>
        this.#tell(id, JSON.parse(body), timeoutMs, signal, process),
    }
  }

  #carryOut(work: Work, signal: StopSignal, process: SimProcess): Promise<Outcome> {
    if (process.isDead) return never()
    const { dice, coverage } = this.#parts
    const { manners } = this
    const travel = dice.ms(...TRAVEL_MS)
    if (dice.chance(manners.unreachable)) {
      const message = 'connection refused'
      return this.#answer(
        travel,
        { kind: 'error', code: 'connect', message, reached: 'no' },
        work,
        signal,
        process,
      )
    }
    if (dice.chance(manners.doubled)) {
      coverage.count('requests doubled')
      this.#parts.timeline.after(travel + dice.ms(1, 2_000), () => this.#arrive(work, process, null, true))
    }
    const slow = dice.chance(manners.slow)
    const takes = 2 * travel + dice.ms(WORK_MS[0], slow ? manners.slowMs : WORK_MS[1])
    if (slow) coverage.count('requests slow')
    const answered = !dice.chance(manners.unanswered)
    if (!answered) coverage.count('requests unanswered')
    const failed = dice.chance(manners.failing)
    const until = answered ? takes - 2 * travel : null
    this.#parts.timeline.after(travel, () => this.#arrive(work, process, until, false))
    return this.#answer(answered ? takes : null, failed ? answer(503) : { kind: 'ok' }, work, signal, process)
  }

  /** `untilMs`: from its arrival to its answer. */
  #arrive(work: Work, process: SimProcess, untilMs: number | null, repeated: boolean): void {
    const { timeline, trace, storeNow } = this.#parts
    const { run, attempt } = work
    const { id: runId, jobId, jobName: job, dueAt, fence } = run
    const [at, wall] = [timeline.now, storeNow()]
    const until = untilMs === null ? null : wall + untilMs
    const asked = { jobId, job, runId, dueAt, fence, attempt: attempt.number }
    this.arrivals.push({ at, wall, until, node: process.name, ...asked, repeated })
    trace.note(at, 'target', `${runId} attempt ${attempt.number} fence ${fence}${repeated ? ' again' : ''}`)
  }

  /** The answer, the deadline or the order to stop, whichever comes to the process first. */
  #answer(
    afterMs: number | null,
    outcome: Outcome,
    work: Work,
    signal: StopSignal,
    process: SimProcess,
  ): Promise<Outcome> {
    return new Promise((resolve) => {
      const cancelDeadline = deadline(process.clock, timeoutOf(work), () =>
        resolve({ kind: 'timeout', message: 'no answer in time', reached: 'maybe' as Reached }),
      )
      signal.addEventListener('abort', () => {
        cancelDeadline()
        this.#parts.coverage.count('requests broken off')
        resolve({ kind: 'cancelled', message: 'the call was cancelled' })
      })
      if (afterMs === null) return
      process.comesBack(afterMs).then(() => {
        cancelDeadline()
        resolve(outcome)
      })
    })
  }

  #tell(
    id: string,
    run: RunDocument,
    timeoutMs: number,
    signal: StopSignal,
    process: SimProcess,
  ): Promise<DeliveryResult> {
    if (process.isDead) return never()
    const { dice, timeline, coverage } = this.#parts
    const { manners } = this
    const travel = dice.ms(...TRAVEL_MS)
    const failed = dice.chance(manners.failing)
    const answered = !dice.chance(manners.unanswered)
    const arrive = (): void => {
      this.told.push({
        at: timeline.now,
        wall: this.#parts.storeNow(),
        id,
        runId: run.id,
        status: run.status,
        heard: !failed,
      })
      this.#parts.trace.note(
        timeline.now,
        'receiver',
        `${id} ${run.id} ${run.status} ${failed ? 'deaf' : 'heard'}`,
      )
    }
    timeline.after(travel, arrive)
    if (dice.chance(manners.doubled)) {
      coverage.count('callbacks doubled')
      timeline.after(travel + dice.ms(1, 2_000), arrive)
    }
    const done = (result: DeliveryResult) => result
    return new Promise((resolve) => {
      const late = { ok: false, status: null, message: 'no answer in time' }
      const cancelDeadline = deadline(process.clock, timeoutMs, () => resolve(done(late)))
      signal.addEventListener('abort', () => {
        cancelDeadline()
        resolve({ ok: false, status: null, message: 'the call was cancelled' })
      })
      if (!answered) return
      process.comesBack(2 * travel).then(() => {
        cancelDeadline()
        resolve(
          failed ? { ok: false, status: 500, message: 'deaf' } : { ok: true, status: 204, message: 'heard' },
        )
      })
    })
  }
}

function answer(status: number): Outcome {
  const response = { status, headers: {}, body: '', bodyBytes: 0, truncated: false }
  return { kind: 'error', code: 'status', message: `answered ${status}`, reached: 'yes', response }
}

function timeoutOf({ spec }: Work): number {
  const text = spec.policy.timeout
  return (text === undefined ? null : parseDuration(text)) ?? ATTEMPT_TIMEOUT_DEFAULT_MS
}

/** Longer than one wait of the clock may be. */
function deadline(clock: SimProcess['clock'], ms: number, then: () => void): () => void {
  const at = clock.monotonic() + ms
  let cancel = (): void => {}
  const arm = (): void => {
    const left = at - clock.monotonic()
    if (left <= 0) then()
    else cancel = clock.after(left, arm)
  }
  arm()
  return () => cancel()
}
