// One connection to SQLite: durable or refused, prepared statements, transactions. What SQLite throws becomes
// StoreUnavailable here, so that nobody above meets its codes.

import { AsyncLocalStorage } from 'node:async_hooks'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { type AuditDraft, tookEffect } from '../../domain/audit.ts'
import { asStoreFailure } from './failure.ts'

const BUSY_TIMEOUT_MS = 1_000
/** Pages that are not here are in the cache of the system, a read away: more costs each server more than it gives. */
const CACHE_KIB = 8_192
/** Pages of 4 KiB. More would make a burst cheaper, and the one commit that has to copy them into the file slower. */
const WAL_CHECKPOINT_PAGES = 4_000
const WAL_KEPT_BYTES = 64 * 1_048_576

const FULL = 2

/**
 * How a step changes a run. What a trigger or a constraint refuses takes the transaction back, which `write` does anyway: so SQLite
 * keeps no copies of pages to take back the statement alone, a fifth of what ending a run costs.
 */
export const UPDATE_RUNS = 'UPDATE OR ROLLBACK runs'

/**
 * SQLite looks into a parameter that is a limit by itself to choose a plan, and for that prepares the statement anew each
 * time it is bound: 20 to 40 µs for a query of a run that finds nothing, in place of one. Into a sum it does not look.
 */
const LIMIT = /\bLIMIT (\?\d*)/g

type Values = readonly SQLInputValue[]

/** A prepared query whose rows are objects by column name, or tuples by position where every microsecond counts. */
export interface Query<Row> {
  all(...values: Values): Row[]
  get(...values: Values): Row | undefined
  iterate(...values: Values): Iterable<Row>
}

export interface Command {
  run(...values: Values): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint }
}

type Entry = { readonly draft: AuditDraft; written: boolean }

class Abandoned {
  readonly result: unknown
  constructor(result: unknown) {
    this.result = result
  }
}

export class Database implements Disposable {
  readonly #db: DatabaseSync
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #entries = new AsyncLocalStorage<Entry>()
  #writeEntry: (entry: AuditDraft) => void = () => {}
  #transactions = 0
  #inside = false

  constructor(path: string) {
    this.#db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true })
    try {
      this.#makeDurable(path)
      this.#begin = this.#db.prepare('BEGIN IMMEDIATE')
      this.#commit = this.#db.prepare('COMMIT')
    } catch (error) {
      this.#db.close()
      throw asStoreFailure(error)
    }
  }

  query<Row>(sql: string): Query<Row> {
    return this.#prepare(sql) as unknown as Query<Row>
  }

  tuples<Row extends readonly unknown[]>(sql: string): Query<Row> {
    const statement = this.#prepare(sql)
    statement.setReturnArrays(true)
    return statement as unknown as Query<Row>
  }

  command(sql: string): Command {
    return this.#prepare(sql)
  }

  exec(sql: string): void {
    this.#db.exec(sql)
  }

  /**
   * One transaction: all of `step` or nothing. `abandon` ends it with a result and nothing written, for a race
   * that was lost.
   */
  write<Result>(step: (abandon: (result: Result) => never) => Result): Result {
    try {
      this.#begin.run()
      this.#transactions += 1
      this.#inside = true
      const result = step(abandon)
      const entry = this.#entries.getStore()
      const written = entry !== undefined && !entry.written && tookEffect(result)
      if (written) this.#writeEntry(entry.draft)
      this.#commit.run()
      if (written) entry.written = true
      return result
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      if (error instanceof Abandoned) return error.result as Result
      throw asStoreFailure(error)
    } finally {
      this.#inside = false
    }
  }

  /** The one that is under way; null: none. */
  get transaction(): number | null {
    return this.#inside ? this.#transactions : null
  }

  /** How an audit entry is written, within a transaction. */
  onEntry(write: (entry: AuditDraft) => void): void {
    this.#writeEntry = write
  }

  /** The first transaction of `step` that does something writes the entry too. */
  during<Result>(draft: AuditDraft, step: () => Promise<Result>): Promise<Result> {
    return this.#entries.run({ draft, written: false }, step)
  }

  /** Reads outside a transaction; several statements of one call see one state, as nothing comes between them. */
  read<Result>(step: () => Result): Result {
    try {
      return step()
    } catch (error) {
      throw asStoreFailure(error)
    }
  }

  [Symbol.dispose](): void {
    if (this.#db.isOpen) this.#db.close()
  }

  #prepare(sql: string): StatementSync {
    return this.#db.prepare(sql.replace(LIMIT, 'LIMIT $1 + 0'))
  }

  /** Set, then read back: a setting that did not take would be found out by a power cut only. */
  #makeDurable(path: string): void {
    this.#db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
       PRAGMA cache_size = -${CACHE_KIB}; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;
       PRAGMA wal_autocheckpoint = ${WAL_CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${WAL_KEPT_BYTES};
       PRAGMA trusted_schema = OFF`,
    )
    this.#require('synchronous', FULL)
    this.#require('foreign_keys', 1)
    if (path !== ':memory:') this.#require('journal_mode', 'wal')
  }

  #require(pragma: string, expected: number | string): void {
    const actual = Object.values(this.#db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]
    if (actual === expected) return
    throw new Error(
      `SQLite did not take ${pragma} = ${expected} (it is ${actual}), so what is acknowledged could be lost. ` +
        'Put the data directory on a local disk whose file system has locks and shared memory.',
    )
  }
}

function abandon(result: unknown): never {
  throw new Abandoned(result)
}
