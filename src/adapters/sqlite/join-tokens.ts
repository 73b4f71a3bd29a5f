// Tokens by which agents come in, each once.

import type { JoinToken } from '../../domain/agent.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { Page, PageRequest } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'

type Row = Omit<JoinToken, 'labels' | 'projectIds'> & {
  readonly no: number
  readonly labels: string
  readonly projectIds: string | null
}

const SELECT = `SELECT no, id, hint, hash, labels, project_ids AS projectIds, created_at AS createdAt,
  created_by AS createdBy, expires_at AS expiresAt, used_at AS usedAt, used_by AS usedBy FROM join_tokens`

export class JoinTokens {
  readonly #insert: Command
  readonly #byHash: Query<Row>
  readonly #byId: Query<Row>
  readonly #before: Query<Row>
  readonly #use: Command
  readonly #end: Command

  constructor(db: Database) {
    this.#insert = db.command(
      `INSERT INTO join_tokens (id, hint, hash, labels, project_ids, created_at, created_by, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#byHash = db.query(`${SELECT} WHERE hash = ? AND used_at IS NULL AND expires_at > ?`)
    this.#byId = db.query(`${SELECT} WHERE id = ?`)
    this.#before = db.query(`${SELECT} WHERE no < ? ORDER BY no DESC LIMIT ?`)
    this.#use = db.command('UPDATE join_tokens SET used_at = ?, used_by = ? WHERE id = ?')
    this.#end = db.command(
      'UPDATE join_tokens SET expires_at = ?1 WHERE id = ?2 AND used_at IS NULL AND expires_at > ?1',
    )
  }

  add({ id, hint, hash, labels, projectIds, createdAt, createdBy, expiresAt }: JoinToken): void {
    const projects = projectIds === null ? null : JSON.stringify(projectIds)
    this.#insert.run(id, hint, hash, JSON.stringify(labels), projects, createdAt, createdBy, expiresAt)
  }

  /** null: unknown, used, or past its end. */
  good(hash: string, now: number): JoinToken | null {
    const row = this.#byHash.get(hash, now)
    return row === undefined ? null : toToken(row)
  }

  byId(id: string): JoinToken | null {
    const row = this.#byId.get(id)
    return row === undefined ? null : toToken(row)
  }

  use(id: string, agentId: string, now: number): void {
    this.#use.run(now, agentId, id)
  }

  end(id: string, now: number): boolean {
    return this.#end.run(now, id).changes === 1
  }

  page({ limit, cursor }: PageRequest): Page<JoinToken> {
    const rows = this.#before.all(decodeNumberCursor(cursor)?.[0] ?? Number.MAX_SAFE_INTEGER, limit + 1)
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return {
      items: rows.slice(0, limit).map(toToken),
      nextCursor: last === undefined ? null : encodeCursor([last.no, 0]),
    }
  }
}

function toToken({ no: _, labels, projectIds, ...row }: Row): JoinToken {
  return {
    ...row,
    labels: JSON.parse(labels),
    projectIds: projectIds === null ? null : JSON.parse(projectIds),
  }
}
