// Visits and tickets, by the hash of their token.

import type { Visit } from '../../domain/visit.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { Page, PageRequest, VisitStore } from '../../ports/store.ts'
import type { Database, Transaction } from './database.ts'
import { sql } from './sql.ts'

/** Expired ones forgotten on the way of an addition: more than are added, so that they stay few. */
const FORGOTTEN_AT_ONCE = 100

type Row = Omit<Visit, 'guest'> & { readonly no: number; readonly guest: string | null }

const COLUMNS =
  'no, id, kind, hash, key_id AS "keyId", key_hash AS "keyHash", created_at AS "createdAt", expires_at AS "expiresAt", guest'
const INSERT = sql(
  'INSERT INTO visits (id, kind, hash, key_id, key_hash, created_at, expires_at, guest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
)
const FORGET = sql(
  'DELETE FROM visits WHERE no IN (SELECT no FROM visits WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)',
)
const TAKE = sql("DELETE FROM visits WHERE hash = $1 AND kind = 'ticket' AND expires_at > $2")
const END = sql('DELETE FROM visits WHERE id = $1')
const BY_HASH = sql<Row>(`SELECT ${COLUMNS} FROM visits WHERE hash = $1`)
const BY_ID = sql<Row>(`SELECT ${COLUMNS} FROM visits WHERE id = $1`)
const BEFORE = sql<Row>(
  `SELECT ${COLUMNS} FROM visits WHERE no < $1 AND kind = 'visit' ORDER BY no DESC LIMIT $2`,
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
    return found(await this.#db.read((reader) => reader.get(BY_HASH, hash)))
  }

  async get(id: string): Promise<Visit | null> {
    return found(await this.#db.read((reader) => reader.get(BY_ID, id)))
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<Visit>> {
    const before = decodeNumberCursor(cursor)?.[0] ?? Number.MAX_SAFE_INTEGER
    const rows = await this.#db.read((reader) => reader.all(BEFORE, before, limit + 1))
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return {
      items: rows.slice(0, limit).map(toVisit),
      nextCursor: last === undefined ? null : encodeCursor([last.no, 0]),
    }
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
  const { id, kind, hash, keyId, keyHash, guest, createdAt, expiresAt } = visit
  await tx.run(FORGET, tx.now, FORGOTTEN_AT_ONCE)
  const guestText = guest === null ? null : JSON.stringify(guest)
  await tx.run(INSERT, id, kind, hash, keyId, keyHash, createdAt, expiresAt, guestText)
}

function found(row: Row | undefined): Visit | null {
  return row === undefined ? null : toVisit(row)
}

function toVisit({ no: _, guest, ...row }: Row): Visit {
  return { ...row, guest: guest === null ? null : JSON.parse(guest) }
}
