// Visits and tickets, by the hash of their token.

import type { Visit } from '../../domain/visit.ts'
import type { VisitStore } from '../../ports/store.ts'
import type { Database, Transaction } from './database.ts'
import { sql } from './sql.ts'

/** Expired ones forgotten on the way of an addition: more than are added, so that they stay few. */
const FORGOTTEN_AT_ONCE = 100

const INSERT = sql(
  'INSERT INTO visits (id, kind, hash, key_id, key_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)',
)
const FORGET = sql(
  'DELETE FROM visits WHERE no IN (SELECT no FROM visits WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)',
)
const TAKE = sql("DELETE FROM visits WHERE hash = $1 AND kind = 'ticket' AND expires_at > $2")
const END = sql('DELETE FROM visits WHERE id = $1')
const BY_HASH = sql<Visit>(
  `SELECT id, kind, hash, key_id AS "keyId", key_hash AS "keyHash", created_at AS "createdAt", expires_at AS "expiresAt"
   FROM visits WHERE hash = $1`,
)

export class Visits implements VisitStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async add(visit: Visit): Promise<void> {
    await this.#db.write(visit.createdAt, (tx) => write(tx, visit))
  }

  async byHash(hash: string): Promise<Visit | null> {
    const row = await this.#db.read((reader) => reader.get(BY_HASH, hash))
    return row === undefined ? null : { ...row }
  }

  exchange(ticketHash: string, visit: Visit): Promise<boolean> {
    return this.#db.write(visit.createdAt, async (tx) => {
      if ((await tx.run(TAKE, ticketHash, tx.now)) !== 1) return false
      await write(tx, visit)
      return true
    })
  }

  end(id: string): Promise<boolean> {
    return this.#db.write(0, async (tx) => (await tx.run(END, id)) === 1)
  }
}

async function write(tx: Transaction, visit: Visit): Promise<void> {
  const { id, kind, hash, keyId, keyHash, createdAt, expiresAt } = visit
  await tx.run(FORGET, tx.now, FORGOTTEN_AT_ONCE)
  await tx.run(INSERT, id, kind, hash, keyId, keyHash, createdAt, expiresAt)
}
