// Pages of runs, newest due first. What went wrong and what is open have indexes of their own; what succeeded is
// most of the ledger and needs none.

import { isFinal, type Reason, type Run, type RunStatus } from '../../domain/run.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { Page, PageRequest, RunFilter } from '../../ports/store.ts'
import type { Database, Query } from './database.ts'
import { type Entry, mergePage } from './merge.ts'
import { RUN_COLUMNS, RUNS_WITH_JOB, type RunReader, type RunRow } from './run-rows.ts'

type Key = readonly [dueAt: number, no: number]
type Row = readonly [dueAt: number, no: number, status: RunStatus, reason: Reason | null, projectNo: number]
type Bounds = readonly [from: number, before: number, beforeNo: number]
type Matches = (row: Row) => boolean

const COLUMNS = 'due_at, no, status, reason, project_no'
const STRETCH = 'due_at >= ? AND (due_at, no) < (?, ?) ORDER BY due_at DESC, no DESC'

export class RunList {
  readonly #reader: RunReader
  readonly #allProjects: Query<readonly [number]>
  readonly #jobNo: Query<readonly [number]>
  readonly #ofProject: Query<Row>
  readonly #ofJob: Query<Row>
  readonly #odd: Query<Row>
  readonly #open: Query<Row>
  readonly #byNo: Query<RunRow>

  constructor(db: Database, reader: RunReader) {
    this.#reader = reader
    this.#allProjects = db.tuples('SELECT no FROM projects')
    this.#jobNo = db.tuples('SELECT no FROM jobs WHERE id = ?')
    this.#ofProject = db.tuples(
      `SELECT ${COLUMNS} FROM runs INDEXED BY runs_due WHERE project_no = ? AND ${STRETCH}`,
    )
    this.#ofJob = db.tuples(`SELECT ${COLUMNS} FROM runs WHERE job_no = ? AND ${STRETCH}`)
    this.#odd = db.tuples(
      `SELECT ${COLUMNS} FROM runs INDEXED BY runs_odd WHERE finished_at IS NOT NULL AND status <> 'succeeded'
         AND project_no = ? AND status = ? AND ${STRETCH}`,
    )
    this.#open = db.tuples(
      `SELECT ${COLUMNS} FROM runs INDEXED BY runs_open WHERE finished_at IS NULL AND project_no = ? AND ${STRETCH}`,
    )
    this.#byNo = db.query(`SELECT ${RUN_COLUMNS} ${RUNS_WITH_JOB} WHERE r.no = ?`)
  }

  page(filter: RunFilter, { limit, cursor }: PageRequest): Page<Run> {
    const bounds = boundsOf(filter, decodeNumberCursor(cursor))
    const { keys, next } = mergePage(this.#streams(filter, bounds), newestFirst, limit)
    return {
      items: keys.map(([, no]) => this.#reader.run(this.#byNo.get(no)!)),
      nextCursor: next === null ? null : encodeCursor(next),
    }
  }

  #streams(filter: RunFilter, bounds: Bounds): Iterable<Entry<Key>>[] {
    const matches = matcher(filter)
    const projectNos = this.#projectNos(filter)
    if (filter.jobId !== undefined) {
      const jobNo = this.#jobNo.get(filter.jobId)?.[0]
      const allowed = new Set(projectNos)
      const mine: Matches = (row) => (filter.projectIds === undefined || allowed.has(row[4])) && matches(row)
      return jobNo === undefined ? [] : [entries(() => this.#ofJob.iterate(jobNo, ...bounds), mine)]
    }
    const statuses = [...new Set(filter.status ?? [])]
    if (statuses.length === 0 || statuses.includes('succeeded')) {
      return projectNos.map((no) => entries(() => this.#ofProject.iterate(no, ...bounds), matches))
    }
    const odd = statuses.filter(isFinal)
    const anyOpen = odd.length < statuses.length
    return projectNos.flatMap((no) => [
      ...odd.map((status) => entries(() => this.#odd.iterate(no, status, ...bounds), matches)),
      ...(anyOpen ? [entries(() => this.#open.iterate(no, ...bounds), matches)] : []),
    ])
  }

  #projectNos({ projectIds }: RunFilter): number[] {
    if (projectIds === undefined) return this.#allProjects.all().map(([no]) => no)
    return [...new Set(projectIds)].map((id) => this.#reader.projects.no(id)).filter((no) => no !== null)
  }
}

/** Reads when it is iterated: the same statement serves many streams, one after the other. */
function* entries(read: () => Iterable<Row>, matches: Matches): Iterable<Entry<Key>> {
  for (const row of read()) yield { key: [row[0], row[1]], matches: matches(row) }
}

function newestFirst(a: Key, b: Key): number {
  return b[0] - a[0] || b[1] - a[1]
}

function boundsOf({ from, to }: RunFilter, after: Key | null): Bounds {
  const end: Key = to === undefined ? [Number.MAX_SAFE_INTEGER, 0] : [to, 0]
  const [before, beforeNo] = after !== null && newestFirst(after, end) > 0 ? after : end
  return [from ?? Number.MIN_SAFE_INTEGER, before, beforeNo]
}

function matcher({ status, reason }: RunFilter): Matches {
  const statuses = status === undefined || status.length === 0 ? null : new Set(status)
  const reasons = reason === undefined || reason.length === 0 ? null : new Set(reason)
  return ([, , isStatus, isReason]) =>
    (statuses === null || statuses.has(isStatus)) &&
    (reasons === null || (isReason !== null && reasons.has(isReason)))
}
