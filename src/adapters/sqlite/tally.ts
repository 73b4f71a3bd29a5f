// Counts runs in a stretch of time, a bounded number of rows at a step. No counters are kept while runs end: whoever
// looks pays for it, not what rings.

import type { RunStatus, Trigger } from '../../domain/run.ts'
import { TallyBuckets } from '../../domain/tally.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
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
type GapRow = readonly [
  to: number,
  no: number,
  projectNo: number,
  status: 'skipped' | 'missed',
  count: number,
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
  readonly #gaps: Query<GapRow>

  constructor(db: Database, projects: Registry) {
    this.#projects = projects
    this.#projectNos = db.tuples('SELECT no FROM projects WHERE no >= ? ORDER BY no')
    this.#jobNo = db.tuples('SELECT no FROM jobs WHERE id = ?')
    this.#ofProject = db.tuples(`${SELECT} INDEXED BY runs_due WHERE project_no = ? AND ${STRETCH}`)
    this.#ofJob = db.tuples(`${SELECT} WHERE job_no = ? AND ${STRETCH}`)
    this.#gaps = db.tuples(
      `SELECT g.to_at, g.no, j.project_no, g.status, g.count FROM gaps g INDEXED BY gaps_to CROSS JOIN jobs j ON j.no = g.job_no
       WHERE g.to_at < ? AND (g.to_at, g.no) > (?, ?) ORDER BY g.to_at, g.no LIMIT ?`,
    )
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

  gapStep({ from, to, bucketMs, limit, cursor }: TallyRequest): TallyStep {
    const buckets = new TallyBuckets(bucketMs)
    const [at, no] = decodeNumberCursor(cursor) ?? [from - 1, Number.MAX_SAFE_INTEGER]
    const rows = this.#gaps.all(to, at, no, limit)
    for (const [end, , projectNo, status, count] of rows)
      buckets.addGap({ projectId: this.#projects.id(projectNo), to: end, status, count })
    const last = rows.length === limit ? rows.at(-1) : undefined
    return {
      buckets: buckets.list(),
      nextCursor: last === undefined ? null : encodeCursor([last[0], last[1]]),
    }
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
