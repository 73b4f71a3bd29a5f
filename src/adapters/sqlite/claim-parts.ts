// How runs that several agents share are parted, and their parts leased to a session.

import { resolvePolicy } from '../../domain/policy.ts'
import { type Offer, poolLabels, serves } from '../../domain/pool.ts'
import { spreadOf } from '../../domain/run-part.ts'
import { queueUntil } from '../../domain/start-deadline.ts'
import type { Work } from '../../ports/work.ts'
import type { Database, Query } from './database.ts'
import { type Numbers, PARTED_NO, type PartBook, type PartRow } from './part-book.ts'
import { RUN_COLUMNS, RUNS_WITH_JOB, type RunReader, type RunRow } from './run-rows.ts'

type There = readonly [no: number, labels: string, projectIds: string | null]

/** Who leases: a live session, and the agent it is of. */
export type Taker = { readonly nodeNo: number; readonly agentNo: number; readonly now: number }

export type Choice = {
  readonly mayTake: (offer: Offer, pool: number) => boolean
  readonly othersFree: (pool: number) => boolean
  readonly failedBy: (runNo: number, attempt: number) => string | null
}

export class PartClaimer {
  readonly #reader: RunReader
  readonly #parts: PartBook
  readonly #there: Query<There>
  readonly #begin: Query<Numbers>
  readonly #byNo: Query<RunRow>
  readonly #agentNo: Query<readonly [number]>
  readonly #expected: Query<readonly [string]>
  readonly #isExpected: Query<readonly [number]>

  constructor(db: Database, reader: RunReader, parts: PartBook) {
    this.#reader = reader
    this.#parts = parts
    this.#there = db.tuples(
      `SELECT a.no, a.labels, a.project_ids FROM agents a JOIN nodes n ON n.no = a.session_no
       WHERE a.removed_at IS NULL AND a.draining = 0 AND n.left_at IS NULL AND n.lease_until >= ? ORDER BY a.name`,
    )
    this.#begin = db.tuples(
      `UPDATE runs SET status = 'running', node_no = ${PARTED_NO}, leased_at = ?1, started_at = ?1, start_by = NULL,
         attempts = attempts + 1, fence = fence + 1 WHERE no = ?2 RETURNING attempts, fence`,
    )
    this.#byNo = db.query(`SELECT ${RUN_COLUMNS} ${RUNS_WITH_JOB} WHERE r.no = ?`)
    this.#agentNo = db.tuples('SELECT agent_no FROM nodes WHERE no = ? AND agent_no IS NOT NULL')
    this.#expected = db.tuples(
      `SELECT DISTINCT n.id FROM parts p JOIN agents a ON a.no = p.agent_no JOIN nodes n ON n.no = a.session_no
       WHERE p.status = 'waiting' AND p.agent_no IS NOT NULL AND p.ready_at <= ?1 AND n.left_at IS NULL AND n.id > ?3
       ORDER BY n.id LIMIT ?2`,
    )
    this.#isExpected = db.tuples(
      `SELECT 1 FROM nodes n JOIN agents a ON a.session_no = n.no JOIN parts p ON p.agent_no = a.no
       WHERE n.id = ?2 AND p.status = 'waiting' AND p.agent_no IS NOT NULL AND p.ready_at <= ?1 AND n.left_at IS NULL LIMIT 1`,
    )
  }

  taker(nodeNo: number, now: number): Taker | null {
    const agentNo = this.#agentNo.get(nodeNo)?.[0]
    return agentNo === undefined ? null : { nodeNo, agentNo, now }
  }

  /** Parts of runs that have begun. */
  take(taker: Taker, pools: readonly number[], slots: number, choice: Choice): Work[] {
    const works: Work[] = []
    const shared = new Set<number>()
    for (const part of this.#parts.takeable(pools, taker.agentNo, taker.now, slots)) {
      if (works.length === slots) break
      if (part.agentNo === null && !this.#isFor(part, shared, choice)) continue
      works.push(this.#lease(part, taker))
    }
    return works
  }

  /** Parts a run that is ready, and leases the first part. null: it is not for this agent to begin. */
  begin(row: RunRow, { nodeNo, agentNo, now }: Taker): Work | null {
    const spec = this.#reader.specs.of(row.jobNo, row.version)
    const spread = spreadOf(spec.target)
    const agents =
      spread === 'all' ? this.#agentsOf(row, now) : Array.from({ length: spread ?? 1 }, () => null)
    const mine = agents.findIndex((agent) => agent === null || agent === agentNo)
    if (mine < 0) return null
    this.#parts.open(row, agents, now, queueUntil(null, now, resolvePolicy(spec.policy).queueTimeoutMs))
    const numbers = this.#begin.get(now, row.no)!
    const part = this.#parts.waiting(row.no).find(({ part: index }) => index === mine)!
    return this.#work(this.#parts.lease(part, numbers, nodeNo, now))
  }

  /** Sessions that have to come for a part that is for their agent alone. */
  expected(now: number, limit: number, after: string): string[] {
    return this.#expected.all(now, limit, after).map(([id]) => id)
  }

  isExpected(now: number, sessionId: string): boolean {
    return this.#isExpected.get(now, sessionId) !== undefined
  }

  #agentsOf(row: RunRow, now: number): number[] {
    const labels = poolLabels(this.#reader.specs.of(row.jobNo, row.version)) ?? {}
    const pool = { projectId: this.#reader.projects.id(row.projectNo), labels }
    return this.#there
      .all(now)
      .filter(([, own, projectIds]) =>
        serves(
          { labels: JSON.parse(own), projectIds: projectIds === null ? null : JSON.parse(projectIds) },
          pool,
        ),
      )
      .map(([no]) => no)
  }

  /** While others are free each gets one part of a run at a time, so that it is spread over them. */
  #isFor({ runNo, poolNo, attempt, readyAt }: PartRow, shared: Set<number>, choice: Choice): boolean {
    if (shared.has(runNo) && choice.othersFree(poolNo)) return false
    const failedBy = attempt === 0 ? null : choice.failedBy(runNo, attempt)
    if (!choice.mayTake({ readyAt, failedBy }, poolNo)) return false
    shared.add(runNo)
    return true
  }

  #lease(part: PartRow, { nodeNo, now }: Taker): Work {
    return this.#work(this.#parts.lease(part, this.#parts.next(part.runNo), nodeNo, now))
  }

  #work(part: PartRow): Work {
    return this.#reader.partWork(this.#byNo.get(part.runNo)!, part)
  }
}
