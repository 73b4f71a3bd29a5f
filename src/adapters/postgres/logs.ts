// How far each log has come. A log moves on only from where its writer believes it to be.

import type { LogId, LogMark, RunLog } from '../../domain/log/run-log.ts'
import type { LogStore } from '../../ports/store.ts'
import type { Database, Transaction } from './database.ts'
import { sql } from './sql.ts'

type Row = Omit<RunLog, 'seal'> & { readonly sealedAt: number | null; readonly whole: boolean | null }
type Fenced = LogId & { readonly fence: number }

const SELECT = `SELECT l.run_id AS "runId", l.attempt, l.part, l.fence, l.chunks, l.bytes, l.text_bytes AS "textBytes",
    l.lines, l.dropped, l.created_at AS "createdAt", l.sealed_at AS "sealedAt", l.whole,
    a.ended_at AS "attemptEndedAt"
  FROM logs l JOIN runs r ON r.id = l.run_id AND r.due_at + 0 = l.due_at
  LEFT JOIN attempts a ON a.run_no = r.no AND a.number = l.attempt AND a.due_at = r.due_at`

const GET = sql<Row>(`${SELECT} WHERE l.run_id = $1 AND l.attempt = $2 AND l.part = $3`)
const OF_RUN = sql<Row>(`${SELECT} WHERE l.run_id = $1 ORDER BY l.attempt, l.part`)
const UNSEALED = sql<Row>(`${SELECT} WHERE l.sealed_at IS NULL AND r.finished_at <= $1::bigint LIMIT $2`)
// The run stays as long as the transaction lasts, so that no log outlives it.
const DUE_AT = sql<{ dueAt: number }>('SELECT due_at AS "dueAt" FROM runs WHERE id = $1 FOR KEY SHARE')
const INSERT = sql(
  `INSERT INTO logs (run_id, due_at, attempt, part, fence, chunks, bytes, text_bytes, lines, dropped, created_at,
     sealed_at, whole) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING`,
)
const ADVANCE = sql(
  `UPDATE logs SET chunks = $1, bytes = $2, text_bytes = $3, lines = $4, dropped = $5
   WHERE run_id = $6 AND attempt = $7 AND part = $8 AND fence = $9 AND chunks = $10 AND sealed_at IS NULL`,
)
const SEAL = sql(
  `UPDATE logs SET sealed_at = $1, whole = $2
   WHERE run_id = $3 AND attempt = $4 AND part = $5 AND fence = $6 AND chunks = $7 AND sealed_at IS NULL`,
)

const QUOTA = sql<{ projectNo: number; max: number }>(
  `SELECT p.no AS "projectNo", (p.quotas::json ->> 'logBytesPerDay')::bigint AS max
   FROM runs r JOIN projects p ON p.no = r.project_no
   WHERE r.id = $1 AND p.quotas <> '{}' AND p.quotas::json ->> 'logBytesPerDay' IS NOT NULL`,
)
const TAKE = sql(
  `INSERT INTO quota_use AS q (project_no, what, since, used) VALUES ($1, 'log_bytes', $2, $3)
   ON CONFLICT (project_no, what) DO UPDATE SET since = excluded.since,
     used = excluded.used + CASE WHEN q.since = excluded.since THEN q.used ELSE 0 END
   WHERE excluded.used + CASE WHEN q.since = excluded.since THEN q.used ELSE 0 END <= $4`,
)
const DAY_MS = 86_400_000

export class Logs implements LogStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async get({ runId, attempt, part }: LogId): Promise<RunLog | null> {
    const row = await this.#db.read((reader) => reader.get(GET, runId, attempt, part))
    return row === undefined ? null : toLog(row)
  }

  async ofRun(runId: string): Promise<RunLog[]> {
    return (await this.#db.read((reader) => reader.all(OF_RUN, runId))).map(toLog)
  }

  advance(log: Fenced, before: LogMark, after: LogMark, now: number): ReturnType<LogStore['advance']> {
    return this.#db.write<boolean | 'over_quota'>(now, async (tx, abandon) => {
      const run = await tx.get(DUE_AT, log.runId)
      if (run === undefined || !(await moveOn(tx, run.dueAt, log, before, after))) return false
      return (await takeBytes(tx, log.runId, after.bytes - before.bytes)) || abandon('over_quota')
    })
  }

  seal({ runId, attempt, part, fence }: Fenced, chunks: number, { whole }: { whole: boolean }, now: number) {
    return this.#db.write(now, async (tx) => {
      const run = await tx.get(DUE_AT, runId)
      if (run === undefined) return false
      if ((await tx.run(SEAL, tx.now, whole, runId, attempt, part, fence, chunks)) === 1) return true
      if (chunks !== 0) return false
      const empty = [0, 0, 0, 0, 0, tx.now, tx.now, whole] as const
      return (await tx.run(INSERT, runId, run.dueAt, attempt, part, fence, ...empty)) === 1
    })
  }

  async unsealed({ endedBy, limit }: Parameters<LogStore['unsealed']>[0]): Promise<RunLog[]> {
    return (await this.#db.read((reader) => reader.all(UNSEALED, endedBy, limit))).map(toLog)
  }
}

async function moveOn(
  tx: Transaction,
  dueAt: number,
  { runId, attempt, part, fence }: Fenced,
  before: LogMark,
  { chunks, bytes, textBytes, lines, dropped }: LogMark,
): Promise<boolean> {
  const mark = [chunks, bytes, textBytes, lines, dropped] as const
  if ((await tx.run(ADVANCE, ...mark, runId, attempt, part, fence, before.chunks)) === 1) return true
  if (before.chunks !== 0) return false
  const row = [runId, dueAt, attempt, part, fence, ...mark, tx.now, null, null] as const
  return (await tx.run(INSERT, ...row)) === 1
}

async function takeBytes(tx: Transaction, runId: string, bytes: number): Promise<boolean> {
  const limit = bytes === 0 ? undefined : await tx.get(QUOTA, runId)
  if (limit === undefined) return true
  const day = tx.now - (tx.now % DAY_MS)
  return bytes <= limit.max && (await tx.run(TAKE, limit.projectNo, day, bytes, limit.max)) === 1
}

function toLog({ sealedAt, whole, ...row }: Row): RunLog {
  return { ...row, seal: sealedAt === null ? null : { at: sealedAt, whole: whole === true } }
}
