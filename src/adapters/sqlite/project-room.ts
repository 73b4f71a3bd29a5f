// The quota `concurrency`: of a project only so many runs are under way. Those that find no room wait as runs of a
// concurrency key do (concurrency.ts).

import type { Database, Query } from './database.ts'

export class ProjectRoom {
  readonly #max: Query<readonly [number | null]>
  readonly #underWay: Query<readonly [number]>
  readonly #admitted: Query<readonly [number]>

  constructor(db: Database) {
    const ofProject =
      'FROM runs WHERE project_no = ? AND waits = 0 AND finished_at IS NULL AND ready_at IS NOT NULL'
    this.#max = db.tuples(
      "SELECT json_extract(quotas, '$.concurrency') FROM projects WHERE no = ? AND quotas <> '{}'",
    )
    this.#underWay = db.tuples(`SELECT count(*) ${ofProject} AND node_no IS NOT NULL`)
    this.#admitted = db.tuples(
      `SELECT count(*) ${ofProject} AND (node_no IS NOT NULL OR (pool_no = 0 AND ready_at <= ?))`,
    )
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

  admits(projectNo: number): boolean {
    const max = this.#maxOf(projectNo)
    return max === null || this.#underWay.get(projectNo)![0] < max
  }

  #maxOf(projectNo: number): number | null {
    return this.#max.get(projectNo)?.[0] ?? null
  }
}
