// The runner's step: leases what is ready, oldest first, up to its free slots. And the other way round: what is
// held by nodes that are gone. What another node is just taking is passed over.

import { filledUp, inTurn, turnOf } from '../../domain/fair-share.ts'
import type { FinalRun } from '../../domain/run.ts'
import { slotShare } from '../../domain/target.ts'
import type { LostWork, Work } from '../../ports/store.ts'
import type { Concurrency } from './concurrency.ts'
import type { Database, Transaction } from './database.ts'
import type { Finisher } from './finish.ts'
import type { Nodes } from './nodes.ts'
import { partsHeldBy } from './part-book.ts'
import { partWorks } from './part-works.ts'
import { ReadyRuns } from './ready-runs.ts'
import { type RunRow, toWork, withNames } from './run-rows.ts'
import type { Specs } from './specs.ts'
import { sql } from './sql.ts'

/** Overdue runs ended in one claim; the rest is ended by the next, or by expire(). */
const MISSED_MAX = 1_000

/** Runs leased in one claim; of those that share slots there may be many more. */
const WORKS_MAX = 1_000

/** Made to wait for room by one claim; the others stay ready, and the next claim meets them. */
const HELD_MAX = 256

type Request = { readonly now: number; readonly nodeId: string; readonly slots: number }
type Claim = { readonly works: Work[]; readonly missed: FinalRun[] }

const NEXT_READY_AT = sql<{ at: number }>(
  `SELECT ready_at AS at FROM runs WHERE status = 'pending' AND NOT waits AND pool_no = 0 AND ready_at IS NOT NULL
   ORDER BY ready_at, no LIMIT 1`,
)
const READY = sql<RunRow>(
  `${withNames(`SELECT * FROM runs WHERE status = 'pending' AND NOT waits AND pool_no = 0 AND ready_at IS NOT NULL
     AND ready_at <= $1 ORDER BY ready_at, no LIMIT $2 FOR UPDATE SKIP LOCKED`)} ORDER BY r.ready_at, r.no`,
)
const NEXT_PROJECT = `SELECT min(project_no) FROM runs
  WHERE status = 'pending' AND NOT waits AND pool_no = 0 AND ready_at IS NOT NULL`
const PROJECTS = sql<{ no: number }>(
  `WITH RECURSIVE ready (no) AS ((${NEXT_PROJECT}) UNION ALL
     SELECT (${NEXT_PROJECT} AND project_no > ready.no) FROM ready WHERE ready.no IS NOT NULL)
   SELECT no FROM ready WHERE no IS NOT NULL AND EXISTS (SELECT 1 FROM runs WHERE status = 'pending' AND NOT waits
     AND pool_no = 0 AND ready_at IS NOT NULL AND ready_at <= $1 AND project_no = ready.no)`,
)
const READY_OF = sql<RunRow>(
  `${withNames(`SELECT r.* FROM unnest($3::bigint[]) AS p (no) CROSS JOIN LATERAL (
     SELECT * FROM runs WHERE status = 'pending' AND NOT waits AND pool_no = 0 AND ready_at IS NOT NULL
       AND ready_at <= $1 AND project_no = p.no ORDER BY ready_at, no LIMIT $2 FOR UPDATE SKIP LOCKED) r`)}
   ORDER BY r.ready_at, r.no`,
)
const EXPIRED = sql<RunRow>(
  `${withNames(`SELECT * FROM runs WHERE status = 'pending' AND start_by IS NOT NULL AND start_by < $1
     ORDER BY start_by LIMIT $2 FOR UPDATE SKIP LOCKED`)} ORDER BY r.start_by`,
)
const HELD = sql<RunRow>(
  withNames('SELECT * FROM runs WHERE node_no IS NOT NULL AND node_no = $1 ORDER BY no LIMIT $2'),
)

const HELD_BY_ID = sql<RunRow>(
  withNames(
    `SELECT r.* FROM nodes n JOIN runs r ON r.node_no = n.no WHERE n.id = $1 AND r.node_no IS NOT NULL
     ORDER BY r.no LIMIT $2`,
  ),
)

export class Claimer {
  readonly #db: Database
  readonly #specs: Specs
  readonly #nodes: Nodes
  readonly #finisher: Finisher
  readonly #concurrency: Concurrency
  readonly #ready: ReadyRuns
  #lastProject = 0

  constructor(db: Database, specs: Specs, nodes: Nodes, finisher: Finisher, concurrency: Concurrency) {
    this.#db = db
    this.#specs = specs
    this.#nodes = nodes
    this.#finisher = finisher
    this.#concurrency = concurrency
    this.#ready = new ReadyRuns(specs, finisher)
  }

