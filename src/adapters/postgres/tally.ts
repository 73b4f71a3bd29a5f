// Counts runs in a stretch of time, a bounded number of rows at a step. No counters are kept while runs end: whoever
// looks pays for it, not what rings.

import { type TalliedGap, type TalliedRun, TallyBuckets } from '../../domain/tally.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { TallyRequest, TallyStep } from '../../ports/store.ts'
import type { Reader } from './database.ts'
import { sql } from './sql.ts'

type Row = TalliedRun & { readonly no: number }

const COLUMNS = `r.due_at AS "dueAt", r.no, r.status, r.started_at AS "startedAt", r.late, r.trigger`
const STRETCH = 'r.due_at >= $1 AND r.due_at < $2 AND (r.due_at, r.no) > ($1, $3)'
const OLDEST_FIRST = 'ORDER BY r.due_at, r.no LIMIT $4'

/** From each project as many as the step could need, through its index; then the oldest of them all. */
const ALL = sql<Row>(
  `SELECT r.* FROM projects p CROSS JOIN LATERAL (
     SELECT p.id AS "projectId", ${COLUMNS} FROM runs r WHERE r.project_no = p.no AND ${STRETCH} ${OLDEST_FIRST}) r
   ORDER BY r."dueAt", r.no LIMIT $4`,
)
const OF_JOB = sql<Row>(
  `SELECT p.id AS "projectId", ${COLUMNS}
   FROM jobs j JOIN runs r ON r.job_no = j.no JOIN projects p ON p.no = r.project_no
   WHERE j.id = $5 AND ${STRETCH} ${OLDEST_FIRST}`,
)

const GAPS = sql<TalliedGap & { readonly no: number }>(
  `SELECT p.id AS "projectId", g.to_at AS "to", g.no, g.status, g.count
   FROM (SELECT * FROM gaps WHERE to_at >= $1 AND to_at < $2 AND (to_at, no) > ($1, $3) ORDER BY to_at, no LIMIT $4) g
     JOIN jobs j ON j.no = g.job_no JOIN projects p ON p.no = j.project_no ORDER BY g.to_at, g.no`,
)

export async function gapTallyStep(reader: Reader, request: TallyRequest): Promise<TallyStep> {
  const { from, to, bucketMs, limit } = request
  const [at, no] = decodeNumberCursor(request.cursor) ?? [from, -1]
  const rows = await reader.all(GAPS, at, to, no, limit)
  const buckets = new TallyBuckets(bucketMs)
  for (const row of rows) buckets.addGap(row)
  const last = rows.length === limit ? rows.at(-1) : undefined
  return { buckets: buckets.list(), nextCursor: last === undefined ? null : encodeCursor([last.to, last.no]) }
}

export async function tallyStep(reader: Reader, request: TallyRequest): Promise<TallyStep> {
  const { from, to, bucketMs, limit, jobId } = request
  const [dueAt, no] = decodeNumberCursor(request.cursor) ?? [from, -1]
  const rows =
    jobId === undefined
      ? await reader.all(ALL, dueAt, to, no, limit)
      : await reader.all(OF_JOB, dueAt, to, no, limit, jobId)
  const buckets = new TallyBuckets(bucketMs)
  for (const row of rows) buckets.add(row)
  const last = rows.length === limit ? rows.at(-1) : undefined
  return {
    buckets: buckets.list(),
    nextCursor: last === undefined ? null : encodeCursor([last.dueAt, last.no]),
  }
}
