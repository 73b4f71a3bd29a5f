// Visits and tickets, by the hash of their token.

import type { Visit } from '../../domain/visit.ts'
import type { VisitStore } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'

/** Expired ones forgotten on the way of an addition: more than are added, so that they stay few. */
const FORGOTTEN_AT_ONCE = 100

export class Visits implements VisitStore {
  readonly #db: Database
  readonly #insert: Command
  readonly #forget: Command
  readonly #take: Command
  readonly #end: Command
  readonly #byHash: Query<Visit>

  constructor(db: Database) {
    this.#db = db
    this.#insert = db.command(
      'INSERT INTO visits (id, kind, hash, key_id, key_hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.#forget = db.command(
      'DELETE FROM visits WHERE no IN (SELECT no FROM visits WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)',
    )
    this.#take = db.command("DELETE FROM visits WHERE hash = ? AND kind = 'ticket' AND expires_at > ?")
    this.#end = db.command('DELETE FROM visits WHERE id = ?')
    this.#byHash = db.query(
      `SELECT id, kind, hash, key_id AS keyId, key_hash AS keyHash, created_at AS createdAt, expires_at AS expiresAt
       FROM visits WHERE hash = ?`,
    )
  }

  async add(visit: Visit): Promise<void> {
    this.#db.write(() => this.#write(visit))
  }

  async byHash(hash: string): Promise<Visit | null> {
    return this.#db.read(() => {
      const row = this.#byHash.get(hash)
      return row === undefined ? null : { ...row }
    })
  }

  async exchange(ticketHash: string, visit: Visit): Promise<boolean> {
    return this.#db.write(() => {
      if (this.#take.run(ticketHash, visit.createdAt).changes !== 1) return false
      this.#write(visit)
      return true
    })
  }

  async end(id: string): Promise<boolean> {
    return this.#db.write(() => this.#end.run(id).changes === 1)
  }

  #write({ id, kind, hash, keyId, keyHash, createdAt, expiresAt }: Visit): void {
    this.#forget.run(createdAt, FORGOTTEN_AT_ONCE)
    this.#insert.run(id, kind, hash, keyId, keyHash, createdAt, expiresAt)
  }
}
