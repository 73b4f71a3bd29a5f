// A session's step: leases what is ready in the pools it serves, oldest first over all of them.

import type { Offer } from '../../domain/pool.ts'
import type { FinalRun } from '../../domain/run.ts'
import { spreadOf } from '../../domain/run-part.ts'
import type { AgentStore, Held } from '../../ports/agent-store.ts'
import type { Work } from '../../ports/store.ts'
import type { PartClaimer } from './claim-parts.ts'
import type { Concurrency } from './concurrency.ts'
import type { Database, Query } from './database.ts'
import type { Finisher } from './finish.ts'
import type { Nodes } from './nodes.ts'
import { numberWithin } from './numbered.ts'
import { PARTED_NO, type PartBook } from './part-book.ts'
import { ReadyRuns } from './ready-runs.ts'
import { RUN_COLUMNS, RUNS_WITH_JOB, type RunReader, type RunRow } from './run-rows.ts'

type Request = Parameters<AgentStore['claim']>[0]
type MayTake = Parameters<AgentStore['claim']>[1]
type OthersFree = NonNullable<Parameters<AgentStore['claim']>[2]>
type Claimed = { works: Work[]; missed: FinalRun[] }

export type PoolClaimerParts = {
  readonly reader: RunReader
  readonly nodes: Nodes
  readonly finisher: Finisher
  readonly concurrency: Concurrency
  readonly parts: PartClaimer
  readonly book: PartBook
}

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
  readonly #parts: PartClaimer
  readonly #book: PartBook
  readonly #byNo: Query<RunRow>
  readonly #live: Query<RunRow>
  readonly #heldBy: Query<RunRow>
  readonly #lastAttempt: Query<readonly [outcome: string, agentId: string | null]>

  constructor(db: Database, { reader, nodes, finisher, concurrency, parts, book }: PoolClaimerParts) {
    this.#parts = parts
    this.#book = book
    this.#reader = reader
    this.#nodes = nodes
    this.#finisher = finisher
    this.#concurrency = concurrency
    this.#ready = new ReadyRuns(db, reader, finisher)
    const select = `SELECT ${RUN_COLUMNS} ${RUNS_WITH_JOB}`
    this.#byNo = db.query(`${select} WHERE r.no = ?`)
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
  claim(
    { now, sessionId, slots, pools }: Request,
    mayTake: MayTake,
    othersFree: OthersFree = () => false,
  ): Claimed {
    const works: Work[] = []
    const missed: FinalRun[] = []
    const nodeNo = slots > 0 ? this.#nodes.live(sessionId, now) : null
    const taker = nodeNo === null ? null : this.#parts.taker(nodeNo, now)
    if (nodeNo === null || taker === null) return { works, missed }
    const failedBy = (runNo: number, attempt: number): string | null => this.#failedBy(runNo, attempt)
    works.push(...this.#parts.take(taker, pools, slots, { mayTake, othersFree, failedBy }))
    this.#concurrency.release(now)
    const touched: number[] = []
    for (const row of works.length === slots ? [] : this.#candidates(pools, now, slots)) {
      if (works.length === slots) break
      if (row.startBy !== null && row.startBy < now) {
        missed.push(this.#ready.miss(row, now))
        touched.push(row.jobNo)
      } else if (mayTake(this.#offer(row), row.poolNo) && this.#concurrency.admits(row)) {
        const work = this.#isShared(row) ? this.#parts.begin(row, taker) : this.#ready.lease(row, nodeNo, now)
        if (work !== null) works.push(work)
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
    if (nodeNo === null) return []
    const parts = this.#book.heldBy(nodeNo, leasedBefore, Number.MAX_SAFE_INTEGER)
    return [
      ...this.#heldBy.all(nodeNo, leasedBefore).map((row) => this.#reader.work(row)),
      ...parts.map((part) => this.#reader.partWork(this.#byNo.get(part.runNo)!, part)),
    ]
  }

  works(held: readonly Held[]): (Work | null)[] {
    return held.map(({ runId, fence }) => {
      const row = this.#live.get(runId, fence)
      if (row !== undefined && row.nodeNo !== PARTED_NO) return this.#reader.work(row)
      const part = this.#book.live(runId, fence)
      return part === undefined ? null : this.#reader.partWork(this.#byNo.get(part.runNo)!, part)
    })
  }

  #candidates(pools: readonly number[], now: number, slots: number): RunRow[] {
    const rows = pools.flatMap((pool) => this.#oldest.all(pool, now, slots + SPARE_ROWS))
    return rows.sort((a, b) => a.readyAt! - b.readyAt! || a.no - b.no)
  }

  #offer({ no, attempts, readyAt }: RunRow): Offer {
    return { readyAt: readyAt!, failedBy: attempts === 0 ? null : this.#failedBy(no, attempts) }
  }

  #failedBy(runNo: number, attempt: number): string | null {
    const last = this.#lastAttempt.get(numberWithin(runNo, attempt))
    return last !== undefined && ELSEWHERE.includes(last[0]) ? last[1] : null
  }

  #isShared({ jobNo, version }: RunRow): boolean {
    return spreadOf(this.#reader.specs.of(jobNo, version).target) !== null
  }
}
