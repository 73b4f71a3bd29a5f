// Which runs are under way, and under which fence. Those of a batch are looked up ten at a time, which costs half of what it
// costs one by one.

import type { AttemptCause } from '../../domain/attempt.ts'
import type { RunStatus } from '../../domain/run.ts'
import type { Database, Query } from './database.ts'
import type { Ending, UnderWay } from './finish.ts'
import type { RunRow } from './run-rows.ts'

export type Live = Ending & UnderWay & Pick<RunRow, 'status' | 'notBefore'>

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
    const select = (ids: string): string =>
      `SELECT ${columns} FROM runs r WHERE r.id IN (${ids}) AND r.node_no IS NOT NULL`
    this.#one = db.tuples(select('?'))
    this.#ten = db.tuples(select(Array(TEN).fill('?').join(', ')))
  }

  /** By id. The transaction holds the write lock: what is found stays so until this very transaction changes it. */
  of(ids: readonly string[]): Map<string, Live> {
    const found = new Map<string, Live>()
    for (let at = 0; at < ids.length; at += TEN) {
      const some = ids.slice(at, at + TEN)
      const rows = some.length === TEN ? this.#ten.all(...some) : some.flatMap((id) => this.#one.all(id))
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
