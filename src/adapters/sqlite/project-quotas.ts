// What projects may use. Within a transaction nobody changes it, so it is read once for all runs that one writes.

import type { Quotas } from '../../domain/quotas.ts'
import type { Database, Query } from './database.ts'

const NONE: Quotas = {}

export class ProjectQuotas {
  readonly #db: Database
  readonly #read: Query<readonly [string]>
  readonly #known = new Map<number, Quotas>()
  #transaction: number | null = null

  constructor(db: Database) {
    this.#db = db
    this.#read = db.tuples("SELECT quotas FROM projects WHERE no = ? AND quotas <> '{}'")
  }

  of(projectNo: number): Quotas {
    const { transaction } = this.#db
    if (transaction === null || transaction !== this.#transaction) {
      this.#known.clear()
      this.#transaction = transaction
    }
    const known = this.#known.get(projectNo)
    if (known !== undefined) return known
    const text = this.#read.get(projectNo)?.[0]
    const quotas = text === undefined ? NONE : (JSON.parse(text) as Quotas)
    this.#known.set(projectNo, quotas)
    return quotas
  }
}
