// The ledger, read; and cancelling, which a caller asks for.

import type { Attempt, AttemptCause } from '../../domain/attempt.ts'
import type { Gap } from '../../domain/gap.ts'
import type { Outcome, OutcomeKind } from '../../domain/outcome.ts'
import { isFinal, type Run, type RunStatus } from '../../domain/run.ts'
import type { RunPart } from '../../domain/run-part.ts'
import type { Database, Reader } from './database.ts'
import type { Finisher } from './finish.ts'
import type { Gaps } from './gaps.ts'
import { endParts, openPartsOf, PARTED_NO, partsOfRun, partsUnderWay } from './part-book.ts'
import { RUN_COLUMNS, RUNS_WITH_NAMES, type RunRow, toRun, withNames } from './run-rows.ts'
import { sql } from './sql.ts'
import { storable } from './text.ts'

type AttemptRow = {
  readonly number: number
  readonly fence: number
  readonly nodeId: string
  readonly agent: string | null
  readonly cause: AttemptCause
  readonly startedAt: number
  readonly endedAt: number
  readonly outcome: OutcomeKind
  readonly detail: string | null
  readonly part: number | null
  readonly lateAt: number | null
  readonly lateOutcome: OutcomeKind | null
  readonly lateDetail: string | null
}

type Cancelled = { readonly run: Run; readonly changed: boolean }

const SELECT = `SELECT ${RUN_COLUMNS} ${RUNS_WITH_NAMES}`
const BY_ID = sql<RunRow>(`${SELECT} WHERE r.id = $1`)
const LOCK = sql<RunRow>(withNames('SELECT * FROM runs WHERE id = $1 FOR UPDATE'))
const BY_INSTANT = sql<RunRow>(`${SELECT} WHERE r.job_no = $1 AND r.due_at = $2 AND r.off_schedule = 0`)
const BETWEEN = sql<RunRow>(
  `${SELECT} WHERE r.job_no = $1 AND r.due_at >= $2 AND r.due_at < $3 ORDER BY r.due_at, r.no LIMIT $4`,
)
// Nodes long gone are forgotten before what they did is.
const ATTEMPTS = sql<AttemptRow>(
  `SELECT a.number, a.part, a.fence, coalesce(n.id, 'nod_forgotten_' || a.node_no) AS "nodeId", g.name AS agent, a.cause, a.started_at AS "startedAt", a.ended_at AS "endedAt", a.outcome,
     a.detail, l.at AS "lateAt", l.outcome AS "lateOutcome", l.detail AS "lateDetail"
   FROM attempts a LEFT JOIN nodes n ON n.no = a.node_no LEFT JOIN agents g ON g.no = n.agent_no
     LEFT JOIN late_reports l ON l.run_no = a.run_no AND l.number = a.number
   WHERE a.run_no = $1 AND a.due_at = $2 ORDER BY a.number`,
)
const AGENT = sql<{ name: string }>(
  'SELECT g.name FROM nodes n JOIN agents g ON g.no = n.agent_no WHERE n.id = $1',
)
const JOB_NO = sql<{ no: number }>('SELECT no FROM jobs WHERE id = $1')
const ASK_TO_STOP = sql(
  "UPDATE runs SET status = 'cancelling', message = $1 WHERE id = $2 AND due_at + 0 = $3",
)
const CANCELLING = sql<{ id: string }>(
  `SELECT r.id FROM runs r WHERE r.node_no = (SELECT no FROM nodes WHERE id = $1) AND r.status = 'cancelling'
   UNION SELECT r.id FROM nodes n JOIN parts p ON p.node_no = n.no AND p.node_no IS NOT NULL
   JOIN runs r ON r.id = p.run_id AND r.status = 'cancelling' WHERE n.id = $1`,
)
const COUNTS = sql<{ status: RunStatus; count: number }>(
  `SELECT s.status, count(r.status) AS count
   FROM (VALUES ('pending', 1), ('running', 2), ('cancelling', 3)) AS s (status, position)
   LEFT JOIN (SELECT status FROM runs WHERE finished_at IS NULL) r ON r.status = s.status
   GROUP BY s.status, s.position ORDER BY s.position`,
)

export class Runs {
  readonly #db: Database
  readonly #finisher: Finisher
  readonly #gaps: Gaps

  constructor(db: Database, finisher: Finisher, gaps: Gaps) {
    this.#db = db
    this.#finisher = finisher
    this.#gaps = gaps
  }

  async get(id: string): Promise<Run | null> {
    const row = await this.#db.read((reader) => reader.get(BY_ID, id))
    return row === undefined ? null : toRun(row)
  }

