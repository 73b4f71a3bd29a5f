// Agents, their tokens and their sessions. A session is a row of nodes: what it holds is lost and taken over as a node's is.

import type { Agent, JoinToken } from '../../domain/agent.ts'
import type { AgentStore, Held, JoinResult, NewAgent, NewSession } from '../../ports/agent-store.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { Page, PageRequest } from '../../ports/store.ts'
import { AGENTS, type AgentRow, TOKENS, type TokenRow, toAgent, toToken } from './agent-rows.ts'
import type { Database, Transaction } from './database.ts'
import { insertKey } from './keys.ts'
import { NODE_SPACE } from './nodes.ts'
import { takeOverPart } from './part-book.ts'
import { sql } from './sql.ts'

const ADD_TOKEN = sql(
  `INSERT INTO join_tokens (id, hint, hash, labels, project_ids, created_at, created_by, expires_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
)
const TOKENS_BEFORE = sql<TokenRow>(`${TOKENS} WHERE no < $1 ORDER BY no DESC LIMIT $2`)
const TOKEN = sql<TokenRow>(`${TOKENS} WHERE id = $1`)
const GOOD_TOKEN = sql<TokenRow>(
  `${TOKENS} WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 FOR UPDATE`,
)
const USE_TOKEN = sql('UPDATE join_tokens SET used_at = $1, used_by = $2 WHERE id = $3')
const END_TOKEN = sql(
  'UPDATE join_tokens SET expires_at = $1 WHERE id = $2 AND used_at IS NULL AND expires_at > $1',
)
const INSERT = sql(
  `INSERT INTO agents (id, name, key_id, granted, labels, project_ids, slots, version, hostname, draining, created_at)
   VALUES ($1, $2, $3, $4, $4, $5, 0, $6, $7, false, $8) ON CONFLICT DO NOTHING`,
)
const BY_ID = sql<AgentRow>(`${AGENTS} AND a.id = $1`)
const LOCK = sql<AgentRow>(`${AGENTS} AND a.id = $1 FOR UPDATE OF a`)
const BY_NAME = sql<AgentRow>(`${AGENTS} AND a.name = $1`)
const BY_KEY = sql<AgentRow>(`${AGENTS} AND a.key_id = $1`)
const AFTER = sql<AgentRow>(`${AGENTS} AND a.no > $1 ORDER BY a.no LIMIT $2`)
const DRAIN = sql('UPDATE agents SET draining = $1 WHERE id = $2 AND removed_at IS NULL')
const REMOVE = sql('UPDATE agents SET removed_at = $1 WHERE no = $2')
const REVOKE_KEY = sql(
  `UPDATE keys SET revoked_at = $1, previous_hash = NULL, previous_until = NULL
   WHERE id = $2 AND revoked_at IS NULL`,
)
const END_SESSION = sql("UPDATE nodes SET left_at = $1, ended = 'replaced' WHERE no = $2 AND left_at IS NULL")
// Whatever is just being leased to it is leased before it ends, and found when it is taken over.
const LOCK_SESSION = sql(`SELECT pg_advisory_xact_lock(${NODE_SPACE}, $1)`)
const OPEN_SESSION = sql<{ no: number }>(
  `INSERT INTO nodes (id, hostname, pid, version, started_at, seen_at, lease_until, agent_no, draining)
   VALUES ($1, $2, $3, $4, $5, $5, $6, $7, false) RETURNING no`,
)
const DESCRIBE = sql(
  'UPDATE agents SET session_no = $1, labels = $2, slots = $3, version = $4, hostname = $5 WHERE no = $6',
)
const TAKE_OVER = sql<{ runId: string }>(
  `UPDATE runs SET node_no = $1 WHERE id = $2 AND fence = $3 AND node_no IS NOT NULL AND node_no = $4
     AND finished_at IS NULL RETURNING id AS "runId"`,
)
// Locked in one order, so that two nodes that renew the same wait for each other instead of both waiting.
const TOUCH = sql<{ id: string }>(
  `UPDATE nodes n SET seen_at = $1, lease_until = greatest(n.lease_until, $2)
   FROM (SELECT no FROM nodes WHERE id = ANY($3::text[]) AND left_at IS NULL AND lease_until >= $1 ORDER BY no
     FOR NO KEY UPDATE) AS mine
   WHERE n.no = mine.no RETURNING n.id`,
)
const SPARE = sql(
  `UPDATE nodes n SET lease_until = $1
   FROM (SELECT no FROM nodes WHERE emptied_at IS NULL AND left_at IS NULL AND agent_no IS NOT NULL
     AND lease_until < $1 ORDER BY no FOR NO KEY UPDATE) AS every_one
   WHERE n.no = every_one.no`,
)
const STOPPING = sql<{ id: string }>(
  `SELECT n.id FROM nodes n WHERE n.left_at IS NULL AND n.agent_no IS NOT NULL
     AND (EXISTS (SELECT 1 FROM runs r WHERE r.node_no IS NOT NULL AND r.node_no = n.no AND r.status = 'cancelling')
       OR EXISTS (SELECT 1 FROM parts p JOIN runs r ON r.id = p.run_id AND r.status = 'cancelling'
         WHERE p.node_no IS NOT NULL AND p.node_no = n.no))`,
)

export class Agents {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async addToken(token: JoinToken): Promise<void> {
    const { id, hint, hash, createdAt, createdBy, expiresAt } = token
    const labels = JSON.stringify(token.labels)
    await this.#db.write(createdAt, (tx) =>
      tx.run(ADD_TOKEN, id, hint, hash, labels, listText(token.projectIds), createdAt, createdBy, expiresAt),
    )
  }

  async tokens({ limit, cursor }: PageRequest): Promise<Page<JoinToken>> {
    const before = decodeNumberCursor(cursor)?.[0] ?? Number.MAX_SAFE_INTEGER
    return pageOf(
      await this.#db.read((reader) => reader.all(TOKENS_BEFORE, before, limit + 1)),
      limit,
      toToken,
    )
  }

  async token(id: string): Promise<JoinToken | null> {
    const row = await this.#db.read((reader) => reader.get(TOKEN, id))
    return row === undefined ? null : toToken(row)
  }

  endToken(id: string, now: number): Promise<boolean> {
    return this.#db.write(now, async (tx) => (await tx.run(END_TOKEN, tx.now, id)) === 1)
  }

  join(...[hash, now, make]: Parameters<AgentStore['join']>): Promise<JoinResult> {
    return this.#db.write<JoinResult>(now, async (tx, abandon) => {
      const row = await tx.get(GOOD_TOKEN, hash, tx.now)
      if (row === undefined) return { kind: 'token_invalid' }
      const { agent, key } = make(toToken(row))
      if (!(await add(tx, agent))) return abandon({ kind: 'name_taken' })
      await insertKey(tx, key)
      await tx.run(USE_TOKEN, tx.now, agent.id, row.id)
      return { kind: 'joined', agent: toAgent((await tx.get(BY_ID, agent.id))!) }
    })
  }

  ensure(agent: NewAgent): Promise<Agent | null> {
    return this.#db.write(agent.createdAt, async (tx) => {
      await add(tx, agent)
      const row = await tx.get(BY_NAME, agent.name)
      return row === undefined || row.keyId !== row.id ? null : toAgent(row)
    })
  }

  get(id: string): Promise<Agent | null> {
    return this.#one(BY_ID, id)
  }

  byName(name: string): Promise<Agent | null> {
    return this.#one(BY_NAME, name)
  }

  byKey(keyId: string): Promise<Agent | null> {
    return this.#one(BY_KEY, keyId)
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<Agent>> {
    const after = decodeNumberCursor(cursor)?.[0] ?? 0
    return pageOf(await this.#db.read((reader) => reader.all(AFTER, after, limit + 1)), limit, toAgent)
  }

  drain(id: string, draining: boolean): Promise<Agent | null> {
    return this.#db.write(0, async (tx) => {
      await tx.run(DRAIN, draining, id)
      const row = await tx.get(BY_ID, id)
      return row === undefined ? null : toAgent(row)
    })
  }

  remove(id: string, now: number): Promise<Agent | null> {
    return this.#db.write(now, async (tx) => {
      const row = await tx.get(LOCK, id)
      if (row === undefined) return null
      await tx.run(REMOVE, tx.now, row.no)
      await tx.run(REVOKE_KEY, tx.now, row.keyId)
      if (row.sessionNo !== null) await endSession(tx, row.sessionNo)
      return toAgent(row)
    })
  }

  open(session: NewSession, now: number, leaseMs: number): Promise<readonly Held[] | null> {
    return this.#db.write(now, async (tx) => {
      // Two that open at once come one after the other; the later one counts.
      const agent = await tx.get(LOCK, session.agentId)
      if (agent === undefined) return null
      const { id, hostname, pid, version, labels, slots } = session
      const opened = await tx.get(
        OPEN_SESSION,
        id,
        hostname,
        pid,
        version,
        tx.now,
        tx.now + leaseMs,
        agent.no,
      )
      const no = opened!.no
      await tx.run(DESCRIBE, no, JSON.stringify(labels), slots, version, hostname, agent.no)
      const older = agent.sessionNo
      if (older === null) return []
      await endSession(tx, older)
      const attached: Held[] = []
      for (const held of session.held) {
        const mine =
          (await tx.all(TAKE_OVER, no, held.runId, held.fence, older)).length > 0 ||
          (await takeOverPart(tx, held, older, no))
        if (mine) attached.push(held)
      }
      return attached
    })
  }

  touch(ids: readonly string[], now: number, leaseMs: number): Promise<readonly string[]> {
    if (ids.length === 0) return Promise.resolve([])
    return this.#db.write(now, async (tx) => {
      const rows = await tx.all(TOUCH, tx.now, tx.now + leaseMs, [...ids])
      const live = new Set(rows.map(({ id }) => id))
      return ids.filter((id) => live.has(id))
    })
  }

  async spare(now: number, leaseMs: number): Promise<void> {
    await this.#db.write(now, (tx) => tx.run(SPARE, tx.now + leaseMs))
  }

  async stopping(): Promise<readonly string[]> {
    return (await this.#db.read((reader) => reader.all(STOPPING))).map(({ id }) => id)
  }

  async #one(statement: typeof BY_ID, value: string): Promise<Agent | null> {
    const row = await this.#db.read((reader) => reader.get(statement, value))
    return row === undefined ? null : toAgent(row)
  }
}

/** false: the name is taken. */
async function add(tx: Transaction, agent: NewAgent): Promise<boolean> {
  const { id, name, keyId, granted, projectIds, version, hostname, createdAt } = agent
  const labels = JSON.stringify(granted)
  return (
    (await tx.run(INSERT, id, name, keyId, labels, listText(projectIds), version, hostname, createdAt)) === 1
  )
}

function listText(items: readonly string[] | null): string | null {
  return items === null ? null : JSON.stringify(items)
}

function pageOf<Row extends { readonly no: number }, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
): Page<Item> {
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    items: rows.slice(0, limit).map(toItem),
    nextCursor: last === undefined ? null : encodeCursor([last.no, 0]),
  }
}

async function endSession(tx: Transaction, no: number): Promise<void> {
  await tx.run(LOCK_SESSION, no)
  await tx.run(END_SESSION, tx.now, no)
}
