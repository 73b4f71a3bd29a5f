// Jobs and their versions.

import { byAge, type Job, type JobVersion } from '../../domain/job.ts'
import type { AddJobsResult, JobFilter, JobStore, Once, Page } from '../../ports/store.ts'
import type { JobChanger } from './change-job.ts'
import type { Database, Query } from './database.ts'
import type { JobList } from './job-list.ts'
import { JobQuota } from './job-quota.ts'
import { JOB_COLUMNS, JOBS_WITH_SPEC, type JobReader, type JobRow } from './job-rows.ts'
import type { JobWriter } from './job-writer.ts'
import { numberWithin, rangeWithin } from './numbered.ts'
import type { OnceMarks } from './once.ts'
import type { Registry } from './registry.ts'

type Parts = {
  readonly db: Database
  readonly projects: Registry
  readonly reader: JobReader
  readonly list: JobList
  readonly writer: JobWriter
  readonly changer: JobChanger
  readonly marks: OnceMarks
}
type VersionRow = Omit<JobVersion, 'jobId' | 'spec'> & { readonly spec: string }

export class Jobs implements JobStore {
  readonly #parts: Parts
  readonly #quota: JobQuota
  readonly #byId: Query<JobRow>
  readonly #byName: Query<JobRow>
  readonly #versions: Query<VersionRow>
  readonly #noOf: Query<readonly [number]>
  readonly #named: Query<JobRow>

  constructor(parts: Parts) {
    const { db } = parts
    this.#parts = parts
    this.#quota = new JobQuota(db)
    const select = `SELECT ${JOB_COLUMNS} ${JOBS_WITH_SPEC} WHERE j.deleted_at IS NULL`
    this.#byId = db.tuples(`${select} AND j.id = ?`)
    this.#byName = db.tuples(`${select} AND j.project_no = ? AND j.name = ?`)
    this.#versions = db.query(
      `SELECT version, spec, created_at AS createdAt, created_by AS createdBy FROM job_versions
       WHERE no BETWEEN ? AND ? ORDER BY no DESC`,
    )
    // By the index of names within projects: there are few of these.
    this.#named = db.tuples(
      `SELECT ${JOB_COLUMNS} FROM projects p CROSS JOIN jobs j INDEXED BY jobs_name ON j.project_no = p.no AND j.name = ?
         JOIN job_versions v ON v.no = j.no * 1048576 + j.version
       WHERE j.deleted_at IS NULL`,
    )
    this.#noOf = db.tuples('SELECT no FROM jobs WHERE id = ?')
  }

  async add(jobs: readonly Job[], createdBy: string, once?: Once): Promise<AddJobsResult> {
    const { db, marks, writer } = this.#parts
    return db.write<AddJobsResult>((abandon) => {
      marks.write(once)
      const positions = writer.insertAll(jobs, createdBy)
      if (positions.length > 0) return abandon({ kind: 'names_taken', positions })
      const exceeded = this.#quota.exceeded(jobs)
      return exceeded === null ? { kind: 'added' } : abandon(exceeded)
    })
  }

  async get(id: string): Promise<Job | null> {
    return this.#parts.db.read(() => this.#found(this.#byId.get(id)))
  }

  async byName(projectId: string, name: string): Promise<Job | null> {
    return this.#parts.db.read(() => {
      const projectNo = this.#parts.projects.no(projectId)
      return projectNo === null ? null : this.#found(this.#byName.get(projectNo, name))
    })
  }

  async count(filter: JobFilter, max: number): Promise<number> {
    return this.#parts.db.read(() => this.#parts.list.count(filter, max))
  }

  async list(...args: Parameters<JobStore['list']>): Promise<Page<Job>> {
    return this.#parts.db.read(() => this.#parts.list.page(...args))
  }

  async versions(jobId: string): Promise<JobVersion[]> {
    return this.#parts.db.read(() => {
      const no = this.#noOf.get(jobId)?.[0]
      return no === undefined ? [] : this.#versionsIn(jobId, ...rangeWithin(no))
    })
  }

  async version(jobId: string, version: number): Promise<JobVersion | null> {
    return this.#parts.db.read(() => {
      const no = this.#noOf.get(jobId)?.[0]
      if (no === undefined) return null
      const only = numberWithin(no, version)
      return this.#versionsIn(jobId, only, only)[0] ?? null
    })
  }

  async change(...[id, decide, options]: Parameters<JobStore['change']>): ReturnType<JobStore['change']> {
    return this.#parts.changer.change(id, decide, options)
  }

  async takenNames(names: readonly { projectId: string; name: string }[]): Promise<number[]> {
    const { db, writer } = this.#parts
    return db.read(() =>
      names.flatMap(({ projectId, name }, position) =>
        writer.holderOf(projectId, name) === null ? [] : [position],
      ),
    )
  }

  async named(names: readonly string[]): Promise<Job[]> {
    const { db, reader } = this.#parts
    const found = db.read(() => [...new Set(names)].flatMap((name) => this.#named.all(name)))
    return found.map((row) => reader.job(row)).sort(byAge)
  }

  #found(row: JobRow | undefined): Job | null {
    return row === undefined ? null : this.#parts.reader.job(row)
  }

  #versionsIn(jobId: string, from: number, to: number): JobVersion[] {
    return this.#versions.all(from, to).map((row) => ({ jobId, ...row, spec: JSON.parse(row.spec) }))
  }
}
