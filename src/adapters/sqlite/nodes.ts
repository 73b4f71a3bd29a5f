// Who leases. One process owns this store, so each start ends all nodes before it.

import type { NodeStore } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'
import type { Registry } from './registry.ts'

export class Nodes implements NodeStore {
  readonly #db: Database
  readonly #registry: Registry
  readonly #endOthers: Command
  readonly #insert: Command
  readonly #letGo: Command
  readonly #renew: Command
  readonly #leave: Command
  readonly #isLive: Query<readonly [number]>
  readonly #takeOver: Command
  readonly #gone: Query<readonly [number]>
  readonly #emptied: Command

  constructor(db: Database, registry: Registry) {
    this.#db = db
    this.#registry = registry
    this.#endOthers = db.command(
      'UPDATE nodes SET left_at = ? WHERE emptied_at IS NULL AND left_at IS NULL AND id <> ?',
    )
    this.#insert = db.command(
      'INSERT INTO nodes (id, hostname, pid, version, started_at, lease_until) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#letGo = db.command(
      'UPDATE effects SET next_try_at = ?, held = 0 WHERE next_try_at IS NOT NULL AND held = 1',
    )
    this.#renew = db.command('UPDATE nodes SET lease_until = ? WHERE id = ? AND left_at IS NULL')
    this.#leave = db.command('UPDATE nodes SET left_at = ? WHERE id = ? AND left_at IS NULL')
    this.#isLive = db.tuples('SELECT 1 FROM nodes WHERE no = ? AND left_at IS NULL')
    this.#takeOver = db.command(
      'UPDATE nodes SET left_at = ?1 WHERE emptied_at IS NULL AND left_at IS NULL AND lease_until < ?1',
    )
    this.#gone = db.tuples('SELECT no FROM nodes WHERE emptied_at IS NULL AND left_at IS NOT NULL')
    this.#emptied = db.command('UPDATE nodes SET emptied_at = ? WHERE no = ?')
  }

  async register(
    node: { id: string; hostname: string; pid: number; version: string },
    now: number,
    leaseMs: number,
  ): Promise<{ epoch: number; now: number }> {
    return this.#db.write(() => {
      this.#endOthers.run(now, node.id)
      // What they were about to tell when they ended is told anew.
      this.#letGo.run(now)
      const { lastInsertRowid } = this.#insert.run(
        node.id,
        node.hostname,
        node.pid,
        node.version,
        now,
        now + leaseMs,
      )
      return { epoch: Number(lastInsertRowid), now }
    })
  }

  async renew(nodeId: string, now: number, leaseMs: number): Promise<{ now: number } | null> {
    return this.#db.write(() => (this.#renew.run(now + leaseMs, nodeId).changes === 1 ? { now } : null))
  }

  async leave(nodeId: string, now: number): Promise<void> {
    this.#db.write(() => this.#leave.run(now, nodeId))
  }

  /** The number of a node that may lease; null: it left, or another took its place. */
  live(nodeId: string): number | null {
    const no = this.#registry.no(nodeId)
    if (no === null) throw new Error(`node ${nodeId} was never registered, so it cannot lease`)
    return this.#isLive.get(no) === undefined ? null : no
  }

  /** Nodes whose runs are to be taken over. Whose lease has lapsed is gone from here on. */
  gone(now: number): number[] {
    this.#takeOver.run(now)
    return this.#gone.all().map(([no]) => no)
  }

  /** Nothing of these nodes is left to take over. */
  emptied(nos: readonly number[], now: number): void {
    for (const no of nos) this.#emptied.run(now, no)
  }
}
