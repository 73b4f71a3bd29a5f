// Attempts that someone outside finishes. Handing one over moves its lease to the row that stands for everybody outside.

import type { HandedStore, HandedWork, Handing, OverdueMark } from '../../ports/handed-store.ts'
import type { Work } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'
import { RUN_COLUMNS, RUNS_WITH_JOB, type RunReader, type RunRow } from './run-rows.ts'

/** Of the row in nodes that stands for everybody outside. */
export const OUTSIDE_NO = 0
const FROM_THE_FIRST: OverdueMark = { lookAt: Number.MIN_SAFE_INTEGER, runId: '' }

type HandedRow = RunRow & {
  readonly acceptedAt: number | null
  readonly endsBy: number | null
  readonly heardAt: number | null
  readonly progress: number | null
  readonly told: string | null
  readonly lookAt: number | null
  readonly toldToStop: number | null
}

export class Handed implements HandedStore {
  readonly #db: Database
  readonly #reader: RunReader
  readonly #live: Query<readonly [no: number, nodeNo: number]>
  readonly #handOver: Command
  readonly #first: Command
  readonly #again: Command
  readonly #active: Query<HandedRow>
  readonly #overdue: Query<HandedRow>
  readonly #stopping: Query<RunRow>
  readonly #told: Command

  constructor(db: Database, reader: RunReader) {
    this.#db = db
    this.#reader = reader
    this.#live = db.tuples('SELECT no, node_no FROM runs WHERE id = ? AND fence = ? AND node_no IS NOT NULL')
    this.#handOver = db.command(`UPDATE runs SET node_no = ${OUTSIDE_NO} WHERE no = ?`)
    this.#first = db.command(
      `INSERT INTO handed (run_no, accepted_at, look_at, heard_at, progress, message, ends_by)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    // Once it was told to stop only the moment that was set then counts.
    this.#again = db.command(
      `UPDATE handed SET accepted_at = ifnull(accepted_at, ?2), look_at = iif(told, look_at, ?3), heard_at = ?4,
         progress = ifnull(?5, progress), message = ifnull(?6, message), ends_by = ifnull(?7, ends_by)
       WHERE run_no = ?1`,
    )
    const columns = `SELECT ${RUN_COLUMNS}, h.accepted_at AS acceptedAt, h.ends_by AS endsBy, h.heard_at AS heardAt,
      h.progress, h.message AS told, h.look_at AS lookAt, h.told AS toldToStop`
    this.#active = db.query(
      `${columns} ${RUNS_WITH_JOB} LEFT JOIN handed h ON h.run_no = r.no
       WHERE r.id = ? AND r.node_no IS NOT NULL`,
    )
    this.#overdue = db.query(
      `${columns} FROM handed h JOIN runs r ON r.no = h.run_no JOIN jobs j ON j.no = r.job_no
       WHERE h.look_at <= ?1 AND h.look_at >= ?3 AND (h.look_at > ?3 OR r.id > ?4) ORDER BY h.look_at, r.id LIMIT ?2`,
    )
    this.#stopping = db.query(
      `SELECT ${RUN_COLUMNS} FROM runs r INDEXED BY runs_cancelling JOIN jobs j ON j.no = r.job_no
         JOIN handed h ON h.run_no = r.no
       WHERE r.status = 'cancelling' AND r.node_no = ${OUTSIDE_NO} AND NOT h.told AND r.id > ?2 ORDER BY r.id LIMIT ?1`,
    )
    this.#told = db.command(
      `UPDATE handed SET told = 1, look_at = ?2
       WHERE run_no = (SELECT no FROM runs WHERE id = ?1 AND fence = ?3 AND node_no = ${OUTSIDE_NO})`,
    )
  }

  async hand(batch: readonly Handing[], now: number): Promise<boolean[]> {
    if (batch.length === 0) return []
    return this.#db.write(() => batch.map((handing) => this.#handOne(handing, now)))
  }

  async active(runIds: readonly string[]): Promise<(HandedWork | null)[]> {
    return this.#db.read(() =>
      runIds.map((id) => {
        const row = this.#active.get(id)
        return row === undefined ? null : this.#work(row)
      }),
    )
  }

  async overdue(now: number, limit: number, after: OverdueMark | null = null): Promise<HandedWork[]> {
    const { lookAt, runId } = after ?? FROM_THE_FIRST
    return this.#db.read(() => this.#overdue.all(now, limit, lookAt, runId).map((row) => this.#work(row)))
  }

  async stopping(limit: number, afterId = ''): Promise<Work[]> {
    return this.#db.read(() => this.#stopping.all(limit, afterId).map((row) => this.#reader.work(row)))
  }

  async told(batch: Parameters<HandedStore['told']>[0]): Promise<void> {
    if (batch.length === 0) return
    this.#db.write(() => {
      for (const { runId, fence, lookAt } of batch) this.#told.run(runId, lookAt, fence)
    })
  }

  #handOne({ run, accepted, lookAt, byNode, news = {} }: Handing, now: number): boolean {
    const live = this.#live.get(run.id, run.fence)
    if (live === undefined) return false
    const [no, nodeNo] = live
    if (nodeNo !== OUTSIDE_NO) this.#handOver.run(no)
    const acceptedAt = accepted ? now : null
    const { progress = null, message = null, endsBy = null } = news
    const heard = [byNode === true ? null : now, progress, message, endsBy] as const
    const { changes } = this.#first.run(no, acceptedAt, lookAt, ...heard)
    if (changes === 0 && byNode !== true) this.#again.run(no, acceptedAt, lookAt, ...heard)
    return true
  }

  #work(row: HandedRow): HandedWork {
    const { acceptedAt, endsBy, heardAt, progress, told: message, lookAt, toldToStop } = row
    const told = heardAt === null ? null : { at: heardAt, progress, message }
    const work = this.#reader.work(row)
    return { work, acceptedAt, endsBy, told, lookAt, toldToStop: toldToStop === 1 }
  }
}
