// Rows of jobs and what they are.

import type { Job, JobSpec, JobStatus } from '../../domain/job.ts'
import type { Reader } from './database.ts'
import type { Specs } from './specs.ts'

export const JOB_COLUMNS = `j.no AS "jobNo", j.id, j.project_no AS "projectNo", p.id AS "projectId", j.version, j.status,
  j.pause, j.planned_through AS "plannedThrough", j.next_due_at AS "nextDueAt", j.runs_planned AS "runsPlanned",
  j.created_at AS "createdAt", j.updated_at AS "updatedAt"`

export const JOBS_WITH_PROJECT = 'FROM jobs j JOIN projects p ON p.no = j.project_no'

export type JobRow = {
  readonly jobNo: number
  readonly id: string
  readonly projectNo: number
  readonly projectId: string
  readonly version: number
  readonly status: JobStatus
  readonly pause: string | null
  readonly plannedThrough: number
  readonly nextDueAt: number | null
  readonly runsPlanned: number
  readonly createdAt: number
  readonly updatedAt: number
}

export class JobReader {
  readonly #specs: Specs

  constructor(specs: Specs) {
    this.#specs = specs
  }

  async jobs(reader: Reader, rows: readonly JobRow[]): Promise<Job[]> {
    if (rows.length === 0) return []
    const specOf = await this.#specs.of(reader, rows)
    return rows.map((row) => toJob(row, specOf(row)))
  }

  async job(reader: Reader, row: JobRow): Promise<Job> {
    return (await this.jobs(reader, [row]))[0]!
  }
}

function toJob({ jobNo: _, projectNo: __, pause, ...row }: JobRow, spec: JobSpec): Job {
  return { ...row, spec, pause: pause === null ? null : JSON.parse(pause) }
}

/** What a list filters by, beside the definition itself. */
export function searchable(spec: JobSpec): readonly [description: string | null, labels: string | null] {
  const hasLabels = Object.keys(spec.labels).length > 0
  return [spec.description, hasLabels ? JSON.stringify(spec.labels) : null]
}
