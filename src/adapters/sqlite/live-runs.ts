// Which attempts are under way, and still under the fence of whoever tells of them. Those of a batch are looked up ten at a
// time, which costs half of what it costs one by one.

import type { AttemptCause } from '../../domain/attempt.ts'
import type { ActiveRun, RunStatus } from '../../domain/run.ts'
import type { Database, Query } from './database.ts'
import type { Ending, UnderWay } from './finish.ts'
import type { RunRow } from './run-rows.ts'

export type Live = Ending & UnderWay & Pick<RunRow, 'status' | 'notBefore'>

type Lease = Pick<ActiveRun, 'id' | 'fence'>
type LiveRow = readonly [
  id: string,
  fence: number,
  no: number,
  jobNo: number,
  version: number,
  projectNo: number,
  hasCallback: number,
  status: RunStatus,
  attempts: number,
  cause: AttemptCause,
  nodeNo: number,
  leasedAt: number,
  notBefore: number,
]

const TEN = 10

export class LiveRuns {
  readonly #one: Query<LiveRow>
  readonly #ten: Query<LiveRow>

  constructor(db: Database) {
    const columns = `r.id, r.fence, r.no, r.job_no, r.version, r.project_no, r.has_callback, r.status, r.attempts, r.cause,
      r.node_no, r.leased_at, r.not_before`
    this.#one = db.tuples(`SELECT ${columns} FROM runs r WHERE id = ? AND fence = ? AND node_no IS NOT NULL`)
    this.#ten = db.tuples(
      `SELECT ${columns} FROM (VALUES ${Array(TEN).fill('(?, ?)').join(', ')}) v
         CROSS JOIN runs r ON r.id = v.column1 AND r.fence = v.column2
       WHERE r.node_no IS NOT NULL`,
    )
  }

  /** By the id of the run. The transaction holds the write lock: it stays so until this very transaction ends one. */
  of(leases: readonly Lease[]): Map<string, Live> {
    const found = new Map<string, Live>()
    for (let at = 0; at < leases.length; at += TEN) {
      const some = leases.slice(at, at + TEN)
      const rows =
        some.length === TEN
          ? this.#ten.all(...some.flatMap(({ id, fence }) => [id, fence]))
          : some.flatMap(({ id, fence }) => this.#one.all(id, fence))
      for (const row of rows) found.set(row[0], live(row))
    }
    return found
  }
}

function live(row: LiveRow): Live {
  const [, fence, no, jobNo, version, projectNo, hasCallback, status, attempts, cause] = row
  const [, , , , , , , , , , nodeNo, leasedAt, notBefore] = row
  return {
    no,
    jobNo,
    version,
    projectNo,
    hasCallback,
    status,
    fence,
    attempts,
    cause,
    nodeNo,
    leasedAt,
    notBefore,
    part: null,
  }
}
