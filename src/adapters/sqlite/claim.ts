// The runner's step: leases what is ready, oldest first, up to its free slots. And the other way round: what is
// held by nodes that are gone.

import { inTurn } from '../../domain/fair-share.ts'
import type { FinalRun } from '../../domain/run.ts'
import { slotShare } from '../../domain/target.ts'
import type { LostWork, Work } from '../../ports/store.ts'
import type { Concurrency } from './concurrency.ts'
import type { Database, Query } from './database.ts'
import type { Finisher } from './finish.ts'
import type { Nodes } from './nodes.ts'
import type { PartBook } from './part-book.ts'
import { ReadyRuns } from './ready-runs.ts'
import { RUN_COLUMNS, RUNS_WITH_JOB, type RunReader, type RunRow } from './run-rows.ts'

/** Overdue runs ended in one claim; the rest is ended by the next, or by expire(). */
const MISSED_MAX = 1_000

/** Runs leased in one claim; of those that share slots there may be many more. */
const WORKS_MAX = 1_000

/** Made to wait for room by one claim; the others stay ready, and the next claim meets them. */
const HELD_MAX = 256

type ClaimerParts = {
  readonly reader: RunReader
  readonly nodes: Nodes
  readonly finisher: Finisher
  readonly concurrency: Concurrency
  readonly book: PartBook
}

type Request = { readonly now: number; readonly nodeId: string; readonly slots: number }

export class Claimer {
  readonly #db: Database
  readonly #reader: RunReader
  readonly #nodes: Nodes
  readonly #finisher: Finisher
  readonly #nextReadyAt: Query<readonly [number]>
  readonly #oldest: Query<RunRow>
  readonly #readyOf: Query<RunRow>
  readonly #projects: Query<readonly [number]>
  readonly #concurrency: Concurrency
  readonly #ready: ReadyRuns
  #lastProject = 0
  readonly #expired: Query<RunRow>
  readonly #held: Query<RunRow>
  readonly #parts: PartBook
  readonly #byNo: Query<RunRow>

