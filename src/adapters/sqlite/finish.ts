// The one way a run becomes final. In the same transaction whoever must be told is written to the outbox, and the
// queue behind the run moves up.

import type { AttemptCause } from '../../domain/attempt.ts'
import { isTold } from '../../domain/effect.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { OutcomeDetails } from '../../domain/outcome-details.ts'
import { resolvePolicy } from '../../domain/policy.ts'
import type { FinalRun, FinalStatus, Reason } from '../../domain/run.ts'
import { queueUntil } from '../../domain/start-deadline.ts'
import type { Chance } from '../../ports/chance.ts'
import { type Command, type Database, type Query, UPDATE_RUNS } from './database.ts'
import { InTens } from './in-tens.ts'
import { numberWithin } from './numbered.ts'
import { PARTED_NO, type PartBook, type PartRow } from './part-book.ts'
import type { RunReader, RunRow } from './run-rows.ts'

/** What ending a run needs to know of it. */
export type Ending = Pick<RunRow, 'no' | 'jobNo' | 'version' | 'projectNo' | 'hasCallback'>

/** The lease of a run or of a part, which is the attempt under way. `attempts` is its number. */
export type UnderWay = Pick<RunRow, 'no' | 'attempts' | 'fence' | 'nodeNo' | 'leasedAt'> & {
  readonly cause: AttemptCause
  readonly part: number | null
}

export class Finisher {
  readonly #chance: Chance
  readonly #reader: RunReader
  readonly #parts: PartBook
  readonly #details = new OutcomeDetails()
  readonly #end: InTens
  readonly #attempts: InTens
  readonly #takeFence: Command
  readonly #tell: Command
  readonly #anyQueued: Query<readonly [number]>
  readonly #release: Query<
    readonly [
      no: number,
      jobNo: number,
      version: number,
      poolNo: number,
      startBy: number | null,
      readyAt: number,
    ]
  >
  readonly #startBy: Command

