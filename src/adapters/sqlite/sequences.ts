// Numbers that count up, each given out once.

import type { SequenceStore } from '../../ports/store.ts'
import type { Database, Query } from './database.ts'

export class Sequences implements SequenceStore {
  readonly #db: Database
  readonly #take: Query<{ readonly next: number }>

  constructor(db: Database) {
    this.#db = db
    this.#take = db.query(
      `INSERT INTO sequences (name, next) VALUES (?, 1 + ?)
       ON CONFLICT (name) DO UPDATE SET next = next + excluded.next - 1 RETURNING next`,
    )
  }

  async take(name: string, count: number): Promise<number> {
    return this.#db.write(() => this.#take.get(name, count)!.next - count)
  }
}
