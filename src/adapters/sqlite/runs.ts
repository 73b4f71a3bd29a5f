// The ledger, read; and cancelling, which a caller asks for.

import type { Attempt, AttemptCause } from '../../domain/attempt.ts'
import type { Gap } from '../../domain/gap.ts'
import type { Outcome, OutcomeKind } from '../../domain/outcome.ts'
import { isFinal, type Run, type RunStatus } from '../../domain/run.ts'
import type { RunPart } from '../../domain/run-part.ts'
import type { Command, Database, Query } from './database.ts'
import type { Finisher } from './finish.ts'
import type { Gaps } from './gaps.ts'
import type { LateReports } from './late-reports.ts'
import { rangeWithin } from './numbered.ts'
import { PARTED_NO, type PartBook } from './part-book.ts'
import { RUN_COLUMNS, RUNS_WITH_JOB, type RunReader, type RunRow } from './run-rows.ts'

type AttemptRow = {
  readonly number: number
  readonly fence: number
  readonly nodeNo: number
  readonly cause: AttemptCause
  readonly startedAt: number
  readonly endedAt: number
  readonly outcome: OutcomeKind
  readonly detail: string | null
  readonly part: number | null
}

type UnderWay = Pick<RunRow, 'fence' | 'nodeNo' | 'cause' | 'leasedAt'> & {
  readonly number: number
  readonly part: number | null
}

type RunsParts = {
  readonly reader: RunReader
  readonly finisher: Finisher
  readonly gaps: Gaps
  readonly late: LateReports
  readonly book: PartBook
}

type Cancelled = { readonly run: Run; readonly changed: boolean }

export class Runs {
  readonly #db: Database
  readonly #reader: RunReader
  readonly #finisher: Finisher
  readonly #gaps: Gaps
  readonly #late: LateReports
  readonly #parts: PartBook
  readonly #agentOf: Query<readonly [string]>
  readonly #byId: Query<RunRow>
  readonly #byInstant: Query<RunRow>
  readonly #between: Query<RunRow>
  readonly #attempts: Query<AttemptRow>
  readonly #jobNo: Query<readonly [number]>
  readonly #askToStop: Command
  readonly #cancelling: Query<readonly [string]>
  readonly #counts: Query<readonly [open: number, pending: number, cancelling: number]>

