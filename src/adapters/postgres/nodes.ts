// Who leases: one row for each registration of a process, with its one lease. Whoever finds a lease that has lapsed takes
// the node over, and from then on it renews and leases nothing more. Leasing and taking over exclude each other by an
// advisory lock of the node, so that nothing is leased to one that is being taken over; renewing waits for neither.

import type { GoneNode, NodeEnd, NodeFigures, NodeState } from '../../domain/node.ts'
import type { NodeStart, NodeStore, Renewal } from '../../ports/store.ts'
import type { Database, Transaction } from './database.ts'
import { sql } from './sql.ts'

/** Of advisory locks: the number of a node follows. */
export const NODE_SPACE = 0x63_61_6e

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
  readonly draining: boolean
  readonly figures: string | null
}

const COLUMNS = `no, id, hostname, pid, version, started_at AS "startedAt", lease_until AS "leaseUntil",
  left_at AS "leftAt", ended, draining, figures`

const INSERT = sql<{ no: number }>(
  `INSERT INTO nodes (id, hostname, pid, version, started_at, lease_until, draining)
   VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING no`,
)
const END_OTHERS = sql<{ no: number }>(
  `UPDATE nodes SET left_at = $1, ended = 'replaced'
   WHERE emptied_at IS NULL AND left_at IS NULL AND id <> $2 AND agent_no IS NULL
   RETURNING no`,
)
const FORGET = sql('DELETE FROM nodes WHERE no <= $1 AND emptied_at IS NOT NULL')
const RENEW = sql<{ draining: boolean }>(
  `UPDATE nodes SET lease_until = $1, figures = coalesce($2, figures) WHERE id = $3 AND left_at IS NULL
   RETURNING draining`,
)
const LEAVE = sql<{ no: number }>(
  `UPDATE nodes SET left_at = $1, ended = CASE WHEN lease_until < $1 THEN 'lapsed' ELSE 'left' END
   WHERE id = $2 AND left_at IS NULL RETURNING no`,
)
const NO = sql<{ no: number }>('SELECT no FROM nodes WHERE id = $1')
const IS_LIVE = sql<{ no: number }>(
  'SELECT no FROM nodes WHERE no = $1 AND left_at IS NULL AND lease_until >= $2',
)
const LAPSED = sql<{ no: number }>(
  'SELECT no FROM nodes WHERE emptied_at IS NULL AND left_at IS NULL AND lease_until < $1 ORDER BY no',
)
const TRY_LOCK = sql<{ got: boolean }>(`SELECT pg_try_advisory_xact_lock(${NODE_SPACE}, $1) AS got`)
const TAKE_OVER = sql<{ no: number }>(
  `UPDATE nodes SET left_at = $1, ended = 'lapsed' WHERE no = $2 AND left_at IS NULL AND lease_until < $1
   RETURNING no`,
)
/** What a node was about to tell when it ended is told by another. */
const LET_GO = sql('UPDATE effects SET next_try_at = $1, held = NULL WHERE held = ANY($2::bigint[])')
const GONE = sql<NodeRow>(
  `SELECT ${COLUMNS} FROM nodes WHERE emptied_at IS NULL AND left_at IS NOT NULL ORDER BY no`,
)
const EMPTIED = sql('UPDATE nodes SET emptied_at = $1 WHERE no = ANY($2::bigint[])')
const THERE = sql<NodeRow>(
  `SELECT ${COLUMNS} FROM nodes WHERE left_at IS NULL AND agent_no IS NULL ORDER BY no DESC LIMIT $1`,
)
const PAST = sql<NodeRow>(
  `SELECT ${COLUMNS} FROM nodes WHERE left_at IS NOT NULL AND agent_no IS NULL ORDER BY no DESC LIMIT $1`,
)
const DRAIN = sql('UPDATE nodes SET draining = $1 WHERE id = $2 AND left_at IS NULL')
const BY_ID = sql<NodeRow>(`SELECT ${COLUMNS} FROM nodes WHERE id = $1 AND agent_no IS NULL`)

/** What a step that leases to a node begins with. */
export type Leasing = {
  readonly nodeNo: number
  /** First in the transaction; held to its end. */
  readonly lock: string
  /** false: it left, its lease has lapsed, or another took its place. */
  isLive(tx: Transaction): Promise<boolean>
}

