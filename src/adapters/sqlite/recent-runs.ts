// The last runs of each of some jobs: one look into the index of each job.

import type { Run } from '../../domain/run.ts'
import type { Database, Query } from './database.ts'
import { RUN_COLUMNS, RUNS_WITH_JOB, type RunReader, type RunRow } from './run-rows.ts'

export class RecentRuns {
  readonly #reader: RunReader
  readonly #jobNo: Query<readonly [number]>
  readonly #ofJob: Query<RunRow>

  constructor(db: Database, reader: RunReader) {
    this.#reader = reader
    this.#jobNo = db.tuples('SELECT no FROM jobs WHERE id = ?')
    this.#ofJob = db.query(
      `SELECT ${RUN_COLUMNS} ${RUNS_WITH_JOB} WHERE r.job_no = ? ORDER BY r.due_at DESC, r.no DESC LIMIT ?`,
    )
  }

  of(jobIds: readonly string[], limit: number): Run[][] {
    return jobIds.map((id) => {
      const jobNo = this.#jobNo.get(id)?.[0]
      return jobNo === undefined ? [] : this.#ofJob.all(jobNo, limit).map((row) => this.#reader.run(row))
    })
  }
}
