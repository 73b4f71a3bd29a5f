// A session's step: leases what is ready in the pools it serves, oldest first over all of them. And what its reports need.

import type { OutcomeKind } from '../../domain/outcome.ts'
import { type Offer, poolOf } from '../../domain/pool.ts'
import type { FinalRun } from '../../domain/run.ts'
import { spreadOf } from '../../domain/run-part.ts'
import type { AgentStore, Held, WaitingPool } from '../../ports/agent-store.ts'
import type { Work } from '../../ports/work.ts'
import { expectedSessions, isExpectedSession, PartClaimer } from './claim-parts.ts'
import type { Concurrency } from './concurrency.ts'
import type { Database, Transaction } from './database.ts'
import type { Finisher } from './finish.ts'
import { keepLateFor } from './late-reports.ts'
import type { Nodes } from './nodes.ts'
import { livePart, PARTED_NO, type PartRow, partsOfSession } from './part-book.ts'
import { partWorks } from './part-works.ts'
import { ReadyRuns } from './ready-runs.ts'
import { type RunRow, toWork, withNames } from './run-rows.ts'
import type { Specs } from './specs.ts'
import { sql } from './sql.ts'

type Request = Parameters<AgentStore['claim']>[0]
type MayTake = Parameters<AgentStore['claim']>[1]
type OthersFree = NonNullable<Parameters<AgentStore['claim']>[2]>
type Claim = { readonly works: Work[]; readonly missed: FinalRun[] }

/** Rows looked at beyond the free slots: some may be overdue, or kept for others. */
const SPARE_ROWS = 16

/** Outcomes after which another agent is tried first. */
const ELSEWHERE: readonly OutcomeKind[] = ['lost', 'timeout', 'refused']

const WAITING = sql<{ no: number; projectId: string; labels: string }>(
  `SELECT p.no, j.id AS "projectId", p.labels FROM pools p JOIN projects j ON j.no = p.project_no
   WHERE p.no > $3 AND (EXISTS (SELECT 1 FROM runs r WHERE r.status = 'pending' AND NOT r.waits AND r.pool_no = p.no AND r.ready_at IS NOT NULL
     AND r.ready_at <= $1) OR EXISTS (SELECT 1 FROM parts q WHERE q.status = 'waiting' AND q.agent_no IS NULL
     AND q.pool_no = p.no AND q.ready_at <= $1)) ORDER BY p.no LIMIT $2`,
)
const NEXT = sql<{ at: number | null }>(
  `SELECT min(a.ready_at) AS at FROM (
     SELECT n.ready_at FROM pools p CROSS JOIN LATERAL (
       SELECT r.ready_at FROM runs r WHERE r.status = 'pending' AND NOT r.waits AND r.pool_no = p.no
         AND r.ready_at IS NOT NULL AND r.ready_at > $1 ORDER BY r.ready_at, r.no LIMIT 1) n
     UNION ALL SELECT n.ready_at FROM pools p CROSS JOIN LATERAL (
       SELECT q.ready_at FROM parts q WHERE q.status = 'waiting' AND q.agent_no IS NULL AND q.pool_no = p.no
         AND q.ready_at > $1 ORDER BY q.ready_at, q.run_no, q.part LIMIT 1) n
     UNION ALL SELECT n.ready_at FROM agents g CROSS JOIN LATERAL (
       SELECT q.ready_at FROM parts q WHERE q.status = 'waiting' AND q.agent_no IS NOT NULL AND q.agent_no = g.no
         AND q.ready_at > $1 ORDER BY q.ready_at, q.run_no LIMIT 1) n) a`,
)
const READY = sql<RunRow>(
  `${withNames(`SELECT c.* FROM unnest($1::bigint[]) AS p (no) CROSS JOIN LATERAL (
       SELECT * FROM runs r WHERE r.status = 'pending' AND NOT r.waits AND r.pool_no = p.no AND r.ready_at IS NOT NULL
         AND r.ready_at <= $2 ORDER BY r.ready_at, r.no LIMIT $3 FOR UPDATE SKIP LOCKED) c`)}
   ORDER BY r.ready_at, r.no`,
)
const LAST_ATTEMPTS = sql<{ runNo: number; number: number; outcome: OutcomeKind; agentId: string | null }>(
  `SELECT t.run_no AS "runNo", t.number, t.outcome, a.id AS "agentId"
   FROM unnest($1::bigint[], $2::bigint[], $3::integer[]) AS w (run_no, due_at, number)
   JOIN attempts t ON t.run_no = w.run_no AND t.due_at = w.due_at AND t.number = w.number
   JOIN nodes n ON n.no = t.node_no LEFT JOIN agents a ON a.no = n.agent_no`,
)
const LIVE = sql<RunRow>(withNames('SELECT * FROM runs WHERE id = $1 AND fence = $2 AND node_no IS NOT NULL'))
const HELD_BY = sql<RunRow>(
  withNames(
    `SELECT r.* FROM nodes n JOIN runs r ON r.node_no = n.no
     WHERE n.id = $1 AND r.node_no IS NOT NULL AND r.leased_at < $2`,
  ),
)

