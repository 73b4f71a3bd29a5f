// What attempts on agents tell of themselves while they go on.

import type { AttemptNews, AttemptTold } from '../../ports/agent-store.ts'
import type { Database } from './database.ts'
import { sql } from './sql.ts'
import { storableOrNull } from './text.ts'

// Of an attempt that is over nothing is kept: nobody would take it away. So its run is held still meanwhile.
const KEEP = sql(
  `INSERT INTO tidings AS t (run_id, fence, heard_at, progress, message, ends_by)
   SELECT r.id, $2::bigint, $3::bigint, $4::double precision, $5::text, $6::bigint FROM runs r
   WHERE r.id = $1 AND r.node_no IS NOT NULL AND (r.fence = $2 OR EXISTS (
     SELECT 1 FROM parts p WHERE p.run_no = r.no AND p.fence = $2 AND p.node_no IS NOT NULL))
   FOR SHARE OF r
   ON CONFLICT (run_id, fence) DO UPDATE SET heard_at = excluded.heard_at,
     progress = coalesce(excluded.progress, t.progress), message = coalesce(excluded.message, t.message),
     ends_by = greatest(excluded.ends_by, t.ends_by)`,
)
const OF_RUNS = sql<AttemptTold>(
  `SELECT run_id AS "runId", fence, heard_at AS at, progress, message, ends_by AS "endsBy" FROM tidings
   WHERE run_id = ANY($1::text[]) ORDER BY run_id, fence`,
)

export class AttemptTidings {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** One transaction each: it holds one run at a time, so it is in nobody's way who settles many. */
  async keep(batch: readonly AttemptNews[], now: number): Promise<void> {
    for (const { runId, fence, progress = null, message = null, endsBy = null } of batch) {
      await this.#db.write(now, (tx) =>
        tx.run(KEEP, runId, fence, tx.now, progress, storableOrNull(message), endsBy),
      )
    }
  }

  ofRuns(runIds: readonly string[]): Promise<AttemptTold[]> {
    return this.#db.read((reader) => reader.all(OF_RUNS, runIds))
  }
}
