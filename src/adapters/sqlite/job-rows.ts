// Rows of jobs and what they are.

import type { Job, JobSpec, JobStatus } from '../../domain/job.ts'
import type { Registry } from './registry.ts'
import type { Specs } from './specs.ts'

/** With `jobs j JOIN job_versions v`; by position, since the planner reads many. */
export const JOB_COLUMNS = `j.no, j.id, j.project_no, j.version, j.status, j.pause, j.planned_through, j.next_due_at,
  j.runs_planned, j.created_at, j.updated_at, v.spec`

export const JOBS_WITH_SPEC = 'FROM jobs j JOIN job_versions v ON v.no = j.no * 1048576 + j.version'

export type JobRow = readonly [
  no: number,
  id: string,
  projectNo: number,
  version: number,
  status: JobStatus,
  pause: string | null,
  plannedThrough: number,
  nextDueAt: number | null,
  runsPlanned: number,
  createdAt: number,
  updatedAt: number,
  spec: string,
]

export class JobReader {
  readonly #projects: Registry
  readonly #specs: Specs

  constructor(projects: Registry, specs: Specs) {
    this.#projects = projects
    this.#specs = specs
  }

  job(row: JobRow): Job {
    const [
      no,
      id,
      projectNo,
      version,
      status,
      pause,
      plannedThrough,
      nextDueAt,
      runsPlanned,
      createdAt,
      updatedAt,
    ] = row
    return {
      id,
      projectId: this.#projects.id(projectNo),
      version,
      spec: this.#specs.parsed(no, version, row[11]),
      status,
      pause: pause === null ? null : JSON.parse(pause),
      plannedThrough,
      nextDueAt,
      runsPlanned,
      createdAt,
      updatedAt,
    }
  }
}

/** What a list filters by, beside the definition itself. */
export function searchable(spec: JobSpec): readonly [description: string | null, labels: string | null] {
  const hasLabels = Object.keys(spec.labels).length > 0
  return [spec.description, hasLabels ? JSON.stringify(spec.labels) : null]
}