  constructor(db: Database, { reader, finisher, gaps, late, book }: RunsParts) {
    this.#db = db
    this.#parts = book
    this.#reader = reader
    this.#finisher = finisher
    this.#gaps = gaps
    this.#late = late
    this.#agentOf = db.tuples('SELECT a.name FROM nodes n JOIN agents a ON a.no = n.agent_no WHERE n.no = ?')
    const select = `SELECT ${RUN_COLUMNS} ${RUNS_WITH_JOB}`
    this.#byId = db.query(`${select} WHERE r.id = ?`)
    this.#byInstant = db.query(`${select} WHERE r.job_no = ? AND r.due_at = ? AND r.off_schedule = 0`)
    this.#between = db.query(
      `${select} WHERE r.job_no = ? AND r.due_at >= ? AND r.due_at < ? ORDER BY r.due_at, r.no LIMIT ?`,
    )
    this.#attempts = db.query(
      `SELECT number, fence, node_no AS nodeNo, cause, started_at AS startedAt, ended_at AS endedAt, outcome, detail, part
       FROM attempts WHERE no BETWEEN ? AND ? ORDER BY no`,
    )
    this.#jobNo = db.tuples('SELECT no FROM jobs WHERE id = ?')
    this.#askToStop = db.command("UPDATE runs SET status = 'cancelling', message = ? WHERE no = ?")
    this.#cancelling = db.tuples(
      `SELECT id FROM runs WHERE status = 'cancelling' AND node_no = ?1
       UNION SELECT r.id FROM parts p JOIN runs r ON r.no = p.run_no AND r.status = 'cancelling' WHERE p.node_no = ?1`,
    )
    this.#counts = db.tuples(
      `SELECT (SELECT count(*) FROM runs WHERE finished_at IS NULL),
         (SELECT count(*) FROM runs WHERE status = 'pending' AND ready_at IS NOT NULL AND waits = 0)
           + (SELECT count(*) FROM runs WHERE waits = 1 AND concurrency_key IS NOT NULL AND finished_at IS NULL)
           + (SELECT count(*) FROM runs WHERE status = 'pending' AND ready_at IS NULL),
         (SELECT count(*) FROM runs WHERE status = 'cancelling')`,
    )
  }

  get(id: string): Run | null {
    const row = this.#byId.get(id)
    return row === undefined ? null : this.#reader.run(row)
  }

  /** Those that ended, then the one under way, which is its run's lease. */
  attempts(runId: string): Attempt[] {
    const run = this.#byId.get(runId)
    if (run === undefined) return []
    const late = this.#late.ofRun(run.no)
    const ended = this.#attempts
      .all(...rangeWithin(run.no))
      .map((row) => ({ ...this.#attempt(runId, row), late: late.get(row.number) ?? null }))
    const { no, nodeNo, attempts: number } = run
    if (nodeNo === null) return ended
    const underWay =
      nodeNo === PARTED_NO
        ? this.#parts.underWay(no).map((part) => this.#underWay(runId, { ...part, number: part.attempt }))
        : [this.#underWay(runId, { ...run, number, part: null })]
    return [...ended, ...underWay].sort((a, b) => a.number - b.number)
  }

  parts(runId: string): RunPart[] {
    const run = this.#byId.get(runId)
    return run === undefined ? [] : this.#parts.ofRun(run.no)
  }

  ledger(jobId: string, from: number, to: number, limit: number): { runs: Run[]; gaps: Gap[] } {
    const jobNo = this.#jobNo.get(jobId)?.[0]
    if (jobNo === undefined) return { runs: [], gaps: [] }
    return {
      runs: this.#between.all(jobNo, from, to, limit).map((row) => this.#reader.run(row)),
      gaps: this.#gaps.within(jobNo, jobId, from, to, limit),
    }
  }

  entryAt(jobId: string, dueAt: number): { run: Run } | { gap: Gap } | null {
    const jobNo = this.#jobNo.get(jobId)?.[0]
    if (jobNo === undefined) return null
    const row = this.#byInstant.get(jobNo, dueAt)
    if (row !== undefined) return { run: this.#reader.run(row) }
    const gap = this.#gaps.covering(jobNo, jobId, dueAt)
    return gap === null ? null : { gap }
  }

  cancel(id: string, now: number, message: string): Cancelled | null {
    return this.#db.write<Cancelled | null>(() => {
      const row = this.#byId.get(id)
      if (row === undefined) return null
      if (row.status === 'pending') {
        const run = this.#finisher.finishRow(row, 'cancelled', null, message, now)
        this.#finisher.release([row.jobNo], now)
        return { run, changed: true }
      }
      if (isFinal(row.status) || row.status === 'cancelling')
        return { run: this.#reader.run(row), changed: false }
      this.#askToStop.run(message, row.no)
      if (row.nodeNo === PARTED_NO) {
        // Nobody holds them, so nobody has to let go.
        for (const part of this.#parts.waiting(row.no)) this.#parts.end(part, 'cancelled', message, now)
        if (!this.#parts.anyOpen(row.no)) {
          const run = this.#finisher.finishRow(row, 'cancelled', null, message, now)
          this.#finisher.release([row.jobNo], now)
          return { run, changed: true }
        }
      }
      return { run: this.#reader.run({ ...row, status: 'cancelling', message }), changed: true }
    })
  }

  cancelling(nodeId: string): string[] {
    const nodeNo = this.#reader.nodes.no(nodeId)
    return nodeNo === null ? [] : this.#cancelling.all(nodeNo).map(([id]) => id)
  }

  counts(): { status: RunStatus; count: number }[] {
    const [open, pending, cancelling] = this.#counts.get()!
    return [
      { status: 'pending', count: pending },
      { status: 'running', count: open - pending - cancelling },
      { status: 'cancelling', count: cancelling },
    ]
  }

  #underWay(runId: string, { number, part, fence, nodeNo, cause, leasedAt }: UnderWay): Attempt {
    const nodeId = this.#reader.nodes.id(nodeNo!)
    const open = { endedAt: null, outcome: null, detail: null, agent: this.#agent(nodeNo!), late: null }
    return { runId, number, part, fence, nodeId, cause, startedAt: leasedAt!, ...open }
  }

  #agent(nodeNo: number): string | null {
    return this.#agentOf.get(nodeNo)?.[0] ?? null
  }

  #attempt(runId: string, { nodeNo, detail, ...row }: AttemptRow): Omit<Attempt, 'late'> {
    const outcome = detail === null ? { kind: row.outcome } : JSON.parse(detail)
    const agent = this.#agent(nodeNo)
    return { runId, ...row, nodeId: this.#reader.nodes.id(nodeNo), detail: outcome as Outcome, agent }
  }
}
