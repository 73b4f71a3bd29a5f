// Jobs of a project that has a quota of them, counted in the transaction that adds some.

import type { Job } from '../../domain/job.ts'
import type { JobsQuota } from '../../ports/store.ts'
import type { Database, Query } from './database.ts'

export class JobQuota {
  readonly #max: Query<readonly [no: number, max: number | null]>
  readonly #count: Query<readonly [number]>

  constructor(db: Database) {
    this.#max = db.tuples("SELECT no, json_extract(quotas, '$.jobs') FROM projects WHERE id = ?")
    this.#count = db.tuples('SELECT count(*) FROM jobs WHERE project_no = ? AND deleted_at IS NULL')
  }

  /** After they are written: the first project that has more than it may. */
  exceeded(jobs: readonly Job[]): JobsQuota | null {
    for (const projectId of new Set(jobs.map((job) => job.projectId))) {
      const [no, max] = this.#max.get(projectId) ?? [0, null]
      if (max !== null && this.#count.get(no)![0] > max) return { kind: 'jobs_quota', projectId, max }
    }
    return null
  }
}
