// The parts of runs that several agents share, as rows: the steps they go, one by one. Whoever takes a step is in a
// transaction, and says what becomes of the run.

import type { AttemptCause } from '../../domain/attempt.ts'
import type { PartEnd, PartStatus, RunPart } from '../../domain/run-part.ts'
import type { Settlement } from '../../domain/settle.ts'
import type { Held } from '../../ports/agent-store.ts'
import type { Command, Database, Query } from './database.ts'

/** The row of nodes that stands for all who hold a part of a run. */
export const PARTED_NO = -1

export type PartRow = {
  readonly runNo: number
  readonly part: number
  readonly total: number
  readonly poolNo: number
  readonly agentNo: number | null
  readonly status: PartStatus
  readonly cause: AttemptCause
  readonly attempt: number
  readonly fence: number
  readonly readyAt: number
  readonly startBy: number | null
  readonly nodeNo: number | null
  readonly leasedAt: number | null
}

export type Numbers = readonly [attempt: number, fence: number]
type Shown = Omit<RunPart, 'attempt'> & { readonly attempt: number }

const COLUMNS = `p.run_no AS runNo, p.part, p.total, p.pool_no AS poolNo, p.agent_no AS agentNo, p.status, p.cause,
  p.attempt, p.fence, p.ready_at AS readyAt, p.start_by AS startBy, p.node_no AS nodeNo, p.leased_at AS leasedAt`

export class PartBook {
  readonly #insert: Command
  readonly #next: Query<Numbers>
  readonly #lease: Command
  readonly #again: Command
  readonly #end: Command
  readonly #takeOver: Command
  readonly #forAny: Query<PartRow>
  readonly #forOne: Query<PartRow>
  readonly #live: Query<PartRow>
  readonly #underWay: Query<PartRow>
  readonly #waiting: Query<PartRow>
  readonly #heldBy: Query<PartRow>
  readonly #inVain: Query<PartRow>
  readonly #anyOpen: Query<readonly [number]>
  readonly #ofRun: Query<Shown>

