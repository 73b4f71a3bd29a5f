// The numbers of projects and nodes, which every run refers to, and their ids. Neither number is ever reused.

import type { Database, Query } from './database.ts'

export class Registry {
  readonly #table: 'projects' | 'nodes'
  readonly #byId: Query<readonly [number]>
  readonly #byNo: Query<readonly [string]>
  readonly #nos = new Map<string, number>()
  readonly #ids = new Map<number, string>()

  constructor(db: Database, table: 'projects' | 'nodes') {
    this.#table = table
    this.#byId = db.tuples(`SELECT no FROM ${table} WHERE id = ?`)
    this.#byNo = db.tuples(`SELECT id FROM ${table} WHERE no = ?`)
  }

  /** null: there is no such row (any more). */
  no(id: string): number | null {
    const known = this.#nos.get(id) ?? this.#byId.get(id)?.[0]
    if (known === undefined) return null
    this.#remember(id, known)
    return known
  }

  id(no: number): string {
    const known = this.#ids.get(no)
    if (known !== undefined) return known
    const found = this.#byNo.get(no)?.[0]
    // Nodes long gone are forgotten before what they did is.
    if (found === undefined && this.#table === 'nodes') return `nod_forgotten_${no}`
    if (found === undefined) throw new Error(`a row refers to number ${no}, which does not exist`)
    this.#remember(found, no)
    return found
  }

  forget(id: string): void {
    const no = this.#nos.get(id)
    this.#nos.delete(id)
    if (no !== undefined) this.#ids.delete(no)
  }

  #remember(id: string, no: number): void {
    this.#nos.set(id, no)
    this.#ids.set(no, id)
  }
}
