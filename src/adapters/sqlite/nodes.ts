// Who leases: one row for each registration of a process, with its one lease.

import type { GoneNode, NodeEnd, NodeFigures, NodeState } from '../../domain/node.ts'
import type { NodeStart, NodeStore, Renewal } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'
import type { Registry } from './registry.ts'

/** Nodes long gone that are remembered by id. Attempts of older ones name them by epoch. */
const GONE_KEPT_MAX = 10_000

type NodeRow = {
  readonly no: number
  readonly id: string
  readonly hostname: string
  readonly pid: number
  readonly version: string
  readonly startedAt: number
  readonly leaseUntil: number
  readonly leftAt: number | null
  readonly ended: NodeEnd | null
  readonly draining: number
  readonly figures: string | null
}

const COLUMNS = `no, id, hostname, pid, version, started_at AS startedAt, lease_until AS leaseUntil, left_at AS leftAt,
  ended, draining, figures`

export class Nodes implements NodeStore {
  readonly #db: Database
  readonly #registry: Registry
  readonly #endOthers: Command
  readonly #insert: Command
  readonly #letGoAll: Command
  readonly #letGo: Command
  readonly #forget: Command
  readonly #renew: Query<readonly [number]>
  readonly #leave: Query<readonly [number]>
  readonly #isLive: Query<readonly [number]>
  readonly #takeOver: Query<readonly [number]>
  readonly #gone: Query<NodeRow>
  readonly #emptied: Command
  readonly #there: Query<NodeRow>
  readonly #past: Query<NodeRow>
  readonly #drain: Command
  readonly #byId: Query<NodeRow>

  constructor(db: Database, registry: Registry) {
    this.#db = db
    this.#registry = registry
    this.#endOthers = db.command(
      `UPDATE nodes SET left_at = ?, ended = 'replaced'
       WHERE emptied_at IS NULL AND left_at IS NULL AND id <> ? AND agent_no IS NULL`,
    )
    this.#insert = db.command(
      `INSERT INTO nodes (id, hostname, pid, version, started_at, lease_until, draining)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#letGoAll = db.command(
      'UPDATE effects SET next_try_at = ?, held = 0 WHERE next_try_at IS NOT NULL AND held <> 0',
    )
    this.#letGo = db.command(
      'UPDATE effects SET next_try_at = ?, held = 0 WHERE next_try_at IS NOT NULL AND held = ?',
    )
    this.#forget = db.command('DELETE FROM nodes WHERE no <= ? AND emptied_at IS NOT NULL')
    this.#renew = db.tuples(
      `UPDATE nodes SET lease_until = ?, figures = ifnull(?, figures) WHERE id = ? AND left_at IS NULL
       RETURNING draining`,
    )
    this.#leave = db.tuples(
      `UPDATE nodes SET left_at = ?1, ended = iif(lease_until < ?1, 'lapsed', 'left')
       WHERE id = ?2 AND left_at IS NULL RETURNING no`,
    )
    this.#isLive = db.tuples('SELECT 1 FROM nodes WHERE no = ? AND left_at IS NULL AND lease_until >= ?')
    this.#takeOver = db.tuples(
      `UPDATE nodes SET left_at = ?1, ended = 'lapsed'
       WHERE emptied_at IS NULL AND left_at IS NULL AND lease_until < ?1 RETURNING no`,
    )
    this.#gone = db.query(`SELECT ${COLUMNS} FROM nodes WHERE emptied_at IS NULL AND left_at IS NOT NULL`)
    this.#emptied = db.command('UPDATE nodes SET emptied_at = ? WHERE no = ?')
    this.#there = db.query(
      `SELECT ${COLUMNS} FROM nodes WHERE left_at IS NULL AND agent_no IS NULL ORDER BY no DESC LIMIT ?`,
    )
    this.#past = db.query(
      `SELECT ${COLUMNS} FROM nodes WHERE left_at IS NOT NULL AND agent_no IS NULL ORDER BY no DESC LIMIT ?`,
    )
    this.#drain = db.command('UPDATE nodes SET draining = ? WHERE id = ? AND left_at IS NULL')
    this.#byId = db.query(`SELECT ${COLUMNS} FROM nodes WHERE id = ? AND agent_no IS NULL`)
  }

  async register(node: NodeStart, now: number, leaseMs: number): Promise<{ epoch: number; now: number }> {
    return this.#db.write(() => {
      if (node.sole === true) {
        this.#endOthers.run(now, node.id)
        // What they were about to tell when they ended is told anew.
        this.#letGoAll.run(now)
      }
      const { id, hostname, pid, version, draining = false } = node
      const row = this.#insert.run(id, hostname, pid, version, now, now + leaseMs, draining ? 1 : 0)
      const epoch = Number(row.lastInsertRowid)
      this.#forget.run(epoch - GONE_KEPT_MAX)
      return { epoch, now }
    })
  }

  async renew(nodeId: string, now: number, leaseMs: number, figures?: NodeFigures): Promise<Renewal | null> {
    const text = figures === undefined ? null : JSON.stringify(figures)
    const row = this.#db.write(() => this.#renew.get(now + leaseMs, text, nodeId))
    return row === undefined ? null : { now, draining: row[0] === 1 }
  }

  async leave(nodeId: string, now: number): Promise<void> {
    this.#db.write(() => this.#tellAnew(this.#leave.all(now, nodeId), now))
  }

  async list(limit: number): Promise<NodeState[]> {
    return this.#db.read(() => {
      const there = this.#there.all(limit)
      const past = there.length < limit ? this.#past.all(limit - there.length) : []
      return [...there, ...past].map(toState)
    })
  }

  async drain(nodeId: string, draining: boolean): Promise<NodeState | null> {
    return this.#db.write(() => {
      this.#drain.run(draining ? 1 : 0, nodeId)
      const row = this.#byId.get(nodeId)
      return row === undefined ? null : toState(row)
    })
  }

  /** The number of a node that may lease; null: it left, its lease ran out, or another took its place. */
  live(nodeId: string, now: number): number | null {
    const no = this.#registry.no(nodeId)
    if (no === null) throw new Error(`node ${nodeId} was never registered, so it cannot lease`)
    return this.#isLive.get(no, now) === undefined ? null : no
  }

  /** Nodes whose runs are to be taken over. Whose lease has lapsed is gone from here on. */
  gone(now: number): { no: number; node: GoneNode }[] {
    this.#tellAnew(this.#takeOver.all(now), now)
    return this.#gone.all().map(({ no, id, hostname, ended, leftAt }) => {
      return { no, node: { id, hostname, end: ended!, at: leftAt! } }
    })
  }

  /** Nothing of these nodes is left to take over. */
  emptied(nos: readonly number[], now: number): void {
    for (const no of nos) this.#emptied.run(now, no)
  }

  /** What a node was about to tell when it ended is told by another. */
  #tellAnew(gone: readonly (readonly [number])[], now: number): void {
    for (const [no] of gone) this.#letGo.run(now, no)
  }
}

function toState({ no, leftAt, ended, draining, figures, ...row }: NodeRow): NodeState {
  return {
    ...row,
    epoch: no,
    draining: draining === 1,
    gone: leftAt === null ? null : { at: leftAt, end: ended! },
    figures: figures === null ? null : (JSON.parse(figures) as NodeFigures),
  }
}
