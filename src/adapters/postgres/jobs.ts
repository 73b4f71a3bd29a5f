// Jobs and their versions.

import { byAge, type Job, type JobVersion } from '../../domain/job.ts'
import type { AddJobsResult, JobStore, Once, Page } from '../../ports/store.ts'
import type { JobChanger } from './change-job.ts'
import type { Database, Reader } from './database.ts'
import type { JobList } from './job-list.ts'
import { exceeded, lockLimited } from './job-quota.ts'
import { JOB_COLUMNS, JOBS_WITH_PROJECT, type JobReader, type JobRow } from './job-rows.ts'
import type { JobWriter } from './job-writer.ts'
import type { OnceMarks } from './once.ts'
import { sql } from './sql.ts'

type Parts = {
  readonly db: Database
  readonly reader: JobReader
  readonly list: JobList
  readonly writer: JobWriter
  readonly changer: JobChanger
  readonly marks: OnceMarks
}
type VersionRow = Omit<JobVersion, 'jobId' | 'spec'> & { readonly spec: string }

const SELECT = `SELECT ${JOB_COLUMNS} ${JOBS_WITH_PROJECT} WHERE j.deleted_at IS NULL`
const BY_ID = sql<JobRow>(`${SELECT} AND j.id = $1`)
const BY_NAME = sql<JobRow>(`${SELECT} AND p.id = $1 AND j.name = $2`)
// By the index of names within projects: there are few of these.
const NAMED = sql<JobRow>(
  `SELECT ${JOB_COLUMNS} FROM projects p CROSS JOIN LATERAL (
     SELECT * FROM jobs WHERE project_no = p.no AND name = ANY($1::text[]) AND deleted_at IS NULL OFFSET 0) j`,
)
const VERSIONS = sql<VersionRow>(
  `SELECT v.version, v.spec, v.created_at AS "createdAt", v.created_by AS "createdBy"
   FROM jobs j JOIN job_versions v ON v.job_no = j.no WHERE j.id = $1 ORDER BY v.version DESC`,
)
const VERSION = sql<VersionRow>(
  `SELECT v.version, v.spec, v.created_at AS "createdAt", v.created_by AS "createdBy"
   FROM jobs j JOIN job_versions v ON v.job_no = j.no WHERE j.id = $1 AND v.version = $2`,
)
// Name by name (OFFSET keeps it so): of a table that was empty when it looked, the planner believes that it is small for ever.
const TAKEN = sql<{ position: number }>(
  `SELECT n.position::integer - 1 AS position
   FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (project_id, name, position)
   CROSS JOIN LATERAL (SELECT no FROM projects WHERE id = n.project_id OFFSET 0) p
   CROSS JOIN LATERAL (
     SELECT FROM jobs WHERE project_no = p.no AND name = n.name AND deleted_at IS NULL OFFSET 0) j
   ORDER BY n.position`,
)

export class Jobs implements JobStore {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async add(jobs: readonly Job[], createdBy: string, once?: Once): Promise<AddJobsResult> {
    const { db, marks, writer } = this.#parts
    return db.write<AddJobsResult>(jobs[0]?.createdAt ?? 0, async (tx, abandon) => {
      await marks.write(tx, once)
      const limited = await lockLimited(tx, jobs)
      const positions = await writer.insertAll(tx, jobs, createdBy)
      if (positions.length > 0) return abandon({ kind: 'names_taken', positions })
      const over = await exceeded(tx, limited)
      return over === null ? { kind: 'added' } : abandon(over)
    })
  }

  get(id: string): Promise<Job | null> {
    return this.#parts.db.read(async (reader) => this.#found(reader, await reader.get(BY_ID, id)))
  }

  byName(projectId: string, name: string): Promise<Job | null> {
    return this.#parts.db.read(async (reader) =>
      this.#found(reader, await reader.get(BY_NAME, projectId, name)),
    )
  }

  count(...args: Parameters<JobStore['count']>): Promise<number> {
    return this.#parts.db.read((reader) => this.#parts.list.count(reader, ...args))
  }

  list(...args: Parameters<JobStore['list']>): Promise<Page<Job>> {
    return this.#parts.db.read((reader) => this.#parts.list.page(reader, ...args))
  }

  async versions(jobId: string): Promise<JobVersion[]> {
    const rows = await this.#parts.db.read((reader) => reader.all(VERSIONS, jobId))
    return rows.map((row) => toVersion(jobId, row))
  }

  async version(jobId: string, version: number): Promise<JobVersion | null> {
    const row = await this.#parts.db.read((reader) => reader.get(VERSION, jobId, version))
    return row === undefined ? null : toVersion(jobId, row)
  }

  change(...[id, decide, options]: Parameters<JobStore['change']>): ReturnType<JobStore['change']> {
    return this.#parts.changer.change(id, decide, options)
  }

  async takenNames(names: readonly { projectId: string; name: string }[]): Promise<number[]> {
    const projectIds = names.map(({ projectId }) => projectId)
    const texts = names.map(({ name }) => name)
    const rows = await this.#parts.db.read((reader) => reader.all(TAKEN, projectIds, texts))
    return rows.map(({ position }) => position)
  }

  named(names: readonly string[]): Promise<Job[]> {
    const { db, reader } = this.#parts
    return db.read(async (tx) => {
      const rows = await tx.all(NAMED, [...new Set(names)])
      return (await reader.jobs(tx, rows)).toSorted(byAge)
    })
  }

  async #found(reader: Reader, row: JobRow | undefined): Promise<Job | null> {
    return row === undefined ? null : this.#parts.reader.job(reader, row)
  }
}

function toVersion(jobId: string, row: VersionRow): JobVersion {
  return { jobId, ...row, spec: JSON.parse(row.spec) }
}
