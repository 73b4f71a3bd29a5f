// The end of attempts: each closed under its live fence, then done, or pending again. A stale report writes nothing.

import { type ActiveRun, endedRun, type PendingRun, type Run } from '../../domain/run.ts'
import { type EndedPart, joinParts, whyGivenUp } from '../../domain/run-part.ts'
import type { Settlement } from '../../domain/settle.ts'
import type { SettledAttempt, SettleReport } from '../../ports/store.ts'
import { type Command, type Database, type Query, UPDATE_RUNS } from './database.ts'
import { type Finisher, underWay } from './finish.ts'
import { OUTSIDE_NO } from './handed.ts'
import type { LateReports } from './late-reports.ts'
import { type Live, LiveRuns } from './live-runs.ts'
import type { PartBook } from './part-book.ts'
import { RUN_COLUMNS, RUNS_WITH_JOB, type RunReader, type RunRow } from './run-rows.ts'

type Retry = Settlement & { kind: 'retry' }

const CANCELLED = 'cancelled while an attempt was under way'

export class Settler {
  readonly #db: Database
  readonly #finisher: Finisher
  readonly #late: LateReports
  readonly #reader: RunReader
  readonly #parts: PartBook
  readonly #byNo: Query<RunRow>
  readonly #live: LiveRuns
  readonly #retry: Command

  constructor(db: Database, reader: RunReader, finisher: Finisher, late: LateReports, parts: PartBook) {
    this.#db = db
    this.#finisher = finisher
    this.#late = late
    this.#reader = reader
    this.#parts = parts
    this.#byNo = db.query(`SELECT ${RUN_COLUMNS} ${RUNS_WITH_JOB} WHERE r.no = ?`)
    this.#live = new LiveRuns(db)
    this.#retry = db.command(
      `${UPDATE_RUNS} SET status = 'pending', ready_at = ?, cause = ?, message = ?, start_by = ?, node_no = NULL, leased_at = NULL
       WHERE no = ?`,
    )
  }

  settle(batch: readonly SettledAttempt[], now: number): SettleReport {
    if (batch.length === 0) return { runs: [], released: 0, stale: 0 }
    return this.#db.write(() => {
      const touched: number[] = []
      // A part that ends may end its run, so runs that stand beside parts are looked up in turn.
      const live = batch.some(isPart) ? null : this.#live.of(batch.map(({ run }) => run.id))
      const runs = batch.map((settled) => {
        if (live !== null) return this.#settleOne(settled, now, live, touched)
        this.#finisher.flush()
        return isPart(settled)
          ? this.#settlePart(settled, now, touched)
          : this.#settleOne(settled, now, this.#live.of([settled.run.id]), touched)
      })
      this.#finisher.flush()
      const stale = runs.filter((run) => run === null).length
      return { runs, released: this.#finisher.release(touched, now), stale }
    })
  }

  #settleOne(
    { run, outcome, settlement, endedAt, inDoubt }: SettledAttempt,
    now: number,
    lives: Map<string, Live>,
    touched: number[],
  ): Run | null {
    const live = lives.get(run.id)
    // The one test of the fence.
    if (live?.fence !== run.fence) {
      // It looks for the attempt among those that have ended.
      this.#finisher.flush()
      this.#late.write(run.id, run.fence, outcome, endedAt)
      return null
    }
    if (inDoubt === true && live.nodeNo === OUTSIDE_NO) return null
    // Told of once more in this batch, it has ended.
    lives.delete(run.id)
    this.#finisher.closeSoon(live, outcome, endedAt)
    // Someone asked for the end of the run meanwhile: no further attempt.
    if (settlement.kind === 'retry' && live.status === 'running') return this.#again(run, live, settlement)
    const [status, message] =
      settlement.kind === 'retry'
        ? (['cancelled', CANCELLED] as const)
        : [settlement.status, settlement.message]
    this.#finisher.finishSoon(live, status, null, message, now)
    touched.push(live.jobNo)
    return endedRun(run, status, message, now)
  }

  #settlePart(
    { run, outcome, settlement, endedAt }: SettledAttempt,
    now: number,
    touched: number[],
  ): Run | null {
    const part = this.#parts.live(run.id, run.fence)
    if (part === undefined) {
      this.#late.write(run.id, run.fence, outcome, endedAt)
      return null
    }
    const row = this.#byNo.get(part.runNo)!
    this.#finisher.closeAttempt(underWay(part), outcome, endedAt)
    if (settlement.kind === 'done') this.#parts.end(part, settlement.status, settlement.message, now)
    else if (row.status === 'running') this.#parts.again(part, settlement)
    else this.#parts.end(part, 'cancelled', CANCELLED, now)
    return this.#join(row, now, touched)
  }

  giveUpParts(now: number, awayMs: number, limit: number): Run[] {
    if (this.#parts.inVain(now, awayMs, 1).length === 0) return []
    return this.#db.write(() => {
      const touched: number[] = []
      const runs = new Map<number, Run>()
      for (const part of this.#parts.inVain(now, awayMs, limit)) {
        this.#parts.end(part, 'failed', whyGivenUp(part, now), now)
        runs.set(part.runNo, this.#join(this.#byNo.get(part.runNo)!, now, touched))
      }
      this.#finisher.release(touched, now)
      return [...runs.values()]
    })
  }

  /** The run as it is now: with its last part it has ended. */
  #join(row: RunRow, now: number, touched: number[]): Run {
    if (this.#parts.anyOpen(row.no)) return this.#reader.run(row)
    const parts = this.#parts.ofRun(row.no) as EndedPart[]
    const { status, message } = joinParts(parts, row.status === 'cancelling')
    touched.push(row.jobNo)
    return this.#finisher.finishRow(row, status, null, message, now)
  }

  #again(
    run: ActiveRun,
    { no, notBefore }: Live,
    { readyAt, startBy = null, cause, message }: Retry,
  ): PendingRun {
    this.#retry.run(readyAt, cause, message, startBy, no)
    const { lease: _, ...base } = run
    return { ...base, status: 'pending', message, readyAt, notBefore: notBefore!, startBy }
  }
}

function isPart({ part }: SettledAttempt): boolean {
  return part !== undefined
}
