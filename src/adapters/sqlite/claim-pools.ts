// A session's step: leases what is ready in the pools it serves, oldest first over all of them.

import type { Offer } from '../../domain/pool.ts'
import type { FinalRun } from '../../domain/run.ts'
import type { AgentStore, Held } from '../../ports/agent-store.ts'
import type { Work } from '../../ports/store.ts'
import type { Concurrency } from './concurrency.ts'
import type { Database, Query } from './database.ts'
import type { Finisher } from './finish.ts'
import type { Nodes } from './nodes.ts'
import { numberWithin } from './numbered.ts'
import { ReadyRuns } from './ready-runs.ts'
import { RUN_COLUMNS, RUNS_WITH_JOB, type RunReader, type RunRow } from './run-rows.ts'

type Request = Parameters<AgentStore['claim']>[0]
type MayTake = Parameters<AgentStore['claim']>[1]

/** Rows looked at beyond the free slots: some may be overdue, or kept for others. */
const SPARE_ROWS = 16

/** Outcomes after which another agent is tried first. */
const ELSEWHERE = ['lost', 'timeout', 'refused']

export class PoolClaimer {
  readonly #reader: RunReader
  readonly #nodes: Nodes
  readonly #finisher: Finisher
  readonly #concurrency: Concurrency
  readonly #ready: ReadyRuns
  readonly #oldest: Query<RunRow>
  readonly #live: Query<RunRow>
  readonly #heldBy: Query<RunRow>
  readonly #lastAttempt: Query<readonly [outcome: string, agentId: string | null]>

  constructor(db: Database, reader: RunReader, nodes: Nodes, finisher: Finisher, concurrency: Concurrency) {
    this.#reader = reader
    this.#nodes = nodes
    this.#finisher = finisher
    this.#concurrency = concurrency
    this.#ready = new ReadyRuns(db, reader, finisher)
    const select = `SELECT ${RUN_COLUMNS} ${RUNS_WITH_JOB}`
    this.#oldest = db.query(
      `${select} WHERE r.status = 'pending' AND r.waits = 0 AND r.pool_no = ? AND r.ready_at <= ? ORDER BY r.ready_at, r.no LIMIT ?`,
    )
    this.#live = db.query(`${select} WHERE r.id = ? AND r.fence = ? AND r.node_no IS NOT NULL`)
    this.#heldBy = db.query(
      `SELECT ${RUN_COLUMNS} FROM runs r INDEXED BY runs_on_agents JOIN jobs j ON j.no = r.job_no
       WHERE r.node_no = ? AND r.pool_no > 0 AND r.leased_at < ?`,
    )
    this.#lastAttempt = db.tuples(
      `SELECT t.outcome, a.id FROM attempts t JOIN nodes n ON n.no = t.node_no LEFT JOIN agents a ON a.no = n.agent_no
       WHERE t.no = ?`,
    )
  }

  /** Within a transaction. */
  claim({ now, sessionId, slots, pools }: Request, mayTake: MayTake): { works: Work[]; missed: FinalRun[] } {
    const works: Work[] = []
    const missed: FinalRun[] = []
    const nodeNo = slots > 0 ? this.#nodes.live(sessionId, now) : null
    if (nodeNo === null) return { works, missed }
    this.#concurrency.release(now)
    const touched: number[] = []
    for (const row of this.#candidates(pools, now, slots)) {
      if (works.length === slots) break
      if (row.startBy !== null && row.startBy < now) {
        missed.push(this.#ready.miss(row, now))
        touched.push(row.jobNo)
      } else if (mayTake(this.#offer(row), row.poolNo) && this.#concurrency.admits(row)) {
        works.push(this.#ready.lease(row, nodeNo, now))
      }
    }
    this.#finisher.release(touched, now)
    return { works, missed }
  }

  /** Those that may go on under their key are let go first: no server needs to have a free slot of its own. */
  release(now: number): void {
    this.#concurrency.release(now)
  }

  get anyWaits(): boolean {
    return this.#concurrency.anyWaits
  }

  heldBy(sessionId: string, leasedBefore: number): Work[] {
    const nodeNo = this.#reader.nodes.no(sessionId)
    return nodeNo === null ? [] : this.#heldBy.all(nodeNo, leasedBefore).map((row) => this.#reader.work(row))
  }

  works(held: readonly Held[]): (Work | null)[] {
    return held.map(({ runId, fence }) => {
      const row = this.#live.get(runId, fence)
      return row === undefined ? null : this.#reader.work(row)
    })
  }

  #candidates(pools: readonly number[], now: number, slots: number): RunRow[] {
    const rows = pools.flatMap((pool) => this.#oldest.all(pool, now, slots + SPARE_ROWS))
    return rows.sort((a, b) => a.readyAt! - b.readyAt! || a.no - b.no)
  }

  #offer({ no, attempts, readyAt }: RunRow): Offer {
    const last = attempts === 0 ? undefined : this.#lastAttempt.get(numberWithin(no, attempts))
    const failedBy = last !== undefined && ELSEWHERE.includes(last[0]) ? last[1] : null
    return { readyAt: readyAt!, failedBy }
  }
}
