// Numbers that count up, each given out once.

import type { SequenceStore } from '../../ports/store.ts'
import type { Database } from './database.ts'
import { sql } from './sql.ts'

const TAKE = sql<{ next: number }>(
  `INSERT INTO sequences AS s (name, next) VALUES ($1, 1 + $2::bigint)
   ON CONFLICT (name) DO UPDATE SET next = s.next + excluded.next - 1 RETURNING next`,
)

export class Sequences implements SequenceStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  take(name: string, count: number): Promise<number> {
    return this.#db.write(0, async (tx) => (await tx.get(TAKE, name, count))!.next - count)
  }
}
