// What attempts on agents tell of themselves while they go on.

import type { AttemptNews, AttemptTold } from '../../ports/agent-store.ts'
import type { Database } from './database.ts'
import { columns, sql } from './sql.ts'
import { storableOrNull } from './text.ts'

/** A transaction is short: who settles these runs waits for it. */
const KEPT_AT_ONCE = 100

// Of an attempt that is over nothing is kept: nobody would take it away. So its run is held still meanwhile, in the order in
// which those who settle lock them.
const LIVE = sql<{ position: number }>(
  `SELECT s.position::integer FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS s (id, fence, position)
   JOIN runs r ON r.id = s.id AND r.node_no IS NOT NULL AND (r.fence = s.fence OR EXISTS (
     SELECT 1 FROM parts p WHERE p.run_no = r.no AND p.fence = s.fence AND p.node_no IS NOT NULL))
   ORDER BY r.due_at, r.no FOR SHARE OF r`,
)
const KEEP = sql(
  `INSERT INTO tidings AS t (run_id, fence, heard_at, progress, message, ends_by)
   SELECT DISTINCT ON (s.id, s.fence) s.id, s.fence, $1::bigint, s.progress, s.message, s.ends_by
   FROM unnest($2::text[], $3::bigint[], $4::double precision[], $5::text[], $6::bigint[]) WITH ORDINALITY
     AS s (id, fence, progress, message, ends_by, position)
   ORDER BY s.id, s.fence, s.position DESC
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

  async keep(batch: readonly AttemptNews[], now: number): Promise<void> {
    for (let from = 0; from < batch.length; from += KEPT_AT_ONCE)
      await this.#keepSome(batch.slice(from, from + KEPT_AT_ONCE), now)
  }

  async #keepSome(some: readonly AttemptNews[], now: number): Promise<void> {
    const rows = some.map(
      ({ runId, fence, progress = null, message = null, endsBy = null }) =>
        [runId, fence, progress, storableOrNull(message), endsBy] as const,
    )
    await this.#db.write(now, async (tx) => {
      const live = await tx.all(LIVE, ...columns(rows, 2))
      const kept = live.map(({ position }) => position).toSorted((a, b) => a - b)
      if (kept.length > 0)
        await tx.run(
          KEEP,
          tx.now,
          ...columns(
            kept.map((position) => rows[position - 1]!),
            5,
          ),
        )
    })
  }

  ofRuns(runIds: readonly string[]): Promise<AttemptTold[]> {
    return this.#db.read((reader) => reader.all(OF_RUNS, runIds))
  }
}
