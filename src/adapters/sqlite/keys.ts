import type { ApiKey } from '../../domain/api-key.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { KeyChange, KeyStore, Once, Page, PageRequest } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'
import type { OnceMarks } from './once.ts'

type Row = Omit<ApiKey, 'scopes' | 'projectIds' | 'previous'> & {
  readonly no: number
  readonly scopes: string
  readonly projectIds: string | null
  readonly previousHash: string | null
  readonly previousUntil: number | null
}

const COLUMNS = `no, id, name, hint, hash, scopes, project_ids AS projectIds, created_at AS createdAt,
  expires_at AS expiresAt, last_used_at AS lastUsedAt, revoked_at AS revokedAt, previous_hash AS previousHash,
  previous_until AS previousUntil`

export class Keys implements KeyStore {
  readonly #db: Database
  readonly #marks: OnceMarks
  readonly #insert: Command
  readonly #update: Command
  readonly #updateLive: Command
  readonly #edit: Command
  readonly #rotate: Command
  readonly #touch: Command
  readonly #byId: Query<Row>
  readonly #byHash: Query<Row>
  readonly #byPreviousHash: Query<Row>
  readonly #after: Query<Row>

  constructor(db: Database, marks: OnceMarks) {
    this.#db = db
    this.#marks = marks
    this.#insert = db.command(
      `INSERT INTO keys (name, hint, hash, previous_hash, previous_until, scopes, project_ids, created_at, expires_at,
         last_used_at, revoked_at, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    const update = `UPDATE keys SET name = ?, hint = ?, hash = ?, previous_hash = ?, previous_until = ?, scopes = ?,
      project_ids = ?, created_at = ?, expires_at = ?, last_used_at = ?, revoked_at = ? WHERE id = ?`
    this.#update = db.command(update)
    this.#updateLive = db.command(`${update} AND revoked_at IS NULL`)
    this.#edit = db.command(
      `UPDATE keys SET name = ifnull(?, name), scopes = ifnull(?, scopes),
         expires_at = CASE WHEN ? = 1 THEN ? ELSE expires_at END WHERE id = ? AND revoked_at IS NULL`,
    )
    this.#rotate = db.command(
      `UPDATE keys SET hint = ?, hash = ?, previous_hash = ?, previous_until = ?
       WHERE id = ? AND hash = ? AND revoked_at IS NULL`,
    )
    this.#touch = db.command('UPDATE keys SET last_used_at = max(?, ifnull(last_used_at, 0)) WHERE id = ?')
    this.#byId = db.query(`SELECT ${COLUMNS} FROM keys WHERE id = ?`)
    this.#byHash = db.query(`SELECT ${COLUMNS} FROM keys WHERE hash = ?`)
    this.#byPreviousHash = db.query(`SELECT ${COLUMNS} FROM keys WHERE previous_hash = ?`)
    this.#after = db.query(`SELECT ${COLUMNS} FROM keys WHERE no > ? ORDER BY no LIMIT ?`)
  }

  async add(key: ApiKey, once?: Once): Promise<void> {
    this.#db.write(() => {
      this.#marks.write(once)
      this.insert(key)
    })
  }

  /** Within a transaction. */
  insert(key: ApiKey): void {
    this.#insert.run(...values(key))
  }

  async get(id: string): Promise<ApiKey | null> {
    return this.#db.read(() => found(this.#byId.get(id)))
  }

  /** Also by the hash it had before its last rotation; until when that counts is the caller's to judge. */
  async byHash(hash: string): Promise<ApiKey | null> {
    return this.#db.read(() => found(this.#byHash.get(hash) ?? this.#byPreviousHash.get(hash)))
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<ApiKey>> {
    return this.#db.read(() => {
      const rows = this.#after.all(decodeNumberCursor(cursor)?.[0] ?? 0, limit + 1)
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return {
        items: rows.slice(0, limit).map(toKey),
        nextCursor: last === undefined ? null : encodeCursor([last.no, 0]),
      }
    })
  }

  async update(key: ApiKey): Promise<boolean> {
    return this.#db.write(() => this.#update.run(...values(key)).changes === 1)
  }

  async updateLive(key: ApiKey): Promise<boolean> {
    return this.#db.write(() => this.#updateLive.run(...values(key)).changes === 1)
  }

  async edit(id: string, { name, scopes, expiresAt }: KeyChange): Promise<boolean> {
    const ends = [expiresAt === undefined ? 0 : 1, expiresAt ?? null] as const
    const words = [name ?? null, scopes === undefined ? null : JSON.stringify(scopes)] as const
    return this.#db.write(() => this.#edit.run(...words, ...ends, id).changes === 1)
  }

  async rotate(
    { id, hash, hint, previous }: Parameters<KeyStore['rotate']>[0],
    from: string,
  ): Promise<boolean> {
    const to = [hint, hash, previous?.hash ?? null, previous?.until ?? null] as const
    return this.#db.write(() => this.#rotate.run(...to, id, from).changes === 1)
  }

  async touch(id: string, now: number): Promise<void> {
    this.#db.write(() => this.#touch.run(now, id))
  }
}

function values(key: ApiKey) {
  const { previous, projectIds } = key
  return [
    key.name,
    key.hint,
    key.hash,
    previous?.hash ?? null,
    previous?.until ?? null,
    JSON.stringify(key.scopes),
    projectIds === null ? null : JSON.stringify(projectIds),
    key.createdAt,
    key.expiresAt,
    key.lastUsedAt,
    key.revokedAt,
    key.id,
  ] as const
}

function found(row: Row | undefined): ApiKey | null {
  return row === undefined ? null : toKey(row)
}

function toKey({ no: _, previousHash, previousUntil, scopes, projectIds, ...row }: Row): ApiKey {
  return {
    ...row,
    scopes: JSON.parse(scopes),
    projectIds: projectIds === null ? null : JSON.parse(projectIds),
    previous: previousHash === null ? null : { hash: previousHash, until: previousUntil! },
  }
}
