// How far each log has come. A log moves on only from where its writer believes it to be.

import type { LogId, LogMark, RunLog } from '../../domain/log/run-log.ts'
import type { LogStore } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'

type Row = {
  readonly runId: string
  readonly attempt: number
  readonly part: number
  readonly fence: number
  readonly chunks: number
  readonly bytes: number
  readonly textBytes: number
  readonly lines: number
  readonly dropped: number
  readonly createdAt: number
  readonly sealedAt: number | null
  readonly whole: number | null
  readonly attemptEndedAt: number | null
}

const DAY_MS = 86_400_000

type Fenced = LogId & { readonly fence: number }

const SELECT = `SELECT r.id AS runId, l.attempt, l.part, l.fence, l.chunks, l.bytes, l.text_bytes AS textBytes, l.lines,
    l.dropped, l.created_at AS createdAt, l.sealed_at AS sealedAt, l.whole, a.ended_at AS attemptEndedAt
  FROM logs l JOIN runs r ON r.no = l.run_no LEFT JOIN attempts a ON a.no = (l.run_no << 20) + l.attempt`

export class Logs implements LogStore {
  readonly #db: Database
  readonly #get: Query<Row>
  readonly #ofRun: Query<Row>
  readonly #unsealed: Query<Row>
  readonly #runNo: Query<readonly [number]>
  readonly #insert: Command
  readonly #advance: Command
  readonly #seal: Command
  readonly #quota: Query<readonly [projectNo: number, max: number]>
  readonly #take: Command

  constructor(db: Database) {
    this.#db = db
    this.#get = db.query(`${SELECT} WHERE r.id = ? AND l.attempt = ? AND l.part = ?`)
    this.#ofRun = db.query(`${SELECT} WHERE r.id = ? ORDER BY l.attempt, l.part`)
    this.#unsealed = db.query(`${SELECT} WHERE l.sealed_at IS NULL AND r.finished_at <= ? LIMIT ?`)
    this.#runNo = db.tuples('SELECT no FROM runs WHERE id = ?')
    this.#insert = db.command(
      `INSERT INTO logs (run_no, attempt, part, fence, chunks, bytes, text_bytes, lines, dropped, created_at, sealed_at,
         whole) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    this.#advance = db.command(
      `UPDATE logs SET chunks = ?, bytes = ?, text_bytes = ?, lines = ?, dropped = ?
       WHERE run_no = ? AND attempt = ? AND part = ? AND fence = ? AND chunks = ? AND sealed_at IS NULL`,
    )
    this.#quota = db.tuples(
      `SELECT p.no, json_extract(p.quotas, '$.logBytesPerDay') AS max FROM runs r JOIN projects p ON p.no = r.project_no
       WHERE r.id = ? AND p.quotas <> '{}' AND max IS NOT NULL`,
    )
    this.#take = db.command(
      `INSERT INTO quota_use (project_no, what, since, used) VALUES (?1, 'log_bytes', ?2, ?3)
       ON CONFLICT (project_no, what) DO UPDATE SET since = ?2, used = ?3 + (since = ?2) * used
       WHERE ?3 + (since = ?2) * used <= ?4`,
    )
    this.#seal = db.command(
      `UPDATE logs SET sealed_at = ?, whole = ?
       WHERE run_no = ? AND attempt = ? AND part = ? AND fence = ? AND chunks = ? AND sealed_at IS NULL`,
    )
  }

  async get({ runId, attempt, part }: LogId): Promise<RunLog | null> {
    return this.#db.read(() => {
      const row = this.#get.get(runId, attempt, part)
      return row === undefined ? null : toLog(row)
    })
  }

  async ofRun(runId: string): Promise<RunLog[]> {
    return this.#db.read(() => this.#ofRun.all(runId).map(toLog))
  }

  async advance(log: Fenced, before: LogMark, after: LogMark, now: number): ReturnType<LogStore['advance']> {
    return this.#db.write<boolean | 'over_quota'>((abandon) => {
      const [runNo] = this.#runNo.get(log.runId) ?? []
      if (runNo === undefined || !this.#moveOn(runNo, log, before, after, now)) return false
      return this.#takeBytes(log.runId, after.bytes - before.bytes, now) || abandon('over_quota')
    })
  }

  #moveOn(runNo: number, log: Fenced, before: LogMark, after: LogMark, now: number): boolean {
    const { attempt, part, fence } = log
    const { chunks, bytes, textBytes, lines, dropped } = after
    const mark = [chunks, bytes, textBytes, lines, dropped] as const
    if (this.#advance.run(...mark, runNo, attempt, part, fence, before.chunks).changes === 1) return true
    if (before.chunks !== 0) return false
    return this.#insert.run(runNo, attempt, part, fence, ...mark, now, null, null).changes === 1
  }

  #takeBytes(runId: string, bytes: number, now: number): boolean {
    const limit = bytes === 0 ? undefined : this.#quota.get(runId)
    if (limit === undefined) return true
    const [projectNo, max] = limit
    const day = now - (now % DAY_MS)
    return bytes <= max && this.#take.run(projectNo, day, bytes, max).changes === 1
  }

  async seal(log: Fenced, chunks: number, { whole }: { whole: boolean }, now: number): Promise<boolean> {
    return this.#db.write(() => {
      const [runNo] = this.#runNo.get(log.runId) ?? []
      if (runNo === undefined) return false
      const { attempt, part, fence } = log
      const said = whole ? 1 : 0
      if (this.#seal.run(now, said, runNo, attempt, part, fence, chunks).changes === 1) return true
      if (chunks !== 0) return false
      return this.#insert.run(runNo, attempt, part, fence, 0, 0, 0, 0, 0, now, now, said).changes === 1
    })
  }

  async unsealed(request: Parameters<LogStore['unsealed']>[0]): Promise<RunLog[]> {
    const { endedBy, limit } = request
    return this.#db.read(() => this.#unsealed.all(endedBy, limit).map(toLog))
  }
}

function toLog({ sealedAt, whole, ...row }: Row): RunLog {
  return { ...row, seal: sealedAt === null ? null : { at: sealedAt, whole: whole === 1 } }
}
