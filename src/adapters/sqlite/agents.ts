// Agents and their sessions. A session is a row of nodes: what it holds is lost and taken over as a node's is.

import type { Agent, AgentSession } from '../../domain/agent.ts'
import type { Held, NewAgent, NewSession } from '../../ports/agent-store.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { Page, PageRequest } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'
import { PARTED_NO, type PartBook } from './part-book.ts'

type Row = {
  readonly no: number
  readonly id: string
  readonly name: string
  readonly keyId: string
  readonly granted: string
  readonly labels: string
  readonly projectIds: string | null
  readonly slots: number
  readonly version: string
  readonly hostname: string
  readonly draining: number
  readonly createdAt: number
  readonly sessionNo: number | null
  readonly sessionId: string | null
  readonly openedAt: number
  readonly seenAt: number
  readonly leaseUntil: number
  readonly endedAt: number | null
}

const SELECT = `SELECT a.no, a.id, a.name, a.key_id AS keyId, a.granted, a.labels, a.project_ids AS projectIds, a.slots,
    a.version, a.hostname, a.draining, a.created_at AS createdAt, a.session_no AS sessionNo, n.id AS sessionId,
    n.started_at AS openedAt, n.seen_at AS seenAt, n.lease_until AS leaseUntil, n.left_at AS endedAt
  FROM agents a LEFT JOIN nodes n ON n.no = a.session_no WHERE a.removed_at IS NULL`

export class Agents {
  readonly #byId: Query<Row>
  readonly #byName: Query<Row>
  readonly #byKey: Query<Row>
  readonly #after: Query<Row>
  readonly #insert: Command
  readonly #drain: Command
  readonly #remove: Command
  readonly #revokeKey: Command
  readonly #endSession: Command
  readonly #openSession: Command
  readonly #describe: Command
  readonly #takeOver: Command
  readonly #touch: Command
  readonly #spare: Command
  readonly #stopping: Query<readonly [string]>

  readonly #parts: PartBook