  constructor(db: Database, { reader, nodes, finisher, concurrency, book }: ClaimerParts) {
    this.#db = db
    this.#parts = book
    this.#reader = reader
    this.#nodes = nodes
    this.#finisher = finisher
    this.#concurrency = concurrency
    this.#ready = new ReadyRuns(db, reader, finisher)
    const pending = `SELECT ${RUN_COLUMNS} ${RUNS_WITH_JOB} WHERE r.status = 'pending'`
    this.#nextReadyAt = db.tuples(
      `SELECT ready_at FROM runs WHERE status = 'pending' AND waits = 0 AND pool_no = 0 AND ready_at IS NOT NULL
       ORDER BY ready_at LIMIT 1`,
    )
    this.#oldest = db.query(
      `${pending} AND r.waits = 0 AND r.pool_no = 0 AND r.ready_at <= ? ORDER BY r.ready_at, r.no LIMIT ?`,
    )
    this.#readyOf = db.query(
      `${pending} AND r.waits = 0 AND r.pool_no = 0 AND r.project_no = ? AND r.ready_at <= ?
       ORDER BY r.ready_at, r.no LIMIT ?`,
    )
    const nextProject = `SELECT min(project_no) FROM runs
      WHERE status = 'pending' AND waits = 0 AND pool_no = 0 AND ready_at IS NOT NULL`
    this.#projects = db.tuples(
      `WITH RECURSIVE ready (no) AS (${nextProject} UNION ALL
         SELECT (${nextProject} AND project_no > ready.no) FROM ready WHERE ready.no IS NOT NULL)
       SELECT no FROM ready WHERE no IS NOT NULL`,
    )
    this.#expired = db.query(`${pending} AND r.start_by < ? ORDER BY r.start_by LIMIT ?`)
    this.#byNo = db.query(`SELECT ${RUN_COLUMNS} ${RUNS_WITH_JOB} WHERE r.no = ?`)
    this.#held = db.query(
      `SELECT ${RUN_COLUMNS} FROM runs r INDEXED BY runs_open JOIN jobs j ON j.no = r.job_no
       WHERE r.finished_at IS NULL AND r.node_no = ? LIMIT ?`,
    )
  }

  nextReadyAt(): number | null {
    return this.#nextReadyAt.get()?.[0] ?? null
  }

  claimReady({ now, nodeId, slots }: Request): { works: Work[]; missed: FinalRun[] } {
    const next = this.nextReadyAt()
    const waits = slots > 0 && this.#concurrency.anyWaits
    if (slots <= 0 || (!waits && (next === null || next > now))) return { works: [], missed: [] }
    return this.#db.write(() => {
      if (waits) this.#concurrency.release(now)
      const nodeNo = this.#nodes.live(nodeId, now)
      const works: Work[] = []
      const missed: FinalRun[] = []
      const touched: number[] = []
      let left = slots
      let held = 0
      const mayGoOn = (): boolean =>
        left > 0 && works.length < WORKS_MAX && missed.length < MISSED_MAX && held < HELD_MAX
      while (nodeNo !== null && mayGoOn()) {
        const rows = this.#next(now, Math.min(Math.ceil(left), WORKS_MAX - works.length))
        for (const row of rows) {
          if (row.startBy !== null && row.startBy < now) {
            missed.push(this.#ready.miss(row, now))
            touched.push(row.jobNo)
          } else if (this.#concurrency.admits(row)) {
            const work = this.#ready.lease(row, nodeNo, now)
            works.push(work)
            left -= slotShare(work.spec.target)
          } else held += 1
        }
        // A queued run set free by what has just ended may start with this claim.
        if (rows.length === 0 && this.#finisher.release(touched.splice(0), now) === 0) break
      }
      this.#finisher.release(touched, now)
      return { works, missed }
    })
  }

  expire(now: number, limit: number): FinalRun[] {
    if (this.#expired.get(now, 1) === undefined) return []
    return this.#db.write(() => {
      const rows = this.#expired.all(now, limit)
      const ended = rows.map((row) => this.#ready.miss(row, now))
      this.#finisher.release(
        rows.map(({ jobNo }) => jobNo),
        now,
      )
      return ended
    })
  }

  lost(now: number, limit: number): LostWork[] {
    return this.#db.write(() => {
      const lost: LostWork[] = []
      const emptied: number[] = []
      for (const { no, node } of this.#nodes.gone(now)) {
        if (lost.length === limit) break
        const held = this.#held.all(no, limit - lost.length)
        lost.push(...held.map((row) => ({ work: this.#reader.work(row), node })))
        const parts = this.#parts.heldBy(no, Number.MAX_SAFE_INTEGER, limit - lost.length)
        for (const part of parts)
          lost.push({ work: this.#reader.partWork(this.#byNo.get(part.runNo)!, part), node })
        if (held.length === 0 && parts.length === 0) emptied.push(no)
      }
      this.#nodes.emptied(emptied, now)
      return lost
    })
  }

  held(nodeId: string, limit: number): Work[] {
    const nodeNo = this.#reader.nodes.no(nodeId)
    return nodeNo === null ? [] : this.#held.all(nodeNo, limit).map((row) => this.#reader.work(row))
  }

  /** The oldest ones; of several projects that have more than there is room for, in turn. */
  #next(now: number, limit: number): readonly RunRow[] {
    const oldest = this.#oldest.all(now, limit)
    if (oldest.length < limit) return oldest
    const projects = this.#projects.all().map(([no]) => no)
    if (projects.length === 1) return oldest
    const take = (project: number, count: number): RunRow[] => this.#readyOf.all(project, now, count)
    const { items, last } = inTurn(projects, limit, this.#lastProject, take)
    this.#lastProject = last
    return items
  }
}
