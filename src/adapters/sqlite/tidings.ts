// What attempts on agents tell of themselves while they go on.

import type { AttemptNews, AttemptTold } from '../../ports/agent-store.ts'
import type { Command, Database, Query } from './database.ts'

export class AttemptTidings {
  readonly #keep: Command
  readonly #ofRun: Query<AttemptTold>

  constructor(db: Database) {
    // Of an attempt that is over nothing is kept: nobody would take it away.
    this.#keep = db.command(
      `INSERT INTO tidings (run_id, fence, heard_at, progress, message, ends_by)
       SELECT r.id, ?2, ?3, ?4, ?5, ?6 FROM runs r
       WHERE r.id = ?1 AND r.node_no IS NOT NULL AND (r.fence = ?2 OR EXISTS (
         SELECT 1 FROM parts p WHERE p.run_no = r.no AND p.fence = ?2 AND p.node_no IS NOT NULL))
       ON CONFLICT (run_id, fence) DO UPDATE SET heard_at = excluded.heard_at,
         progress = ifnull(excluded.progress, progress), message = ifnull(excluded.message, message),
         ends_by = nullif(max(ifnull(ends_by, 0), ifnull(excluded.ends_by, 0)), 0)`,
    )
    this.#ofRun = db.query(
      `SELECT run_id AS runId, fence, heard_at AS at, progress, message, ends_by AS endsBy FROM tidings
       WHERE run_id = ? ORDER BY fence`,
    )
  }

  keep(news: AttemptNews, now: number): void {
    const { runId, fence, progress = null, message = null, endsBy = null } = news
    this.#keep.run(runId, fence, now, progress, message, endsBy)
  }

  ofRun(runId: string): AttemptTold[] {
    return this.#ofRun.all(runId).map((row) => ({ ...row }))
  }
}
