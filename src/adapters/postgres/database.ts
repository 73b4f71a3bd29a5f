// Transactions on PostgreSQL. What the network and the server throw becomes StoreUnavailable here, so that nobody above
// meets their codes. A transaction that met another one is done again, a bounded number of times.

import { AsyncLocalStorage } from 'node:async_hooks'
import { type AuditDraft, tookEffect } from '../../domain/audit.ts'
import type { Clock } from '../../ports/clock.ts'
import { StoreUnavailable } from '../../ports/store.ts'
import type { Answer, Connection } from './connection.ts'
import { asStoreFailure, isTransient } from './failure.ts'
import type { Pool } from './pool.ts'
import { type Sql, sql, type Value } from './sql.ts'

/** Whose clock says what `now` is: the database's in production, so that all nodes agree; the caller's in stories. */
export type WhoseClock = 'database' | 'caller'

const TRIES_MAX = 5
const AGAIN_AFTER_MS = 20

export const DATABASE_NOW = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint'

const CLOCK = sql<{ now: number }>(`SELECT ${DATABASE_NOW} AS now`)

/** Statements on one connection. */
export class Reader {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async all<Row>(statement: Sql<Row>, ...values: Value[]): Promise<Row[]> {
    return (await this.#connection.ask(statement, values)).rows
  }

  async get<Row>(statement: Sql<Row>, ...values: Value[]): Promise<Row | undefined> {
    return (await this.#connection.ask(statement, values)).rows[0]
  }

  /** How many rows it changed. */
  async run(statement: Sql<unknown>, ...values: Value[]): Promise<number> {
    return (await this.#connection.ask(statement, values)).count
  }
}

/** Statements of one transaction. `now` is when it began, by the clock that counts. */
export class Transaction extends Reader {
  readonly #connection: Connection
  readonly #whose: WhoseClock
  #now: number

  constructor(connection: Connection, now: number, whose: WhoseClock) {
    super(connection)
    this.#connection = connection
    this.#now = now
    this.#whose = whose
  }

  get now(): number {
    return this.#now
  }

  /** Whoever waited for a lock decides later than it began: from here on `now` is now. */
  async lookAtClock(): Promise<void> {
    if (this.#whose === 'database') this.#now = Math.max(this.#now, (await this.get(CLOCK))!.now)
  }

  /** For what has no values and is not prepared: partitions. */
  exec(text: string): ReturnType<Connection['exec']> {
    return this.#connection.exec(text)
  }

  /** What follows can be taken back alone. One at a time. */
  async savepoint(): Promise<void> {
    await this.#connection.exec('SAVEPOINT one')
  }

  async releaseSavepoint(): Promise<void> {
    await this.#connection.exec('RELEASE SAVEPOINT one')
  }

  async rollbackToSavepoint(): Promise<void> {
    await this.#connection.exec('ROLLBACK TO SAVEPOINT one; RELEASE SAVEPOINT one')
  }
}

class Abandoned {
  readonly result: unknown
  constructor(result: unknown) {
    this.result = result
  }
}

type Entry = { readonly draft: AuditDraft; written: boolean }
type WriteEntry = (tx: Transaction, entry: AuditDraft) => Promise<void>

type Step<Result> = (tx: Transaction, abandon: (result: Result) => never) => Promise<Result>

export class Database {
  readonly #pool: Pool
  readonly #whose: WhoseClock
  readonly #clock: Clock
  readonly #entries = new AsyncLocalStorage<Entry>()
  #writeEntry: WriteEntry = async () => {}

  constructor(pool: Pool, whose: WhoseClock, clock: Clock) {
    this.#pool = pool
    this.#whose = whose
    this.#clock = clock
  }

  /** Reads outside a transaction, on one connection. Done again where the connection turns out to be dead. */
  async read<Result>(step: (reader: Reader) => Promise<Result>): Promise<Result> {
    for (;;) {
      const { connection, fresh } = await this.#pool.acquire()
      try {
        return await step(new Reader(connection))
      } catch (error) {
        if (connection.lost) this.#pool.distrustIdle()
        if (fresh || !connection.lost) throw asStoreFailure(error)
      } finally {
        this.#pool.release(connection)
      }
    }
  }

  /**
   * One transaction: all of `step` or nothing. `abandon` ends it with a result and nothing written, for a race that
   * was lost. `before` is run in it first, for locks that must be held before anything is looked at.
   */
  async write<Result>(now: number, step: Step<Result>, before = ''): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      const { connection, began } = await this.#begin(now, before)
      try {
        const tx = new Transaction(connection, began, this.#whose)
        const result = await step(tx, abandon)
        const entry = this.#entries.getStore()
        const written = entry !== undefined && !entry.written && tookEffect(result)
        if (written) await this.#writeEntry(tx, entry.draft)
        await this.#commit(connection)
        if (written) entry.written = true
        return result
      } catch (error) {
        await this.#rollback(connection)
        if (error instanceof Abandoned) return error.result as Result
        if (!isTransient(error) || tries === TRIES_MAX) throw asStoreFailure(error)
      } finally {
        this.#pool.release(connection)
      }
      await this.#pause(AGAIN_AFTER_MS * tries)
    }
  }

  /** How an audit entry is written, within a transaction. */
  onEntry(write: WriteEntry): void {
    this.#writeEntry = write
  }

  /** The first transaction of `step` that does something writes the entry too. */
  during<Result>(draft: AuditDraft, step: () => Promise<Result>): Promise<Result> {
    return this.#entries.run({ draft, written: false }, step)
  }

  /** On a connection that turns out to be dead nothing has happened yet: the next one is taken. */
  async #begin(now: number, before: string): Promise<{ connection: Connection; began: number }> {
    const clock = this.#whose === 'database' ? `;SELECT ${DATABASE_NOW} AS now` : ''
    for (;;) {
      const { connection, fresh } = await this.#pool.acquire()
      try {
        connection.takeWarning()
        const answers = await connection.exec(`BEGIN${before === '' ? '' : `;${before}`}${clock}`)
        return { connection, began: clock === '' ? now : Number(answers.at(-1)!.rows[0]!['now']) }
      } catch (error) {
        const stale = connection.lost && !fresh
        if (connection.lost) this.#pool.distrustIdle()
        else await this.#rollback(connection)
        this.#pool.release(connection)
        if (!stale) throw asStoreFailure(error)
      }
    }
  }

  /**
   * Done means durable. A server that gave up waiting for its standby says so in a warning and has committed alone: then
   * nobody knows whether it will last, and that is not an ok.
   */
  async #commit(connection: Connection): Promise<void> {
    const [{ command }] = (await connection.exec('COMMIT')) as [Answer<unknown>]
    const warning = connection.takeWarning()
    if (warning !== null)
      throw new StoreUnavailable(`it is unknown whether this will last: the database says "${warning}"`)
    if (command !== 'COMMIT') throw new Error(`a transaction ended as ${command}`)
  }

  async #rollback(connection: Connection): Promise<void> {
    if (connection.lost) {
      this.#pool.distrustIdle()
      return
    }
    try {
      await connection.exec('ROLLBACK')
    } catch {
      connection.destroy()
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(ms, resolve)
    })
  }
}

function abandon(result: unknown): never {
  throw new Abandoned(result)
}