export class PoolClaimer {
  readonly #db: Database
  readonly #specs: Specs
  readonly #nodes: Nodes
  readonly #finisher: Finisher
  readonly #concurrency: Concurrency
  readonly #ready: ReadyRuns
  readonly #parts: PartClaimer

  constructor(db: Database, specs: Specs, nodes: Nodes, finisher: Finisher, concurrency: Concurrency) {
    this.#db = db
    this.#specs = specs
    this.#nodes = nodes
    this.#finisher = finisher
    this.#concurrency = concurrency
    this.#ready = new ReadyRuns(specs, finisher)
    this.#parts = new PartClaimer(specs)
  }

  /** Those that may go on under their key are let go here too: no server needs to have a free slot of its own. */
  async waiting(now: number, limit: number, after = 0): Promise<WaitingPool[]> {
    const rows = await this.#db.write(now, async (tx) => {
      await this.#concurrency.release(tx)
      return tx.all(WAITING, tx.now, limit, after)
    })
    return rows.map(({ no, projectId, labels }) => ({ no, pool: poolOf(projectId, labels) }))
  }

  async nextReadyAt(now: number): Promise<number | null> {
    return (await this.#db.read((reader) => reader.get(NEXT, now)))?.at ?? null
  }

  expected(now: number, limit: number, after = ''): Promise<string[]> {
    return this.#db.write(now, (tx) => expectedSessions(tx, tx.now, limit, after))
  }

  isExpected(now: number, sessionId: string): Promise<boolean> {
    return this.#db.write(now, (tx) => isExpectedSession(tx, tx.now, sessionId))
  }

  async claim(
    { now, sessionId, slots, pools }: Request,
    mayTake: MayTake,
    othersFree: OthersFree = () => false,
  ): Promise<Claim> {
    if (slots <= 0) return { works: [], missed: [] }
    const lease = await this.#nodes.leasing(sessionId)
    return this.#db.write(
      now,
      async (tx) => {
        if (!(await lease.isLive(tx))) return { works: [], missed: [] }
        const taker = await this.#parts.taker(tx, lease.nodeNo, sessionId)
        if (taker === null) return { works: [], missed: [] }
        const choice = { mayTake, othersFree, lastFailures }
        const parts = await this.#parts.take(tx, taker, pools, slots, choice)
        const left = slots - parts.length
        if (left === 0 || pools.length === 0) return { works: parts, missed: [] }
        await this.#concurrency.release(tx)
        const rows = await tx.all(READY, pools, tx.now, left + SPARE_ROWS)
        const late = rows.filter(({ startBy }) => startBy !== null && startBy < tx.now)
        const offers = await this.#offers(tx, rows)
        const taken = rows
          .filter((row) => !late.includes(row) && mayTake(offers(row), row.poolNo))
          .slice(0, left)
        const admitted = await this.#concurrency.admitted(tx, taken)
        const specOf = await this.#specs.of(tx, admitted)
        const isShared = (row: RunRow): boolean => spreadOf(specOf(row).target) !== null
        const works = await this.#ready.lease(
          tx,
          admitted.filter((row) => !isShared(row)),
          { nodeNo: lease.nodeNo, nodeId: sessionId },
        )
        for (const row of admitted.filter(isShared)) {
          const work = await this.#parts.begin(tx, row, taker)
          if (work !== null) works.push(work)
        }
        const missed = await this.#ready.miss(tx, late)
        await this.#finisher.release(
          tx,
          late.map(({ jobNo }) => jobNo),
        )
        return { works: [...parts, ...works], missed }
      },
      lease.lock,
    )
  }

  async works(held: readonly Held[]): Promise<(Work | null)[]> {
    return this.#db.read(async (reader) => {
      const found: (RunRow | undefined)[] = []
      const parts: PartRow[] = []
      for (const one of held) {
        const row = await reader.get(LIVE, one.runId, one.fence)
        const part = row === undefined || row.nodeNo === PARTED_NO ? await livePart(reader, one) : undefined
        if (part !== undefined) parts.push(part)
        found.push(row?.nodeNo === PARTED_NO ? undefined : row)
      }
      const specOf = await this.#specs.of(
        reader,
        found.filter((row) => row !== undefined),
      )
      const works = await partWorks(reader, this.#specs, parts)
      const ofPart = ({ runId, fence }: Held): Work | null =>
        works.find(({ run }) => run.id === runId && run.fence === fence) ?? null
      return found.map((row, position) => (row === undefined ? ofPart(held[position]!) : toWork(row, specOf)))
    })
  }

  heldBy(sessionId: string, leasedBefore: number): Promise<Work[]> {
    return this.#db.read(async (reader) => {
      const rows = await reader.all(HELD_BY, sessionId, leasedBefore)
      const specOf = await this.#specs.of(reader, rows)
      const parts = await partsOfSession(reader, sessionId, leasedBefore)
      return [...rows.map((row) => toWork(row, specOf)), ...(await partWorks(reader, this.#specs, parts))]
    })
  }

  async keepLate(reports: Parameters<AgentStore['keepLate']>[0], now: number): Promise<void> {
    if (reports.length === 0) return
    await this.#db.write(now, async (tx) => {
      for (const { sessionId, ...news } of reports) await keepLateFor(tx, sessionId, news)
    })
  }

  async #offers(tx: Transaction, rows: readonly RunRow[]): Promise<(row: RunRow) => Offer> {
    const failedBy = await lastFailures(
      tx,
      rows
        .filter(({ attempts }) => attempts > 0)
        .map(({ no, dueAt, attempts }) => ({ no, dueAt, number: attempts })),
    )
    return ({ no, attempts, readyAt }) => {
      return { readyAt: readyAt!, failedBy: failedBy.get(`${no} ${attempts}`) ?? null }
    }
  }
}

/** By run and number: who could not finish these attempts, if others are to be tried first. */
async function lastFailures(
  tx: Transaction,
  attempts: readonly { readonly no: number; readonly dueAt: number; readonly number: number }[],
): Promise<Map<string, string | null>> {
  if (attempts.length === 0) return new Map()
  const last = await tx.all(
    LAST_ATTEMPTS,
    attempts.map(({ no }) => no),
    attempts.map(({ dueAt }) => dueAt),
    attempts.map(({ number }) => number),
  )
  return new Map(
    last
      .filter(({ outcome }) => ELSEWHERE.includes(outcome))
      .map(({ runNo, number, agentId }) => [`${runNo} ${number}`, agentId]),
  )
}