  async nextReadyAt(): Promise<number | null> {
    return (await this.#db.read((reader) => reader.get(NEXT_READY_AT)))?.at ?? null
  }

  async claimReady({ now, nodeId, slots }: Request): Promise<Claim> {
    if (slots <= 0) return { works: [], missed: [] }
    const lease = await this.#nodes.leasing(nodeId)
    return this.#db.write(
      now,
      async (tx) => {
        const works: Work[] = []
        const missed: FinalRun[] = []
        const touched: number[] = []
        if (!(await lease.isLive(tx))) return { works, missed }
        await this.#concurrency.release(tx)
        let left = slots
        let held = 0
        while (left > 0 && works.length < WORKS_MAX && missed.length < MISSED_MAX && held < HELD_MAX) {
          const rows = await this.#next(tx, Math.min(Math.ceil(left), WORKS_MAX - works.length))
          const [late, ready] = parted(rows, ({ startBy }) => startBy !== null && startBy < tx.now)
          missed.push(...(await this.#ready.miss(tx, late)))
          touched.push(...late.map(({ jobNo }) => jobNo))
          const admitted = await this.#concurrency.admitted(tx, ready)
          held += ready.length - admitted.length
          for (const work of await this.#ready.lease(tx, admitted, { nodeNo: lease.nodeNo, nodeId })) {
            works.push(work)
            left -= slotShare(work.spec.target)
          }
          // A queued run set free by what has just ended may start with this claim.
          if (rows.length === 0 && (await this.#finisher.release(tx, touched.splice(0))) === 0) break
        }
        await this.#finisher.release(tx, touched)
        return { works, missed }
      },
      lease.lock,
    )
  }

  expire(now: number, limit: number): Promise<FinalRun[]> {
    return this.#db.write(now, async (tx) => {
      const rows = await tx.all(EXPIRED, tx.now, limit)
      const ended = await this.#ready.miss(tx, rows)
      await this.#finisher.release(
        tx,
        rows.map(({ jobNo }) => jobNo),
      )
      return ended
    })
  }

  lost(now: number, limit: number): Promise<LostWork[]> {
    return this.#db.write(now, async (tx) => {
      const lost: LostWork[] = []
      const emptied: number[] = []
      for (const { no, node } of await this.#nodes.gone(tx)) {
        if (lost.length === limit) break
        const held = await tx.all(HELD, no, limit - lost.length)
        const specOf = await this.#specs.of(tx, held)
        lost.push(...held.map((row) => ({ work: toWork(row, specOf), node })))
        const parts = await partsHeldBy(tx, no, limit - lost.length)
        const works = await partWorks(tx, this.#specs, parts)
        lost.push(...works.map((work) => ({ work, node })))
        if (held.length === 0 && parts.length === 0) emptied.push(no)
      }
      await this.#nodes.emptied(tx, emptied)
      return lost
    })
  }

  held(nodeId: string, limit: number): Promise<Work[]> {
    return this.#db.read(async (reader) => {
      const rows = await reader.all(HELD_BY_ID, nodeId, limit)
      const specOf = await this.#specs.of(reader, rows)
      return rows.map((row) => toWork(row, specOf))
    })
  }

  /** The oldest ones; of several projects that have more than there is room for, of each in turn. */
  async #next(tx: Transaction, limit: number): Promise<readonly RunRow[]> {
    const oldest = await tx.all(READY, tx.now, limit)
    if (oldest.length < limit) return oldest
    const projects = (await tx.all(PROJECTS, tx.now)).map(({ no }) => no)
    if (projects.length <= 1) return oldest
    const share = Math.max(1, Math.floor(limit / projects.length))
    const rows = await tx.all(READY_OF, tx.now, share, turnOf(projects, this.#lastProject).slice(0, limit))
    const ofProject = Map.groupBy(rows, ({ projectNo }) => projectNo)
    const take = (project: number, count: number): RunRow[] => (ofProject.get(project) ?? []).slice(0, count)
    const { items, last } = inTurn(projects, limit, this.#lastProject, take)
    this.#lastProject = last
    // What another node holds just now leaves room, which goes to the oldest.
    return filledUp(items, oldest, limit, ({ no }) => no)
  }
}

function parted<Item>(
  items: readonly Item[],
  is: (item: Item) => boolean,
): readonly [yes: readonly Item[], no: readonly Item[]] {
  return [items.filter(is), items.filter((item) => !is(item))]
}
