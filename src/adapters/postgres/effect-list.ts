// Rows of effects, and pages of them, newest first.

import type { Effect, EffectStatus } from '../../domain/effect.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { OutboxStore, Page, PageRequest } from '../../ports/store.ts'
import type { Reader } from './database.ts'
import { readPage } from './page.ts'
import { type Sql, sql, type Value } from './sql.ts'

export const EFFECT_COLUMNS = `e.no, e.id, p.id AS "projectId", j.id AS "jobId", e.run_id AS "runId",
  e.due_at AS "dueAt", e.callback, e.status, e.tries, e.next_try_at AS "nextTryAt", e.created_at AS "createdAt",
  e.ended_at AS "endedAt"`
export const EFFECT_NAMES = 'JOIN jobs j ON j.no = e.job_no JOIN projects p ON p.no = e.project_no'

export type EffectRow = Omit<Effect, 'kind' | 'callback'> & {
  readonly no: number
  readonly dueAt: number
  readonly callback: string
}

type Filter = Parameters<OutboxStore['list']>[0]
type Row = {
  readonly no: number
  readonly status: EffectStatus
  readonly projectId: string
  readonly jobId: string
}

const SELECT = `SELECT e.no, e.status, p.id AS "projectId", j.id AS "jobId" FROM effects e ${EFFECT_NAMES}
  WHERE e.no < $1`
const NEWEST_FIRST = 'ORDER BY e.no DESC LIMIT $2'
const ALL = sql<Row>(`${SELECT} ${NEWEST_FIRST}`)
const OF_JOB = sql<Row>(`${SELECT} AND e.job_no = (SELECT no FROM jobs WHERE id = $3) ${NEWEST_FIRST}`)
const OF_RUN = sql<Row>(`${SELECT} AND e.run_id = $3 ${NEWEST_FIRST}`)
const UNDELIVERED = sql<Row>(`${SELECT} AND e.status = $3 AND e.status <> 'delivered' ${NEWEST_FIRST}`)
const WHOLE = sql<EffectRow>(
  `SELECT ${EFFECT_COLUMNS} FROM effects e ${EFFECT_NAMES} WHERE e.no = ANY($1::bigint[]) ORDER BY e.no DESC`,
)

export class EffectList {
  async page(reader: Reader, filter: Filter, { limit, cursor }: PageRequest): Promise<Page<Effect>> {
    const before = decodeNumberCursor(cursor)?.[0] ?? Number.MAX_SAFE_INTEGER
    const [statement, extra] = choose(filter)
    const read = (after: Row | null, count: number) =>
      reader.all(statement, after?.no ?? before, count, ...extra)
    const { rows, next } = await readPage(read, matcher(filter), limit)
    const whole = await reader.all(
      WHOLE,
      rows.map(({ no }) => no),
    )
    return { items: whole.map(toEffect), nextCursor: next === null ? null : encodeCursor([next.no, 0]) }
  }
}

function choose({ runId, jobId, status }: Filter): readonly [Sql<Row>, Value[]] {
  if (runId !== undefined) return [OF_RUN, [runId]]
  if (jobId !== undefined) return [OF_JOB, [jobId]]
  if (status !== undefined && status !== 'delivered') return [UNDELIVERED, [status]]
  return [ALL, []]
}

function matcher({ status, projectIds, jobId }: Filter): (row: Row) => boolean {
  const projects = projectIds === undefined ? null : new Set(projectIds)
  return (row) =>
    (status === undefined || row.status === status) &&
    (projects === null || projects.has(row.projectId)) &&
    (jobId === undefined || row.jobId === jobId)
}

export function toEffect({ no: _, dueAt: __, callback, ...row }: EffectRow): Effect {
  return { kind: 'callback', ...row, callback: JSON.parse(callback) }
}
