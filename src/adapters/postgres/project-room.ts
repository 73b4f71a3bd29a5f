// The quota `concurrency`: of a project only so many runs are under way, over all nodes. Those that find no room wait as runs
// of a concurrency key do (concurrency.ts). Who leases runs of such a project holds its lock, as with a key.

import type { Transaction } from './database.ts'
import { sql } from './sql.ts'

/** Of advisory locks: the number of the project follows. */
const PROJECT_SPACE = 0x70_72_6f

const MAX = sql<{ no: number; max: number }>(
  `SELECT no, (quotas::json ->> 'concurrency')::bigint AS max FROM projects
   WHERE no = ANY($1::bigint[]) AND quotas <> '{}' AND quotas::json ->> 'concurrency' IS NOT NULL`,
)
const TRY_LOCK = sql<{ got: boolean }>(
  `SELECT pg_try_advisory_xact_lock(${PROJECT_SPACE}, ($1::bigint % 2147483647)::integer) AS got`,
)
const OF_PROJECT = `FROM runs WHERE project_no = $1 AND NOT waits AND finished_at IS NULL AND ready_at IS NOT NULL`
const UNDER_WAY = sql<{ count: number }>(`SELECT count(*) AS count ${OF_PROJECT} AND node_no IS NOT NULL`)
const ADMITTED = sql<{ count: number }>(
  `SELECT count(*) AS count ${OF_PROJECT} AND (node_no IS NOT NULL OR (pool_no = 0 AND ready_at <= $2))`,
)
/** Of these projects, those that have such a quota. */
export async function limitedProjects(
  tx: Transaction,
  projectNos: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const nos = [...new Set(projectNos)]
  const rows = nos.length === 0 ? [] : await tx.all(MAX, nos)
  return new Map(rows.map(({ no, max }) => [no, max]))
}

/**
 * For how many more there is room, by project. Those that have been let go count, but not where only agents may take them:
 * there may be none for a long time. Absent: there is no limit.
 */
export async function roomOf(
  tx: Transaction,
  projectNos: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const left = new Map<number, number>()
  for (const [no, max] of await limitedProjects(tx, projectNos)) {
    const { count } = (await tx.get(ADMITTED, no, tx.now))!
    left.set(no, Math.max(0, max - count))
  }
  return left
}

/** Those of a step's rows that find no room. Counted under the project's lock, in a statement of its own. */
export async function withoutRoom<Row extends { readonly projectNo: number }>(
  tx: Transaction,
  rows: readonly Row[],
): Promise<ReadonlySet<Row>> {
  const held = new Set<Row>()
  const limited = await limitedProjects(
    tx,
    rows.map(({ projectNo }) => projectNo),
  )
  for (const [no, max] of limited) {
    const lock = await tx.get(TRY_LOCK, no)
    let underWay = lock?.got === true ? (await tx.get(UNDER_WAY, no))!.count : Number.POSITIVE_INFINITY
    for (const row of rows) {
      if (row.projectNo !== no) continue
      if (underWay < max) underWay += 1
      else held.add(row)
    }
  }
  return held
}
