// Rows of effects, and pages of them, newest first.

import type { Effect, EffectStatus } from '../../domain/effect.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { OutboxStore, Page, PageRequest } from '../../ports/store.ts'
import type { Database, Query } from './database.ts'
import { type Entry, mergePage } from './merge.ts'
import type { Registry } from './registry.ts'

export const COLUMNS = `e.no, e.id, e.project_no AS projectNo, j.id AS jobId, r.id AS runId, e.callback, e.status, e.tries,
  e.next_try_at AS nextTryAt, e.created_at AS createdAt, e.ended_at AS endedAt`
export const WITH_RUN = 'FROM effects e JOIN runs r ON r.no = e.run_no JOIN jobs j ON j.no = e.job_no'

export type EffectRow = Omit<Effect, 'kind' | 'projectId' | 'callback'> & {
  readonly no: number
  readonly projectNo: number
  readonly callback: string
}

type Filter = Parameters<OutboxStore['list']>[0]
type Key = number
type Row = readonly [no: number, status: EffectStatus, projectNo: number, jobNo: number, runNo: number]

export class EffectList {
  readonly #projects: Registry
  readonly #jobNo: Query<readonly [number]>
  readonly #runNo: Query<readonly [number]>
  readonly #all: Query<Row>
  readonly #ofJob: Query<Row>
  readonly #ofRun: Query<Row>
  readonly #undelivered: Query<Row>
  readonly #byNo: Query<EffectRow>

  constructor(db: Database, projects: Registry) {
    this.#projects = projects
    this.#jobNo = db.tuples('SELECT no FROM jobs WHERE id = ?')
    this.#runNo = db.tuples('SELECT no FROM runs WHERE id = ?')
    const select = 'SELECT no, status, project_no, job_no, run_no FROM effects'
    this.#all = db.tuples(`${select} WHERE no < ? ORDER BY no DESC`)
    this.#ofJob = db.tuples(`${select} WHERE no < ? AND job_no = ? ORDER BY no DESC`)
    this.#ofRun = db.tuples(`${select} WHERE no < ? AND run_no = ?`)
    this.#undelivered = db.tuples(
      `${select} INDEXED BY effects_undelivered WHERE no < ? AND status = ? AND status <> 'delivered' ORDER BY no DESC`,
    )
    this.#byNo = db.query(`SELECT ${COLUMNS} ${WITH_RUN} WHERE e.no = ?`)
  }

  page(filter: Filter, { limit, cursor }: PageRequest): Page<Effect> {
    const before = decodeNumberCursor(cursor)?.[0] ?? Number.MAX_SAFE_INTEGER
    const { keys, next } = mergePage([this.#stream(filter, before)], (a, b) => b - a, limit)
    return {
      items: keys.map((no) => toEffect(this.#byNo.get(no)!, this.#projects)),
      nextCursor: next === null ? null : encodeCursor([next, 0]),
    }
  }

  *#stream(filter: Filter, before: number): Iterable<Entry<Key>> {
    const { status, projectIds } = filter
    const projects = projectIds === undefined ? null : new Set(projectIds.map((id) => this.#projects.no(id)))
    const jobNo = filter.jobId === undefined ? null : (this.#jobNo.get(filter.jobId)?.[0] ?? 0)
    const runNo = filter.runId === undefined ? null : (this.#runNo.get(filter.runId)?.[0] ?? 0)
    for (const [no, isStatus, projectNo, isJob, isRun] of this.#rows(before, jobNo, runNo, status)) {
      const matches =
        (status === undefined || isStatus === status) &&
        (projects === null || projects.has(projectNo)) &&
        (jobNo === null || isJob === jobNo) &&
        (runNo === null || isRun === runNo)
      yield { key: no, matches }
    }
  }

  #rows(
    before: number,
    jobNo: number | null,
    runNo: number | null,
    status: EffectStatus | undefined,
  ): Iterable<Row> {
    if (runNo !== null) return this.#ofRun.iterate(before, runNo)
    if (jobNo !== null) return this.#ofJob.iterate(before, jobNo)
    if (status !== undefined && status !== 'delivered') return this.#undelivered.iterate(before, status)
    return this.#all.iterate(before)
  }
}

export function toEffect(row: EffectRow, projects: Registry): Effect {
  const { id, jobId, runId, status, tries, nextTryAt, createdAt, endedAt } = row
  const callback = JSON.parse(row.callback)
  const projectId = projects.id(row.projectNo)
  return {
    id,
    kind: 'callback',
    projectId,
    jobId,
    runId,
    callback,
    status,
    tries,
    nextTryAt,
    createdAt,
    endedAt,
  }
}
