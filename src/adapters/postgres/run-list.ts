// Pages of runs, newest due first. What went wrong and what is open have indexes of their own; what succeeded is
// most of the ledger and needs none.

import { isFinal, type Reason, type Run, type RunStatus } from '../../domain/run.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { Page, PageRequest, RunFilter } from '../../ports/store.ts'
import type { Reader } from './database.ts'
import { readPage } from './page.ts'
import { RUN_COLUMNS, RUNS_WITH_NAMES, type RunRow, toRun } from './run-rows.ts'
import { type Sql, sql, type Value } from './sql.ts'

type Row = {
  readonly id: string
  readonly dueAt: number
  readonly no: number
  readonly status: RunStatus
  readonly reason: Reason | null
  readonly allowed: boolean
}
type Key = readonly [dueAt: number, no: number]

const COLUMNS = 'r.id, r.due_at AS "dueAt", r.no, r.status, r.reason'
const STRETCH = `r.due_at >= $1 AND r.due_at <= $2 AND (r.due_at, r.no) < ($2, $3)`
const NEWEST_FIRST = 'ORDER BY r.due_at DESC, r.no DESC LIMIT $4'

/** From each project (and status) as many as the page could need, through an index; then the newest of them all. */
function ofProjects(where: string, statuses = '') {
  return sql<Row>(
    `SELECT r.*, true AS allowed FROM projects p ${statuses} CROSS JOIN LATERAL (
       SELECT ${COLUMNS} FROM runs r WHERE r.project_no = p.no AND ${where} AND ${STRETCH} ${NEWEST_FIRST}) r
     WHERE $5::text[] IS NULL OR p.id = ANY($5) ORDER BY r."dueAt" DESC, r.no DESC LIMIT $4`,
  )
}

const ALL = ofProjects('true')
const ODD = ofProjects(
  "r.finished_at IS NOT NULL AND r.status <> 'succeeded' AND r.status = s.status",
  'CROSS JOIN unnest($6::text[]) AS s (status)',
)
// Open ones are few: all of them are looked at, by the index that holds nothing else. As how long a stretch is does not show in
// a generic plan, it would be taken for a short one, and everything that was due in it for little to read.
const OPEN_STRETCH = `r.due_at + 0 >= $1 AND r.due_at + 0 <= $2 AND (r.due_at + 0, r.no) < ($2, $3)`
const OPEN_AND_ODD = sql<Row>(
  `SELECT r.*, true AS allowed FROM (
     (SELECT ${COLUMNS} FROM projects p CROSS JOIN unnest($6::text[]) AS s (status) CROSS JOIN LATERAL (
        SELECT r.* FROM runs r WHERE r.project_no = p.no AND r.finished_at IS NOT NULL AND r.status <> 'succeeded'
          AND r.status = s.status AND ${STRETCH} ${NEWEST_FIRST}) r
      WHERE $5::text[] IS NULL OR p.id = ANY($5))
     UNION ALL
     (SELECT ${COLUMNS} FROM runs r JOIN projects p ON p.no = r.project_no + 0
      WHERE r.finished_at IS NULL AND ${OPEN_STRETCH} AND ($5::text[] IS NULL OR p.id = ANY($5)))) r
   ORDER BY "dueAt" DESC, no DESC LIMIT $4`,
)
const OF_JOB = sql<Row>(
  `SELECT ${COLUMNS}, ($5::text[] IS NULL OR p.id = ANY($5)) AS allowed
   FROM jobs j JOIN runs r ON r.job_no = j.no JOIN projects p ON p.no = r.project_no
   WHERE j.id = $6 AND ${STRETCH} ${NEWEST_FIRST}`,
)
const WHOLE = sql<RunRow>(
  `SELECT ${RUN_COLUMNS} ${RUNS_WITH_NAMES} JOIN unnest($1::text[], $2::bigint[]) AS w (id, due_at)
     ON r.id = w.id AND r.due_at + 0 = w.due_at`,
)

export class RunList {
  async page(reader: Reader, filter: RunFilter, { limit, cursor }: PageRequest): Promise<Page<Run>> {
    const { from, before } = boundsOf(filter, decodeNumberCursor(cursor))
    const [statement, extra] = choose(filter)
    const read = (after: Row | null, count: number) => {
      const [dueAt, no] = after === null ? before : [after.dueAt, after.no]
      return reader.all(statement, from, dueAt, no, count, filter.projectIds ?? null, ...extra)
    }
    const { rows, next } = await readPage(read, matcher(filter), limit)
    const ids = rows.map(({ id }) => id)
    const dues = rows.map(({ dueAt }) => dueAt)
    const whole = new Map((await reader.all(WHOLE, ids, dues)).map((row) => [row.id, row]))
    // One that was swept in between is left out.
    const items = ids.map((id) => whole.get(id)).filter((row) => row !== undefined)
    return { items: items.map(toRun), nextCursor: next === null ? null : encodeCursor([next.dueAt, next.no]) }
  }
}

function choose({ jobId, status = [] }: RunFilter): readonly [Sql<Row>, Value[]] {
  if (jobId !== undefined) return [OF_JOB, [jobId]]
  const statuses = [...new Set(status)]
  if (statuses.length === 0 || statuses.includes('succeeded')) return [ALL, []]
  const odd = statuses.filter(isFinal)
  return [odd.length === statuses.length ? ODD : OPEN_AND_ODD, [odd]]
}

function boundsOf({ from, to }: RunFilter, after: Key | null): { from: number; before: Key } {
  const end: Key = to === undefined ? [Number.MAX_SAFE_INTEGER, 0] : [to, 0]
  const before = after !== null && (end[0] - after[0] || end[1] - after[1]) > 0 ? after : end
  return { from: from ?? Number.MIN_SAFE_INTEGER, before }
}

function matcher({ status, reason }: RunFilter): (row: Row) => boolean {
  const statuses = status === undefined || status.length === 0 ? null : new Set(status)
  const reasons = reason === undefined || reason.length === 0 ? null : new Set(reason)
  return (row) =>
    row.allowed &&
    (statuses === null || statuses.has(row.status)) &&
    (reasons === null || (row.reason !== null && reasons.has(row.reason)))
}