  constructor(db: Database, chance: Chance, reader: RunReader, parts: PartBook) {
    this.#chance = chance
    this.#reader = reader
    this.#parts = parts
    this.#end = new InTens(db, {
      row: '(?, ?, ?, ?, ?)',
      own: [4],
      one: `${UPDATE_RUNS} SET status = ?, reason = ?, message = ?, finished_at = ?, node_no = NULL, leased_at = NULL
        WHERE no = ?`,
      many: (rows) =>
        `${UPDATE_RUNS} SET status = v.column1, reason = v.column2, message = v.column3, finished_at = v.column4,
           node_no = NULL, leased_at = NULL FROM (VALUES ${rows}) v WHERE runs.no = v.column5`,
    })
    const attempt = `(${Array(9).fill('?').join(', ')})`
    const attempts = (rows: string): string =>
      `INSERT OR ROLLBACK INTO attempts (no, fence, node_no, cause, started_at, ended_at, outcome, detail, part)
       VALUES ${rows}`
    this.#attempts = new InTens(db, { row: attempt, own: [0], one: attempts(attempt), many: attempts })
    this.#takeFence = db.command(`${UPDATE_RUNS} SET fence = fence + 1 WHERE no = ?`)
    this.#tell = db.command(
      `INSERT INTO effects (id, run_no, job_no, project_no, callback, status, tries, next_try_at, created_at)
       VALUES (?, ?, ?, ?, ?, 'pending', 0, ?6, ?6)`,
    )
    this.#anyQueued = db.tuples("SELECT 1 FROM runs WHERE status = 'pending' AND ready_at IS NULL LIMIT 1")
    // Only when nothing else of the job is ready or under way: whatever ended, one at a time goes on.
    this.#release = db.tuples(
      `UPDATE runs SET ready_at = max(?1, not_before)
       WHERE no = (SELECT min(no) FROM runs WHERE job_no = ?2 AND status = 'pending' AND ready_at IS NULL)
         AND NOT EXISTS (SELECT 1 FROM runs WHERE job_no = ?2 AND finished_at IS NULL AND ready_at IS NOT NULL)
       RETURNING no, job_no, version, pool_no, start_by, ready_at`,
    )
    this.#startBy = db.command('UPDATE runs SET start_by = ? WHERE no = ?')
  }

  /** From here on the attempt is a row that never changes; the caller says what becomes of the run. */
  closeAttempt(run: UnderWay, outcome: Outcome, endedAt: number): void {
    this.closeSoon(run, outcome, endedAt)
    this.#attempts.flush()
  }

  /** The same, written by the next `flush` at the latest: nobody may look at the attempt before. */
  closeSoon(run: UnderWay, outcome: Outcome, endedAt: number): void {
    const no = numberWithin(run.no, run.attempts)
    const { fence, nodeNo, cause, leasedAt, part } = run
    const at = Math.max(leasedAt!, endedAt)
    this.#attempts.add([
      no,
      fence,
      nodeNo,
      cause,
      leasedAt,
      at,
      outcome.kind,
      this.#details.of(outcome),
      part,
    ])
  }

  finish(run: Ending, status: FinalStatus, reason: Reason | null, message: string | null, at: number): void {
    this.finishSoon(run, status, reason, message, at)
    this.flush()
  }

  /** The same, written by the next `flush` at the latest: nobody may look at the run before. */
  finishSoon(
    run: Ending,
    status: FinalStatus,
    reason: Reason | null,
    message: string | null,
    at: number,
  ): void {
    this.#end.add([status, reason, message, at, run.no])
    this.tell(run, status, at)
  }

  flush(): void {
    this.#attempts.flush()
    this.#end.flush()
  }

  finishRow(
    row: RunRow,
    status: FinalStatus,
    reason: Reason | null,
    message: string | null,
    at: number,
  ): FinalRun {
    this.finish(row, status, reason, message, at)
    return this.#reader.ended(row, status, reason, message, at)
  }

  /** Ends a run under way from outside: its attempt is closed and its fence taken, so that its report comes too late. */
  cutOff(row: RunRow, message: string, at: number): FinalRun {
    const outcome = { kind: 'cancelled', message } as const
    if (row.nodeNo === PARTED_NO) this.#cutOffParts(row.no, outcome, at)
    else this.closeAttempt({ ...row, part: null }, outcome, at)
    this.#takeFence.run(row.no)
    return this.finishRow({ ...row, fence: row.fence + 1 }, 'cancelled', null, message, at)
  }

  #cutOffParts(runNo: number, outcome: Outcome & { kind: 'cancelled' }, at: number): void {
    for (const part of this.#parts.underWay(runNo)) {
      this.closeAttempt(underWay(part), outcome, at)
      this.#parts.end(part, 'cancelled', outcome.message, at)
    }
    for (const part of this.#parts.waiting(runNo)) this.#parts.end(part, 'cancelled', outcome.message, at)
  }

  /** For a run that is final, whether it ended or was born so. */
  tell(run: Ending, status: FinalStatus, at: number): void {
    if (run.hasCallback === 0) return
    const { callback } = this.#reader.specs.of(run.jobNo, run.version)
    if (!isTold(callback, status)) return
    const id = this.#chance.id('eff')
    this.#tell.run(id, run.no, run.jobNo, run.projectNo, JSON.stringify(callback), at)
  }

  /** After all endings of a transaction. Returns how many queued runs may start now. */
  release(jobNos: Iterable<number>, now: number): number {
    if (this.#anyQueued.get() === undefined) return 0
    let released = 0
    for (const jobNo of new Set(jobNos)) {
      const row = this.#release.get(now, jobNo)
      if (row === undefined) continue
      released += 1
      if (row[3] !== 0) this.#bePatient(...row)
    }
    return released
  }

  /** The patience with waiting for an agent begins when the run may start. */
  #bePatient(
    no: number,
    jobNo: number,
    version: number,
    _pool: number,
    startBy: number | null,
    readyAt: number,
  ): void {
    const policy = resolvePolicy(this.#reader.specs.of(jobNo, version).policy)
    if (policy.queueTimeoutMs !== null)
      this.#startBy.run(queueUntil(startBy, readyAt, policy.queueTimeoutMs), no)
  }
}

export function underWay({ runNo, part, attempt, fence, nodeNo, cause, leasedAt }: PartRow): UnderWay {
  return { no: runNo, part, attempts: attempt, fence, nodeNo, cause, leasedAt }
}
