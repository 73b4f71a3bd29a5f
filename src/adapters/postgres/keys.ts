import type { ApiKey } from '../../domain/api-key.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { KeyChange, KeyStore, Once, Page, PageRequest } from '../../ports/store.ts'
import type { Database, Transaction } from './database.ts'
import type { OnceMarks } from './once.ts'
import { sql } from './sql.ts'

type Row = Omit<ApiKey, 'scopes' | 'projectIds' | 'previous'> & {
  readonly no: number
  readonly scopes: string
  readonly projectIds: string | null
  readonly previousHash: string | null
  readonly previousUntil: number | null
}

const COLUMNS = `no, id, name, hint, hash, scopes, project_ids AS "projectIds", created_at AS "createdAt",
  expires_at AS "expiresAt", last_used_at AS "lastUsedAt", revoked_at AS "revokedAt", previous_hash AS "previousHash",
  previous_until AS "previousUntil"`

const INSERT = sql(
  `INSERT INTO keys (name, hint, hash, previous_hash, previous_until, scopes, project_ids, created_at, expires_at,
     last_used_at, revoked_at, id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
)
const UPDATE = sql(
  `UPDATE keys SET name = $1, hint = $2, hash = $3, previous_hash = $4, previous_until = $5, scopes = $6,
     project_ids = $7, created_at = $8, expires_at = $9, last_used_at = $10, revoked_at = $11 WHERE id = $12`,
)
const UPDATE_LIVE = sql(`${UPDATE.text} AND revoked_at IS NULL`)
const EDIT = sql(
  `UPDATE keys SET name = coalesce($1, name), scopes = coalesce($2, scopes),
     expires_at = CASE WHEN $3::int = 1 THEN $4::bigint ELSE expires_at END WHERE id = $5 AND revoked_at IS NULL`,
)
const ROTATE = sql(
  `UPDATE keys SET hint = $1, hash = $2, previous_hash = $3, previous_until = $4
   WHERE id = $5 AND hash = $6 AND revoked_at IS NULL`,
)
const TOUCH = sql('UPDATE keys SET last_used_at = greatest($1, coalesce(last_used_at, 0)) WHERE id = $2')
const BY_ID = sql<Row>(`SELECT ${COLUMNS} FROM keys WHERE id = $1`)
const BY_HASH = sql<Row>(`SELECT ${COLUMNS} FROM keys WHERE hash = $1`)
const BY_PREVIOUS_HASH = sql<Row>(`SELECT ${COLUMNS} FROM keys WHERE previous_hash = $1`)
const AFTER = sql<Row>(`SELECT ${COLUMNS} FROM keys WHERE no > $1 ORDER BY no LIMIT $2`)

export class Keys implements KeyStore {
  readonly #db: Database
  readonly #marks: OnceMarks

  constructor(db: Database, marks: OnceMarks) {
    this.#db = db
    this.#marks = marks
  }

  async add(key: ApiKey, once?: Once): Promise<void> {
    await this.#db.write(key.createdAt, async (tx) => {
      await this.#marks.write(tx, once)
      await insertKey(tx, key)
    })
  }

  async get(id: string): Promise<ApiKey | null> {
    return found(await this.#db.read((reader) => reader.get(BY_ID, id)))
  }

  /** Also by the hash it had before its last rotation; until when that counts is the caller's to judge. */
  async byHash(hash: string): Promise<ApiKey | null> {
    return this.#db.read(async (reader) =>
      found((await reader.get(BY_HASH, hash)) ?? (await reader.get(BY_PREVIOUS_HASH, hash))),
    )
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<ApiKey>> {
    const after = decodeNumberCursor(cursor)?.[0] ?? 0
    const rows = await this.#db.read((reader) => reader.all(AFTER, after, limit + 1))
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return {
      items: rows.slice(0, limit).map(toKey),
      nextCursor: last === undefined ? null : encodeCursor([last.no, 0]),
    }
  }

  update(key: ApiKey): Promise<boolean> {
    return this.#db.write(0, async (tx) => (await tx.run(UPDATE, ...values(key))) === 1)
  }

  updateLive(key: ApiKey): Promise<boolean> {
    return this.#db.write(0, async (tx) => (await tx.run(UPDATE_LIVE, ...values(key))) === 1)
  }

  edit(id: string, { name, scopes, expiresAt }: KeyChange): Promise<boolean> {
    const ends = [expiresAt === undefined ? 0 : 1, expiresAt ?? null] as const
    const words = [name ?? null, scopes === undefined ? null : JSON.stringify(scopes)] as const
    return this.#db.write(0, async (tx) => (await tx.run(EDIT, ...words, ...ends, id)) === 1)
  }

  rotate({ id, hash, hint, previous }: Parameters<KeyStore['rotate']>[0], from: string): Promise<boolean> {
    const to = [hint, hash, previous?.hash ?? null, previous?.until ?? null] as const
    return this.#db.write(0, async (tx) => (await tx.run(ROTATE, ...to, id, from)) === 1)
  }

  async touch(id: string, now: number): Promise<void> {
    await this.#db.write(now, (tx) => tx.run(TOUCH, tx.now, id))
  }
}

export async function insertKey(tx: Transaction, key: ApiKey): Promise<void> {
  await tx.run(INSERT, ...values(key))
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
