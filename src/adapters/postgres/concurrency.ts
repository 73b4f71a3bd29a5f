// Concurrency keys, and the quota of a project beside them: of the runs that share one, over all jobs of a project and all
// nodes, only so many are under way. The others wait where no step looks for work; they go on in the order they came. Who
// leases runs of a key holds its lock, so that nobody counts while another leases; whoever finds it taken leaves the key to
// the other.

import { inShares } from '../../domain/fair-share.ts'
import { QUOTA_KEY } from '../../domain/run.ts'
import type { Transaction } from './database.ts'
import { roomOf, withoutRoom } from './project-room.ts'
import type { RunRow } from './run-rows.ts'
import type { Specs } from './specs.ts'
import { columns, sql } from './sql.ts'

/** Keys looked at in one step; the next one goes on behind them. */
const KEYS_MAX = 1_000

/** Let go of one key in one step: of a project whose quota was taken away all may go on. */
const LET_GO_MAX = 1_000

/** Of advisory locks: a hash of the key follows. Two keys with one hash only wait for each other. */
const KEY_SPACE = 0x6b_65_79

type Key = { readonly projectNo: number; readonly key: string }
type Waiting = Key & {
  readonly admitted: number
  readonly jobNo: number
  readonly version: number
  /** Of its first run. */
  readonly readyAt: number
}

const WAITING = sql<Waiting>(
  `WITH RECURSIVE k (project_no, key) AS (
     (SELECT project_no, concurrency_key FROM runs WHERE waits AND status = 'pending'
        AND (project_no, concurrency_key) > ($1::bigint, $2::text)
      ORDER BY project_no, concurrency_key LIMIT 1)
     UNION ALL
     (SELECT n.project_no, n.concurrency_key FROM k CROSS JOIN LATERAL (
        SELECT r.project_no, r.concurrency_key FROM runs r WHERE r.waits AND r.status = 'pending'
          AND (r.project_no, r.concurrency_key) > (k.project_no, k.key)
        ORDER BY r.project_no, r.concurrency_key LIMIT 1) n))
   SELECT k.project_no AS "projectNo", k.key, f.job_no AS "jobNo", f.version, f.ready_at AS "readyAt",
     (SELECT count(*) FROM runs r WHERE r.project_no = k.project_no AND r.concurrency_key = k.key AND NOT r.waits
        AND r.finished_at IS NULL AND (r.node_no IS NOT NULL OR r.ready_at <= $3)) AS admitted
   FROM (SELECT * FROM k LIMIT ${KEYS_MAX}) k CROSS JOIN LATERAL (
     SELECT r.job_no, r.version, r.ready_at FROM runs r WHERE r.waits AND r.status = 'pending'
       AND r.project_no = k.project_no AND r.concurrency_key = k.key ORDER BY r.ready_at, r.no LIMIT 1) f
   ORDER BY k.project_no, k.key`,
)
const letGo = (pools: string) =>
  sql(
    `UPDATE runs r SET waits = false FROM (SELECT id, due_at FROM runs WHERE waits AND status = 'pending'
       AND project_no = $1 AND concurrency_key = $2 AND ${pools}
     ORDER BY ready_at, no LIMIT $3 FOR UPDATE SKIP LOCKED) AS w
     WHERE r.id = w.id AND r.due_at + 0 = w.due_at`,
  )
const LET_GO_HERE = letGo('pool_no = 0')
const LET_GO_TO_AGENTS = letGo('pool_no > 0')
const HOLD = sql(
  `UPDATE runs r SET waits = true, concurrency_key = coalesce(r.concurrency_key, '${QUOTA_KEY}') FROM unnest($1::text[], $2::bigint[]) AS w (id, due_at)
   WHERE r.id = w.id AND r.due_at + 0 = w.due_at`,
)
const TRY_LOCK = sql<{ got: boolean }>(
  `SELECT pg_try_advisory_xact_lock(${KEY_SPACE}, hashtext($1 || ' ' || $2)) AS got`,
)
const UNDER_WAY = sql<{ count: number }>(
  `SELECT count(*) AS count FROM runs WHERE project_no = $1 AND concurrency_key = $2 AND NOT waits
     AND finished_at IS NULL AND node_no IS NOT NULL`,
)