  /** Those that ended, then the one under way, which is its run's lease. Read in this order, none is missed. */
  attempts(runId: string): Promise<Attempt[]> {
    return this.#db.read(async (reader) => {
      const run = await reader.get(BY_ID, runId)
      if (run === undefined) return []
      const rows = await reader.all(ATTEMPTS, run.no, run.dueAt)
      const ended = rows.map((row) => toAttempt(runId, row))
      const { nodeId, attempts: number, fence, cause, leasedAt } = run
      const open = { endedAt: null, outcome: null, detail: null, late: null }
      if (run.nodeNo === PARTED_NO) {
        const underWay = (await partsUnderWay(reader, run.no))
          .filter((part) => !rows.some((row) => row.fence === part.fence))
          .map(({ attempt, nodeId: holder, agent, leasedAt: startedAt, ...part }): Attempt => {
            const { part: index, fence: own, cause: why } = part
            const held = { number: attempt, part: index, fence: own, cause: why, agent }
            return { runId, ...held, nodeId: holder!, startedAt: startedAt!, ...open }
          })
        return [...ended, ...underWay].sort((a, b) => a.number - b.number)
      }
      // It may have ended between the two looks.
      if (nodeId === null || rows.some((row) => row.fence === fence)) return ended
      const agent = (await reader.get(AGENT, nodeId))?.name ?? null
      const last = { number, part: null, fence, cause, agent, nodeId, startedAt: leasedAt! }
      return [...ended, { runId, ...last, ...open }]
    })
  }

  parts(runId: string): Promise<RunPart[]> {
    return this.#db.read((reader) => partsOfRun(reader, runId))
  }

  ledger(jobId: string, from: number, to: number, limit: number): Promise<{ runs: Run[]; gaps: Gap[] }> {
    return this.#db.read(async (reader) => {
      const no = await jobNo(reader, jobId)
      if (no === null) return { runs: [], gaps: [] }
      const rows = await reader.all(BETWEEN, no, from, to, limit)
      const gaps = await this.#gaps.within(reader, { no, id: jobId }, from, to, limit)
      return { runs: rows.map(toRun), gaps }
    })
  }

  entryAt(jobId: string, dueAt: number): Promise<{ run: Run } | { gap: Gap } | null> {
    return this.#db.read(async (reader) => {
      const no = await jobNo(reader, jobId)
      if (no === null) return null
      const row = await reader.get(BY_INSTANT, no, dueAt)
      if (row !== undefined) return { run: toRun(row) }
      const gap = await this.#gaps.covering(reader, no, jobId, dueAt)
      return gap === null ? null : { gap }
    })
  }

  cancel(id: string, now: number, message: string): Promise<Cancelled | null> {
    return this.#db.write<Cancelled | null>(now, async (tx) => {
      const row = await tx.get(LOCK, id)
      if (row === undefined) return null
      if (row.status === 'pending') {
        const ending = { run: row, status: 'cancelled', reason: null, message } as const
        const [run] = await this.#finisher.finishRows(tx, [ending])
        await this.#finisher.release(tx, [row.jobNo])
        return { run: run!, changed: true }
      }
      if (isFinal(row.status) || row.status === 'cancelling') return { run: toRun(row), changed: false }
      const text = storable(message)
      await tx.run(ASK_TO_STOP, text, row.id, row.dueAt)
      if (row.nodeNo === PARTED_NO) {
        const open = await openPartsOf(tx, [row.no])
        // Nobody holds those that wait, so nobody has to let go.
        const waiting = open.filter(({ nodeNo }) => nodeNo === null)
        await endParts(
          tx,
          waiting.map((part) => ({ part, status: 'cancelled', message })),
        )
        if (waiting.length === open.length) {
          const [run] = await this.#finisher.finishRows(tx, [
            { run: row, status: 'cancelled', reason: null, message },
          ])
          await this.#finisher.release(tx, [row.jobNo])
          return { run: run!, changed: true }
        }
      }
      return { run: toRun({ ...row, status: 'cancelling', message: text }), changed: true }
    })
  }

  async cancelling(nodeId: string): Promise<string[]> {
    return (await this.#db.read((reader) => reader.all(CANCELLING, nodeId))).map(({ id }) => id)
  }

  counts(): Promise<{ status: RunStatus; count: number }[]> {
    return this.#db.read((reader) => reader.all(COUNTS))
  }
}

async function jobNo(reader: Reader, jobId: string): Promise<number | null> {
  return (await reader.get(JOB_NO, jobId))?.no ?? null
}

function toAttempt(runId: string, row: AttemptRow): Attempt {
  const { detail, lateAt, lateOutcome, lateDetail, ...rest } = row
  const late =
    lateAt === null || lateOutcome === null
      ? null
      : { at: lateAt, outcome: lateOutcome, detail: toOutcome(lateOutcome, lateDetail) }
  return { runId, ...rest, detail: toOutcome(row.outcome, detail), late }
}

/** Nothing was kept of one that says no more than its kind. */
function toOutcome(kind: OutcomeKind, detail: string | null): Outcome {
  return (detail === null ? { kind } : JSON.parse(detail)) as Outcome
}
