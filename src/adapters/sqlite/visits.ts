// Visits and tickets, by the hash of their token.

import type { Visit } from '../../domain/visit.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { Page, PageRequest, VisitStore } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'

/** Expired ones forgotten on the way of an addition: more than are added, so that they stay few. */
const FORGOTTEN_AT_ONCE = 100

type Row = Omit<Visit, 'guest'> & { readonly no: number; readonly guest: string | null }

const COLUMNS =
  'no, id, kind, hash, key_id AS keyId, key_hash AS keyHash, created_at AS createdAt, expires_at AS expiresAt, guest'

export class Visits implements VisitStore {
  readonly #db: Database
  readonly #insert: Command
  readonly #forget: Command
  readonly #take: Command
  readonly #end: Command
  readonly #byHash: Query<Row>
  readonly #byId: Query<Row>
  readonly #before: Query<Row>

  constructor(db: Database) {
    this.#db = db
    this.#insert = db.command(
      'INSERT INTO visits (id, kind, hash, key_id, key_hash, created_at, expires_at, guest) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#forget = db.command(
      'DELETE FROM visits WHERE no IN (SELECT no FROM visits WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)',
    )
    this.#take = db.command("DELETE FROM visits WHERE hash = ? AND kind = 'ticket' AND expires_at > ?")
    this.#end = db.command('DELETE FROM visits WHERE id = ?')
    this.#byHash = db.query(`SELECT ${COLUMNS} FROM visits WHERE hash = ?`)
    this.#byId = db.query(`SELECT ${COLUMNS} FROM visits WHERE id = ?`)
    this.#before = db.query(
      `SELECT ${COLUMNS} FROM visits WHERE no < ? AND kind = 'visit' ORDER BY no DESC LIMIT ?`,
    )
  }

  async add(visit: Visit): Promise<void> {
    this.#db.write(() => this.#write(visit))
  }

  async byHash(hash: string): Promise<Visit | null> {
    return this.#db.read(() => found(this.#byHash.get(hash)))
  }

  async get(id: string): Promise<Visit | null> {
    return this.#db.read(() => found(this.#byId.get(id)))
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<Visit>> {
    return this.#db.read(() => {
      const rows = this.#before.all(decodeNumberCursor(cursor)?.[0] ?? Number.MAX_SAFE_INTEGER, limit + 1)
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return {
        items: rows.slice(0, limit).map(toVisit),
        nextCursor: last === undefined ? null : encodeCursor([last.no, 0]),
      }
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

  #write({ id, kind, hash, keyId, keyHash, guest, createdAt, expiresAt }: Visit): void {
    this.#forget.run(createdAt, FORGOTTEN_AT_ONCE)
    const guestText = guest === null ? null : JSON.stringify(guest)
    this.#insert.run(id, kind, hash, keyId, keyHash, createdAt, expiresAt, guestText)
  }
}

function found(row: Row | undefined): Visit | null {
  return row === undefined ? null : toVisit(row)
}

function toVisit({ no: _, guest, ...row }: Row): Visit {
  return { ...row, guest: guest === null ? null : JSON.parse(guest) }
}