export class Concurrency {
  readonly #specs: Specs
  #last: Key = { projectNo: 0, key: '' }

  constructor(specs: Specs) {
    this.#specs = specs
  }

  /** Lets those go on for whom there is room. */
  async release(tx: Transaction): Promise<void> {
    const waiting = await tx.all(WAITING, this.#last.projectNo, this.#last.key, tx.now)
    this.#last = waiting.length < KEYS_MAX ? { projectNo: 0, key: '' } : waiting.at(-1)!
    if (waiting.length === 0) return
    const specOf = await this.#specs.of(tx, waiting)
    const rooms = new Map(
      await roomOf(
        tx,
        waiting.map(({ projectNo }) => projectNo),
      ),
    )
    for (const { queue: one, among } of inShares(waiting)) {
      const { concurrency } = specOf(one).policy
      const max = one.key === QUOTA_KEY ? null : concurrency?.max
      // Where the project has no room they would only be held again.
      const ofProject = rooms.get(one.projectNo) ?? Number.MAX_SAFE_INTEGER
      const share = Math.ceil(ofProject / among)
      const ofKey = Math.min(max == null ? LET_GO_MAX : max - one.admitted, LET_GO_MAX)
      if (ofKey <= 0 || share <= 0) continue
      const count = await tx.run(LET_GO_HERE, one.projectNo, one.key, Math.min(ofKey, share))
      rooms.set(one.projectNo, ofProject - count)
      // There may be no agent for them for a long time: they take no room from others, who leases them looks again.
      if (ofKey > count) await tx.run(LET_GO_TO_AGENTS, one.projectNo, one.key, ofKey - count)
    }
  }

  /** Those that may start, in order; the others wait from here on. */
  async admitted(tx: Transaction, rows: readonly RunRow[]): Promise<readonly RunRow[]> {
    if (rows.length === 0) return rows
    const held = new Set<RunRow>(await this.#withoutRoom(tx, rows))
    for (const row of await withoutRoom(
      tx,
      rows.filter((row) => !held.has(row)),
    ))
      held.add(row)
    const late = [...held].map(({ id, dueAt }) => [id, dueAt] as const)
    if (late.length > 0) await tx.run(HOLD, ...columns(late, 2))
    return rows.filter((row) => !held.has(row))
  }

  /** Those for whom their key has no room. */
  async #withoutRoom(tx: Transaction, rows: readonly RunRow[]): Promise<readonly RunRow[]> {
    const keyed = rows.filter(({ concurrencyKey: key }) => key !== null && key !== QUOTA_KEY)
    if (keyed.length === 0) return []
    const specOf = await this.#specs.of(tx, keyed)
    const held: RunRow[] = []
    for (const [, ofKey] of Map.groupBy(
      keyed,
      ({ projectNo, concurrencyKey }) => `${projectNo} ${concurrencyKey}`,
    )) {
      let underWay = await this.#underWay(tx, ofKey[0]!)
      for (const row of ofKey) {
        if (underWay < (specOf(row).policy.concurrency?.max ?? Number.POSITIVE_INFINITY)) underWay += 1
        else held.push(row)
      }
    }
    return held
  }

  /** Counted under the key's lock, in a statement of its own: what others have committed before is seen. */
  async #underWay(tx: Transaction, { projectNo, concurrencyKey }: RunRow): Promise<number> {
    const lock = await tx.get(TRY_LOCK, String(projectNo), concurrencyKey)
    if (lock?.got !== true) return Number.POSITIVE_INFINITY
    return (await tx.get(UNDER_WAY, projectNo, concurrencyKey))!.count
  }
}