  constructor(db: Database, parts: PartBook) {
    this.#parts = parts
    this.#byId = db.query(`${SELECT} AND a.id = ?`)
    this.#byName = db.query(`${SELECT} AND a.name = ?`)
    this.#byKey = db.query(`${SELECT} AND a.key_id = ?`)
    this.#after = db.query(`${SELECT} AND a.no > ? ORDER BY a.no LIMIT ?`)
    this.#insert = db.command(
      `INSERT INTO agents (id, name, key_id, granted, labels, project_ids, slots, version, hostname, draining, created_at)
       VALUES (?1, ?2, ?3, ?4, ?4, ?5, 0, ?6, ?7, 0, ?8) ON CONFLICT DO NOTHING`,
    )
    this.#drain = db.command('UPDATE agents SET draining = ? WHERE id = ? AND removed_at IS NULL')
    this.#remove = db.command('UPDATE agents SET removed_at = ? WHERE no = ?')
    this.#revokeKey = db.command(
      `UPDATE keys SET revoked_at = ?, previous_hash = NULL, previous_until = NULL
       WHERE id = ? AND revoked_at IS NULL`,
    )
    this.#endSession = db.command(
      "UPDATE nodes SET left_at = ?, ended = 'replaced' WHERE no = ? AND left_at IS NULL",
    )
    this.#openSession = db.command(
      `INSERT INTO nodes (id, hostname, pid, version, started_at, seen_at, lease_until, agent_no)
       VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)`,
    )
    this.#describe = db.command(
      'UPDATE agents SET session_no = ?, labels = ?, slots = ?, version = ?, hostname = ? WHERE no = ?',
    )
    // A run under way that is asked to stop goes over too: its new holder is told.
    this.#takeOver = db.command(
      'UPDATE runs SET node_no = ?1 WHERE id = ?2 AND fence = ?3 AND node_no = ?4 AND finished_at IS NULL',
    )
    this.#touch = db.command(
      `UPDATE nodes SET seen_at = ?1, lease_until = max(lease_until, ?2)
       WHERE id = ?3 AND left_at IS NULL AND lease_until >= ?1`,
    )
    this.#spare = db.command(
      `UPDATE nodes SET lease_until = ?1
       WHERE emptied_at IS NULL AND left_at IS NULL AND agent_no IS NOT NULL AND lease_until < ?1`,
    )
    this.#stopping = db.tuples(
      `SELECT n.id FROM nodes n WHERE n.agent_no IS NOT NULL
         AND n.no IN (SELECT node_no FROM runs WHERE status = 'cancelling'
           UNION SELECT p.node_no FROM runs r JOIN parts p ON p.run_no = r.no
             WHERE r.status = 'cancelling' AND r.node_no = ${PARTED_NO} AND p.node_no IS NOT NULL)`,
    )
  }

  /** false: the name is taken. */
  add(agent: NewAgent): boolean {
    const { changes } = this.#insert.run(
      agent.id,
      agent.name,
      agent.keyId,
      JSON.stringify(agent.granted),
      agent.projectIds === null ? null : JSON.stringify(agent.projectIds),
      agent.version,
      agent.hostname,
      agent.createdAt,
    )
    return changes === 1
  }

  get(id: string): Agent | null {
    return toAgent(this.#byId.get(id))
  }

  byName(name: string): Agent | null {
    return toAgent(this.#byName.get(name))
  }

  byKey(keyId: string): Agent | null {
    return toAgent(this.#byKey.get(keyId))
  }

  page({ limit, cursor }: PageRequest): Page<Agent> {
    const rows = this.#after.all(decodeNumberCursor(cursor)?.[0] ?? 0, limit + 1)
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return {
      items: rows.slice(0, limit).map((row) => toAgent(row)!),
      nextCursor: last === undefined ? null : encodeCursor([last.no, 0]),
    }
  }

  drain(id: string, draining: boolean): Agent | null {
    this.#drain.run(draining ? 1 : 0, id)
    return this.get(id)
  }

  remove(id: string, now: number): Agent | null {
    const row = this.#byId.get(id)
    if (row === undefined) return null
    this.#remove.run(now, row.no)
    this.#revokeKey.run(now, row.keyId)
    if (row.sessionNo !== null) this.#endSession.run(now, row.sessionNo)
    return toAgent(row)
  }

  open(session: NewSession, now: number, leaseMs: number): Held[] | null {
    const agent = this.#byId.get(session.agentId)
    if (agent === undefined) return null
    const { id, hostname, pid, version, labels, slots } = session
    const row = this.#openSession.run(id, hostname, pid, version, now, now + leaseMs, agent.no)
    const no = Number(row.lastInsertRowid)
    this.#describe.run(no, JSON.stringify(labels), slots, version, hostname, agent.no)
    const older = agent.sessionNo
    if (older === null) return []
    this.#endSession.run(now, older)
    return session.held.filter(
      (held) =>
        this.#takeOver.run(no, held.runId, held.fence, older).changes === 1 ||
        this.#parts.takeOver(held, older, no),
    )
  }

  touch(ids: readonly string[], now: number, leaseMs: number): string[] {
    return ids.filter((id) => this.#touch.run(now, now + leaseMs, id).changes === 1)
  }

  spare(now: number, leaseMs: number): void {
    this.#spare.run(now + leaseMs)
  }

  stopping(): string[] {
    return this.#stopping.all().map(([id]) => id)
  }
}

function toAgent(row: Row | undefined): Agent | null {
  if (row === undefined) return null
  return {
    id: row.id,
    name: row.name,
    keyId: row.keyId,
    granted: JSON.parse(row.granted),
    labels: JSON.parse(row.labels),
    projectIds: row.projectIds === null ? null : JSON.parse(row.projectIds),
    slots: row.slots,
    version: row.version,
    hostname: row.hostname,
    draining: row.draining === 1,
    createdAt: row.createdAt,
    session: sessionOf(row),
  }
}

function sessionOf({ sessionId, openedAt, seenAt, leaseUntil, endedAt }: Row): AgentSession | null {
  return sessionId === null ? null : { id: sessionId, openedAt, seenAt, leaseUntil, endedAt }
}