  constructor(db: Database) {
    const select = `SELECT ${COLUMNS} FROM parts p`
    this.#insert = db.command(
      `INSERT INTO parts (run_no, part, total, pool_no, agent_no, status, cause, attempt, fence, ready_at, start_by)
       VALUES (?, ?, ?, ?, ?, 'waiting', 'first', 0, 0, ?, ?)`,
    )
    this.#next = db.tuples(
      'UPDATE runs SET attempts = attempts + 1, fence = fence + 1 WHERE no = ? RETURNING attempts, fence',
    )
    this.#lease = db.command(
      `UPDATE parts SET status = 'running', attempt = ?, fence = ?, node_no = ?, leased_at = ?, start_by = NULL
       WHERE run_no = ? AND part = ?`,
    )
    this.#again = db.command(
      `UPDATE parts SET status = 'waiting', ready_at = ?, start_by = ?, cause = ?, message = ?, node_no = NULL,
         leased_at = NULL WHERE run_no = ? AND part = ?`,
    )
    this.#end = db.command(
      `UPDATE parts SET status = ?, message = ?, ended_at = ?, node_no = NULL, leased_at = NULL
       WHERE run_no = ? AND part = ?`,
    )
    this.#takeOver = db.command(
      `UPDATE parts SET node_no = ?1
       WHERE run_no = (SELECT no FROM runs WHERE id = ?2) AND fence = ?3 AND node_no = ?4`,
    )
    this.#forAny = db.query(
      `${select} WHERE p.status = 'waiting' AND p.agent_no IS NULL AND p.pool_no = ? AND p.ready_at <= ?
       ORDER BY p.ready_at, p.run_no, p.part LIMIT ?`,
    )
    this.#forOne = db.query(
      `${select} WHERE p.status = 'waiting' AND p.agent_no IS NOT NULL AND p.agent_no = ? AND p.ready_at <= ?
       ORDER BY p.ready_at, p.run_no LIMIT ?`,
    )
    this.#live = db.query(
      `${select} JOIN runs r ON r.no = p.run_no WHERE r.id = ? AND p.fence = ? AND p.node_no IS NOT NULL`,
    )
    this.#underWay = db.query(`${select} WHERE p.run_no = ? AND p.node_no IS NOT NULL ORDER BY p.attempt`)
    this.#waiting = db.query(`${select} WHERE p.run_no = ? AND p.status = 'waiting'`)
    this.#heldBy = db.query(`${select} WHERE p.node_no = ? AND p.leased_at < ? ORDER BY p.run_no LIMIT ?`)
    this.#inVain = db.query(
      `${select} WHERE p.status = 'waiting' AND p.start_by IS NOT NULL AND p.start_by < ?1
       UNION
       ${select} JOIN agents a ON a.no = p.agent_no LEFT JOIN nodes n ON n.no = a.session_no
         WHERE p.status = 'waiting' AND p.agent_no IS NOT NULL AND (a.removed_at IS NOT NULL OR (p.ready_at < ?2
           AND (a.draining = 1 OR n.no IS NULL OR n.left_at < ?2 OR n.lease_until < ?2)))
       LIMIT ?3`,
    )
    this.#anyOpen = db.tuples('SELECT 1 FROM parts WHERE run_no = ? AND ended_at IS NULL LIMIT 1')
    this.#ofRun = db.query(
      `SELECT p.part AS "index", p.status, p.attempt, p.message, p.ended_at AS endedAt, coalesce(
           (SELECT name FROM agents WHERE no = p.agent_no),
           (SELECT a.name FROM nodes n JOIN agents a ON a.no = n.agent_no WHERE n.no = p.node_no),
           (SELECT a.name FROM attempts t JOIN nodes n ON n.no = t.node_no JOIN agents a ON a.no = n.agent_no
             WHERE t.no = p.run_no * 1048576 + p.attempt)) AS agent
       FROM parts p WHERE p.run_no = ? ORDER BY p.part`,
    )
  }

  /** One for each of `agents`; null stands for any. */
  open(
    run: { readonly no: number; readonly poolNo: number },
    agents: readonly (number | null)[],
    readyAt: number,
    startBy: number | null,
  ): void {
    for (const [part, agentNo] of agents.entries())
      this.#insert.run(run.no, part, agents.length, run.poolNo, agentNo, readyAt, startBy)
  }

  /** The next number and fence of a run, for an attempt at one of its parts. */
  next(runNo: number): Numbers {
    return this.#next.get(runNo)!
  }

  lease(row: PartRow, [attempt, fence]: Numbers, nodeNo: number, now: number): PartRow {
    this.#lease.run(attempt, fence, nodeNo, now, row.runNo, row.part)
    return { ...row, status: 'running', attempt, fence, nodeNo, leasedAt: now }
  }

  again(
    { runNo, part }: PartRow,
    { readyAt, startBy = null, cause, message }: Settlement & { readonly kind: 'retry' },
  ): void {
    this.#again.run(readyAt, startBy, cause, message, runNo, part)
  }

  end({ runNo, part }: PartRow, status: PartEnd, message: string | null, at: number): void {
    this.#end.run(status, message, at, runNo, part)
  }

  /** false: it is not the older session's any more. */
  takeOver({ runId, fence }: Held, from: number, to: number): boolean {
    return this.#takeOver.run(to, runId, fence, from).changes === 1
  }

  /** Waiting ones that an agent may have, oldest first: those for it alone, then those for any. */
  takeable(pools: readonly number[], agentNo: number, now: number, limit: number): PartRow[] {
    const own = this.#forOne.all(agentNo, now, limit)
    const any = pools.flatMap((pool) => this.#forAny.all(pool, now, limit))
    return [...own, ...any.sort((a, b) => a.readyAt - b.readyAt || a.runNo - b.runNo || a.part - b.part)]
  }

  live(runId: string, fence: number): PartRow | undefined {
    return this.#live.get(runId, fence)
  }

  underWay(runNo: number): PartRow[] {
    return this.#underWay.all(runNo)
  }

  waiting(runNo: number): PartRow[] {
    return this.#waiting.all(runNo)
  }

  heldBy(nodeNo: number, leasedBefore: number, limit: number): PartRow[] {
    return this.#heldBy.all(nodeNo, leasedBefore, limit)
  }

  inVain(now: number, awayMs: number, limit: number): PartRow[] {
    return this.#inVain.all(now, now - awayMs, limit)
  }

  anyOpen(runNo: number): boolean {
    return this.#anyOpen.get(runNo) !== undefined
  }

  ofRun(runNo: number): RunPart[] {
    return this.#ofRun.all(runNo).map((row) => ({ ...row, attempt: row.attempt === 0 ? null : row.attempt }))
  }
}
