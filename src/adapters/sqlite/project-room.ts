// The quota `concurrency`: of a project only so many runs are under way. Those that find no room wait as runs of a
// concurrency key do (concurrency.ts). Of a project that has this quota each run goes under a key, the empty one where it
// has none of its own: only what does is counted, so that others cost nothing for it.

import { QUOTA_KEY } from '../../domain/run.ts'
import type { Command, Database, Query } from './database.ts'
import type { ProjectQuotas } from './project-quotas.ts'
import type { RunRow } from './run-rows.ts'

/** What is under way without a key when a project gets the quota counts from then on. Goes past all that is open. */
export const COUNT_UNDER_WAY = `UPDATE runs INDEXED BY runs_open SET concurrency_key = '${QUOTA_KEY}'
  WHERE finished_at IS NULL AND node_no IS NOT NULL AND concurrency_key IS NULL`

export class ProjectRoom {
  readonly #quotas: ProjectQuotas
  readonly #underWay: Query<readonly [number]>
  readonly #admitted: Query<readonly [number]>
  readonly #count: Command

  constructor(db: Database, quotas: ProjectQuotas) {
    this.#quotas = quotas
    const ofProject = `FROM runs INDEXED BY runs_admitted WHERE project_no = ? AND concurrency_key IS NOT NULL
      AND waits = 0 AND finished_at IS NULL AND ready_at IS NOT NULL`
    this.#underWay = db.tuples(`SELECT count(*) ${ofProject} AND node_no IS NOT NULL`)
    this.#admitted = db.tuples(
      `SELECT count(*) ${ofProject} AND (node_no IS NOT NULL OR (pool_no = 0 AND ready_at <= ?))`,
    )
    this.#count = db.command(`UPDATE runs SET concurrency_key = '${QUOTA_KEY}' WHERE no = ?`)
  }

  isLimited(projectNo: number): boolean {
    return this.#maxOf(projectNo) !== null
  }

  /**
   * For how many more there is room. Those that have been let go count, but not where only agents may take them: there may
   * be none for a long time.
   */
  left(projectNo: number, now: number): number {
    const max = this.#maxOf(projectNo)
    return max === null ? Number.POSITIVE_INFINITY : Math.max(0, max - this.#admitted.get(projectNo, now)![0])
  }

  /** Is there room for it? Then it counts from here on, should it be older than the quota. */
  admits({ no, projectNo, concurrencyKey }: RunRow): boolean {
    const max = this.#maxOf(projectNo)
    if (max === null) return true
    if (this.#underWay.get(projectNo)![0] >= max) return false
    if (concurrencyKey === null) this.#count.run(no)
    return true
  }

  #maxOf(projectNo: number): number | null {
    return this.#quotas.of(projectNo).concurrency ?? null
  }
}
