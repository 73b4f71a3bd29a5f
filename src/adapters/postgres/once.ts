// Marks of requests that were carried out, so that a repeat is answered instead of done again.

import { AppError } from '../../domain/errors.ts'
import type { Once, OnceStore } from '../../ports/store.ts'
import type { Database, Transaction } from './database.ts'
import { sql } from './sql.ts'

type Row = { readonly hash: string; readonly result: string; readonly at: number }

const INSERT = sql(
  'INSERT INTO once (scope, key, hash, result, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
)
const FIND = sql<Row>('SELECT hash, result, at FROM once WHERE scope = $1 AND key = $2')
const ASKED = sql('UPDATE once SET asked = asked + 1 WHERE scope = $1 AND key = $2')

export class OnceMarks implements OnceStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * What is found may be of a request whose commit nobody has confirmed: it could be on the primary alone. To answer it
   * is to acknowledge it, so a repeat is a write of its own, which lasts only after what came before it.
   */
  async find(scope: string, key: string): Promise<Once | null> {
    const row = await this.#db.read((reader) => reader.get(FIND, scope, key))
    if (row === undefined) return null
    await this.#db.write(row.at, (tx) => tx.run(ASKED, scope, key))
    return { scope, key, hash: row.hash, result: JSON.parse(row.result), at: row.at }
  }

  /** Within the transaction of what the request does; throws when another was faster, which takes all of it back. */
  async write(tx: Transaction, once: Once | undefined): Promise<void> {
    if (once === undefined) return
    const { scope, key, hash, result, at } = once
    if ((await tx.run(INSERT, scope, key, hash, JSON.stringify(result ?? null), at)) === 1) return
    throw new AppError(
      'idempotency_in_flight',
      'A request with this Idempotency-Key has just been carried out.',
    )
  }
}
