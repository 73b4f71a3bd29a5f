// Counts runs in a stretch of time, a bounded number of rows at a step. No counters are kept while runs end: whoever
// looks pays for it, not what rings.

import type { RunStatus, Trigger } from '../../domain/run.ts'
import { TallyBuckets } from '../../domain/tally.ts'
import type { TallyRequest, TallyStep } from '../../ports/store.ts'
import type { Database, Query } from './database.ts'
import type { Registry } from './registry.ts'

type Row = readonly [
  dueAt: number,
  no: number,
  status: RunStatus,
  projectNo: number,
  startedAt: number | null,
  late: number,
  trigger: Trigger,
]
type Place = { readonly projectNo: number; readonly dueAt: number; readonly no: number }

const SELECT = 'SELECT due_at, no, status, project_no, started_at, late, trigger FROM runs'
const STRETCH = 'due_at < ? AND (due_at, no) > (?, ?) ORDER BY due_at, no LIMIT ?'

export class Tally {
  readonly #projects: Registry
  readonly #projectNos: Query<readonly [number]>
  readonly #jobNo: Query<readonly [number]>
  readonly #ofProject: Query<Row>
  readonly #ofJob: Query<Row>

  constructor(db: Database, projects: Registry) {
    this.#projects = projects
    this.#projectNos = db.tuples('SELECT no FROM projects WHERE no >= ? ORDER BY no')
    this.#jobNo = db.tuples('SELECT no FROM jobs WHERE id = ?')
    this.#ofProject = db.tuples(`${SELECT} INDEXED BY runs_due WHERE project_no = ? AND ${STRETCH}`)
    this.#ofJob = db.tuples(`${SELECT} WHERE job_no = ? AND ${STRETCH}`)
  }

  step({ jobId, from, to, bucketMs, limit, cursor }: TallyRequest): TallyStep {
    const buckets = new TallyBuckets(bucketMs)
    const before = { projectNo: 0, dueAt: from - 1, no: Number.MAX_SAFE_INTEGER }
    const place = cursor === undefined ? before : placeOf(cursor)
    const done = (last: Row | null, projectNo: number): TallyStep => ({
      buckets: buckets.list(),
      nextCursor: last === null ? null : `${projectNo}.${last[0]}.${last[1]}`,
    })
    if (jobId !== undefined) {
      const jobNo = this.#jobNo.get(jobId)?.[0]
      if (jobNo === undefined) return done(null, 0)
      return done(this.#take(this.#ofJob.all(jobNo, to, place.dueAt, place.no, limit), buckets, limit), 0)
    }
    let left = limit
    for (const [projectNo] of this.#projectNos.all(place.projectNo)) {
      const { dueAt, no } = projectNo === place.projectNo ? place : before
      const rows = this.#ofProject.all(projectNo, to, dueAt, no, left)
      const last = this.#take(rows, buckets, left)
      if (last !== null) return done(last, projectNo)
      left -= rows.length
    }
    return done(null, 0)
  }

  /** The last row where the limit was reached; null: there are no more. */
  #take(rows: readonly Row[], buckets: TallyBuckets, limit: number): Row | null {
    for (const [dueAt, , status, projectNo, startedAt, late, trigger] of rows) {
      const projectId = this.#projects.id(projectNo)
      buckets.add({ projectId, dueAt, status, startedAt, late: late === 1, trigger })
    }
    return rows.length === limit ? (rows.at(-1) ?? null) : null
  }
}

function placeOf(cursor: string): Place {
  const [projectNo = 0, dueAt = 0, no = 0] = cursor.split('.').map(Number)
  return { projectNo, dueAt, no }
}
