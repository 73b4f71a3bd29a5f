// Marks of requests that were carried out, so that a repeat is answered instead of done again.

import { AppError } from '../../domain/errors.ts'
import type { Once, OnceStore } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'

type Row = { readonly hash: string; readonly result: string; readonly at: number }

export class OnceMarks implements OnceStore {
  readonly #db: Database
  readonly #insert: Command
  readonly #find: Query<Row>

  constructor(db: Database) {
    this.#db = db
    this.#insert = db.command(
      'INSERT INTO once (scope, key, hash, result, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
    this.#find = db.query('SELECT hash, result, at FROM once WHERE scope = ? AND key = ?')
  }

  async find(scope: string, key: string): Promise<Once | null> {
    return this.#db.read(() => {
      const row = this.#find.get(scope, key)
      return row === undefined
        ? null
        : { scope, key, hash: row.hash, result: JSON.parse(row.result), at: row.at }
    })
  }

  /** Within the transaction of what the request does; throws when another was faster, which takes all of it back. */
  write(once: Once | undefined): void {
    if (once === undefined) return
    const { scope, key, hash, result, at } = once
    if (this.#insert.run(scope, key, hash, JSON.stringify(result ?? null), at).changes === 1) return
    throw new AppError(
      'idempotency_in_flight',
      'A request with this Idempotency-Key has just been carried out.',
    )
  }
}
