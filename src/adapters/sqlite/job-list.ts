// Pages of jobs by name, over one or many projects.

import type { Job, JobStatus } from '../../domain/job.ts'
import { decodeTextCursor, encodeCursor } from '../../ports/cursor.ts'
import type { JobFilter, Page, PageRequest } from '../../ports/store.ts'
import type { Database, Query } from './database.ts'
import { JOB_COLUMNS, JOBS_WITH_SPEC, type JobReader, type JobRow } from './job-rows.ts'
import { type Entry, mergePage } from './merge.ts'
import type { Registry } from './registry.ts'

type Key = readonly [name: string, no: number]
type Row = readonly [
  name: string,
  no: number,
  status: JobStatus,
  description: string | null,
  labels: string | null,
]
type Matches = (row: Row) => boolean

export class JobList {
  readonly #projects: Registry
  readonly #reader: JobReader
  readonly #allProjects: Query<readonly [number]>
  readonly #byName: Query<Row>
  readonly #paused: Query<Row>
  readonly #byNo: Query<JobRow>

  constructor(db: Database, projects: Registry, reader: JobReader) {
    this.#projects = projects
    this.#reader = reader
    this.#allProjects = db.tuples('SELECT no FROM projects')
    this.#byName = db.tuples(
      `SELECT name, no, status, description, labels FROM jobs
       WHERE project_no = ? AND deleted_at IS NULL AND name >= ? ORDER BY name`,
    )
    this.#paused = db.tuples(
      `SELECT name, no, status, description, labels FROM jobs INDEXED BY jobs_paused
       WHERE project_no = ? AND status = 'paused' AND deleted_at IS NULL AND name >= ? ORDER BY name`,
    )
    this.#byNo = db.tuples(`SELECT ${JOB_COLUMNS} ${JOBS_WITH_SPEC} WHERE j.no = ?`)
  }

  page(filter: JobFilter, { limit, cursor }: PageRequest): Page<Job> {
    const after = decodeTextCursor(cursor)
    const matches = matcher(filter)
    const rows = filter.status === 'paused' ? this.#paused : this.#byName
    const streams = this.#projectNos(filter).map((no) => entries(rows, no, after, matches))
    const { keys, next } = mergePage(streams, compare, limit)
    return {
      items: keys.map(([, no]) => this.#reader.job(this.#byNo.get(no)!)),
      nextCursor: next === null ? null : encodeCursor(next),
    }
  }

  count(filter: JobFilter, max: number): number {
    const matches = matcher(filter)
    const rows = filter.status === 'paused' ? this.#paused : this.#byName
    let count = 0
    for (const no of this.#projectNos(filter)) {
      for (const row of rows.iterate(no, '')) {
        if (matches(row)) count += 1
        if (count >= max) return max
      }
    }
    return count
  }

  #projectNos({ projectIds }: JobFilter): number[] {
    if (projectIds === undefined) return this.#allProjects.all().map(([no]) => no)
    return [...new Set(projectIds)].map((id) => this.#projects.no(id)).filter((no) => no !== null)
  }
}

function* entries(
  rows: Query<Row>,
  projectNo: number,
  after: Key | null,
  matches: Matches,
): Iterable<Entry<Key>> {
  for (const row of rows.iterate(projectNo, after?.[0] ?? '')) {
    const key: Key = [row[0], row[1]]
    if (after === null || compare(key, after) > 0) yield { key, matches: matches(row) }
  }
}

/** As SQLite orders text: by bytes of UTF-8, which is not JavaScript's order beyond the basic plane. */
function compare(a: Key, b: Key): number {
  return a[0] === b[0] ? a[1] - b[1] : Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0]))
}

function matcher({ status, q, labels }: JobFilter): Matches {
  const wanted = q?.toLowerCase()
  const pairs = Object.entries(labels ?? {})
  return ([name, , isStatus, description, isLabels]) => {
    if (status !== undefined && isStatus !== status) return false
    if (wanted !== undefined && !`${name}\n${description ?? ''}`.toLowerCase().includes(wanted)) return false
    if (pairs.length === 0) return true
    if (isLabels === null) return false
    const has = JSON.parse(isLabels) as Record<string, string>
    return pairs.every(([label, value]) => has[label] === value)
  }
}
