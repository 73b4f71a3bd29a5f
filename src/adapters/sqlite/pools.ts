// Pools: where runs wait that need an agent. There are as many as jobs name different labels.

import type { JobSpec } from '../../domain/job.ts'
import type { Pool } from '../../domain/pool.ts'
import { labelsText, poolLabels } from '../../domain/pool.ts'
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
    this.#waiting = db.tuples(
      `SELECT p.no, p.project_no, p.labels FROM pools p WHERE EXISTS (${ready}) ORDER BY p.no LIMIT ?2`,
    )
    this.#next = db.tuples(
      `SELECT min((SELECT r.ready_at FROM runs r WHERE r.status = 'pending' AND r.waits = 0 AND r.pool_no = p.no AND r.ready_at > ?
         ORDER BY r.ready_at LIMIT 1)) FROM pools p`,
    )
  }

  /** Within a transaction that writes. 0: no agent is needed. */
  no(projectNo: number, spec: JobSpec): number {
    const wanted = poolLabels(spec)
    if (wanted === null) return 0
    const labels = labelsText(wanted)
    const key = `${projectNo} ${labels}`
    const known = this.#nos.get(key)
    if (known !== undefined) return known
    const stored = this.#find.get(projectNo, labels)?.[0]
    // Remembered from the store only: an insert may still be rolled back.
    if (stored === undefined) return Number(this.#insert.run(projectNo, labels).lastInsertRowid)
    this.#nos.set(key, stored)
    return stored
  }

  waiting(now: number, limit: number): WaitingPool[] {
    return this.#waiting.all(now, limit).map(([no, projectNo, labels]) => {
      const pool: Pool = { projectId: this.#projects.id(projectNo), labels: JSON.parse(labels) }
      return { no, pool }
    })
  }

  nextReadyAt(now: number): number | null {
    return this.#next.get(now)?.[0] ?? null
  }
}
