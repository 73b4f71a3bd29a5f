// Pools: where runs wait that need an agent. There are as many as jobs name different labels.

import type { JobSpec } from '../../domain/job.ts'
import { poolOf, poolText } from '../../domain/pool.ts'
import { RecentlyUsed } from '../../domain/recently-used.ts'
import type { WaitingPool } from '../../ports/agent-store.ts'
import type { Command, Database, Query } from './database.ts'
import type { Registry } from './registry.ts'

const KEPT_MAX = 10_000

export class Pools {
  readonly #projects: Registry
  readonly #find: Query<readonly [number]>
  readonly #insert: Command
  readonly #waiting: Query<readonly [no: number, projectNo: number, labels: string]>
  readonly #next: Query<readonly [number | null]>
  readonly #nos = new RecentlyUsed<string, number>(KEPT_MAX)

  constructor(db: Database, projects: Registry) {
    this.#projects = projects
    this.#find = db.tuples('SELECT no FROM pools WHERE project_no = ? AND labels = ?')
    this.#insert = db.command('INSERT INTO pools (project_no, labels) VALUES (?, ?)')
    const ready =
      "SELECT 1 FROM runs r WHERE r.status = 'pending' AND r.waits = 0 AND r.pool_no = p.no AND r.ready_at <= ?1"
    const part =
      "SELECT 1 FROM parts q WHERE q.status = 'waiting' AND q.agent_no IS NULL AND q.pool_no = p.no AND q.ready_at <= ?1"
    this.#waiting = db.tuples(
      `SELECT p.no, p.project_no, p.labels FROM pools p WHERE p.no > ?3 AND (EXISTS (${ready}) OR EXISTS (${part}))
       ORDER BY p.no LIMIT ?2`,
    )
    this.#next = db.tuples(
      `SELECT min(at) FROM (
         SELECT (SELECT r.ready_at FROM runs r WHERE r.status = 'pending' AND r.waits = 0 AND r.pool_no = p.no
           AND r.ready_at > ?1 ORDER BY r.ready_at LIMIT 1) AS at FROM pools p
         UNION ALL SELECT (SELECT q.ready_at FROM parts q WHERE q.status = 'waiting' AND q.agent_no IS NULL
           AND q.pool_no = p.no AND q.ready_at > ?1 ORDER BY q.ready_at LIMIT 1) FROM pools p
         UNION ALL SELECT min(ready_at) FROM parts WHERE status = 'waiting' AND agent_no IS NOT NULL AND ready_at > ?1)`,
    )
  }

  /** Within a transaction that writes. 0: no agent is needed. */
  no(projectNo: number, spec: JobSpec): number {
    const labels = poolText(spec)
    if (labels === null) return 0
    const key = `${projectNo} ${labels}`
    const known = this.#nos.get(key)
    if (known !== undefined) return known
    const stored = this.#find.get(projectNo, labels)?.[0]
    // Remembered from the store only: an insert may still be rolled back.
    if (stored === undefined) return Number(this.#insert.run(projectNo, labels).lastInsertRowid)
    this.#nos.set(key, stored)
    return stored
  }

  waiting(now: number, limit: number, after: number): WaitingPool[] {
    return this.#waiting
      .all(now, limit, after)
      .map(([no, projectNo, text]) => ({ no, pool: poolOf(this.#projects.id(projectNo), text) }))
  }

  nextReadyAt(now: number): number | null {
    return this.#next.get(now)?.[0] ?? null
  }
}
