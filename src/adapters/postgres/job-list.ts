// Pages of jobs by name, over one or many projects.

import type { Job, JobStatus } from '../../domain/job.ts'
import { decodeTextCursor, encodeCursor } from '../../ports/cursor.ts'
import type { JobFilter, Page, PageRequest } from '../../ports/store.ts'
import type { Reader } from './database.ts'
import { JOB_COLUMNS, JOBS_WITH_PROJECT, type JobReader, type JobRow } from './job-rows.ts'
import { readPage } from './page.ts'
import { sql } from './sql.ts'

type Row = {
  readonly name: string
  readonly no: number
  readonly status: JobStatus
  readonly description: string | null
  readonly labels: string | null
}

/** From each project as many as the page could need, through its index; then the first of them all. */
function byName(where: string) {
  return sql<Row>(
    `SELECT j.* FROM projects p CROSS JOIN LATERAL (
       SELECT name, no, status, description, labels FROM jobs
       WHERE project_no = p.no AND deleted_at IS NULL AND name >= $2 AND (name, no) > ($2, $3) ${where}
       ORDER BY name, no LIMIT $4) j
     WHERE $1::text[] IS NULL OR p.id = ANY($1) ORDER BY j.name, j.no LIMIT $4`,
  )
}

const BY_NAME = byName('')
const PAUSED = byName("AND status = 'paused'")
const BY_NO = sql<JobRow>(`SELECT ${JOB_COLUMNS} ${JOBS_WITH_PROJECT} WHERE j.no = ANY($1::bigint[])`)

const COUNTED_AT_ONCE = 5_000

export class JobList {
  readonly #reader: JobReader

  constructor(reader: JobReader) {
    this.#reader = reader
  }

  /** In pieces, so that no answer is larger than one of them. */
  async count(reader: Reader, filter: JobFilter, max: number): Promise<number> {
    const matches = matcher(filter)
    const statement = filter.status === 'paused' ? PAUSED : BY_NAME
    let count = 0
    let last: Row | undefined
    do {
      const rows = await reader.all(
        statement,
        filter.projectIds ?? null,
        last?.name ?? '',
        last?.no ?? 0,
        COUNTED_AT_ONCE,
      )
      count += rows.filter(matches).length
      last = rows.length === COUNTED_AT_ONCE ? rows.at(-1) : undefined
    } while (last !== undefined && count < max)
    return Math.min(count, max)
  }

  async page(reader: Reader, filter: JobFilter, { limit, cursor }: PageRequest): Promise<Page<Job>> {
    const [name, no] = decodeTextCursor(cursor) ?? ['', 0]
    const statement = filter.status === 'paused' ? PAUSED : BY_NAME
    const projectIds = filter.projectIds ?? null
    const read = (after: Row | null, count: number) =>
      reader.all(statement, projectIds, after?.name ?? name, after?.no ?? no, count)
    const { rows, next } = await readPage(read, matcher(filter), limit)
    const nos = rows.map((row) => row.no)
    const whole = new Map((await reader.all(BY_NO, nos)).map((row) => [row.jobNo, row]))
    // One that was swept in between is left out.
    const items = await this.#reader.jobs(
      reader,
      nos.map((at) => whole.get(at)).filter((row) => row !== undefined),
    )
    return { items, nextCursor: next === null ? null : encodeCursor([next.name, next.no]) }
  }
}

function matcher({ status, q, labels }: JobFilter): (row: Row) => boolean {
  const wanted = q?.toLowerCase()
  const pairs = Object.entries(labels ?? {})
  return (row) => {
    if (status !== undefined && row.status !== status) return false
    const text = `${row.name}\n${row.description ?? ''}`
    if (wanted !== undefined && !text.toLowerCase().includes(wanted)) return false
    if (pairs.length === 0) return true
    if (row.labels === null) return false
    const has = JSON.parse(row.labels) as Record<string, string>
    return pairs.every(([label, value]) => Object.hasOwn(has, label) && has[label] === value)
  }
}