export class Nodes implements NodeStore {
  /** On connections of their own: a lease must not wait for anything else this node does. */
  readonly #leases: Database
  readonly #db: Database
  readonly #nos = new Map<string, number>()

  constructor(leases: Database, db: Database) {
    this.#leases = leases
    this.#db = db
  }

  register(node: NodeStart, now: number, leaseMs: number): Promise<{ epoch: number; now: number }> {
    const { id, hostname, pid, version, draining = false, sole = false } = node
    return this.#leases.write(now, async (tx) => {
      if (sole) await letGo(tx, await tx.all(END_OTHERS, tx.now, id))
      const row = await tx.get(INSERT, id, hostname, pid, version, tx.now, tx.now + leaseMs, draining)
      const epoch = row!.no
      await tx.run(FORGET, epoch - GONE_KEPT_MAX)
      return { epoch, now: tx.now }
    })
  }

  renew(nodeId: string, now: number, leaseMs: number, figures?: NodeFigures): Promise<Renewal | null> {
    const text = figures === undefined ? null : JSON.stringify(figures)
    return this.#leases.write(now, async (tx) => {
      const renewed = await tx.get(RENEW, tx.now + leaseMs, text, nodeId)
      return renewed === undefined ? null : { now: tx.now, draining: renewed.draining }
    })
  }

  async leave(nodeId: string, now: number): Promise<void> {
    const lock = `SELECT pg_advisory_xact_lock(${NODE_SPACE}, ${await this.#no(nodeId)})`
    await this.#leases.write(now, async (tx) => letGo(tx, await tx.all(LEAVE, tx.now, nodeId)), lock)
  }

  list(limit: number): Promise<NodeState[]> {
    return this.#leases.read(async (reader) => {
      const there = await reader.all(THERE, limit)
      const past = there.length < limit ? await reader.all(PAST, limit - there.length) : []
      return [...there, ...past].map(toState)
    })
  }

  /** Asked for by somebody, so it is written down: in the database in which the audit is. */
  drain(nodeId: string, draining: boolean): Promise<NodeState | null> {
    return this.#db.write(0, async (tx) => {
      await tx.run(DRAIN, draining, nodeId)
      const row = await tx.get(BY_ID, nodeId)
      return row === undefined ? null : toState(row)
    })
  }

  async leasing(nodeId: string): Promise<Leasing> {
    const nodeNo = await this.#no(nodeId)
    return {
      nodeNo,
      lock: `SELECT pg_advisory_xact_lock_shared(${NODE_SPACE}, ${nodeNo})`,
      isLive: async (tx) => (await tx.get(IS_LIVE, nodeNo, tx.now)) !== undefined,
    }
  }

  /** Nodes whose runs are to be taken over. Whose lease has lapsed is gone from here on. */
  async gone(tx: Transaction): Promise<{ no: number; node: GoneNode }[]> {
    for (const { no } of await tx.all(LAPSED, tx.now)) {
      // One that is leasing just now is taken over a moment later.
      if ((await tx.get(TRY_LOCK, no))?.got !== true) continue
      await letGo(tx, await tx.all(TAKE_OVER, tx.now, no))
    }
    return (await tx.all(GONE)).map(({ no, id, hostname, ended, leftAt }) => {
      return { no, node: { id, hostname, end: ended!, at: leftAt! } }
    })
  }

  /** Nothing of these nodes is left to take over. */
  async emptied(tx: Transaction, nos: readonly number[]): Promise<void> {
    if (nos.length > 0) await tx.run(EMPTIED, tx.now, nos)
  }

  async #no(nodeId: string): Promise<number> {
    const known = this.#nos.get(nodeId)
    if (known !== undefined) return known
    const row = await this.#leases.read((reader) => reader.get(NO, nodeId))
    if (row === undefined) throw new Error(`node ${nodeId} was never registered, so it cannot lease`)
    this.#nos.set(nodeId, row.no)
    return row.no
  }
}

async function letGo(tx: Transaction, gone: readonly { readonly no: number }[]): Promise<void> {
  const nos = gone.map(({ no }) => no)
  if (nos.length > 0) await tx.run(LET_GO, tx.now, nos)
}

function toState({ no, leftAt, ended, figures, ...row }: NodeRow): NodeState {
  return {
    ...row,
    epoch: no,
    gone: leftAt === null ? null : { at: leftAt, end: ended! },
    figures: figures === null ? null : (JSON.parse(figures) as NodeFigures),
  }
}
