// Rows written ten to a statement: what a statement costs by itself is a third of what writing a run costs. They are
// gathered within one transaction. Whoever reads what they change calls `flush` first, and everybody does at the end.

import type { SQLInputValue } from 'node:sqlite'
import { StoreUnavailable } from '../../ports/store.ts'
import type { Command, Database } from './database.ts'
import { asStoreFailure } from './failure.ts'

const TEN = 10

/** Which of the rows that were written together is to blame is not known. */
export class RowsRefused extends Error {}

type Texts = {
  /** The values of one row, in this order for both. */
  readonly row: string
  readonly one: string
  readonly ten: (rows: string) => string
}

export class InTens {
  readonly #db: Database
  readonly #one: Command
  readonly #ten: Command
  /** Of all rows gathered, one after the other: as they are bound. */
  #values: SQLInputValue[] = []
  #rows = 0
  #transaction: number | null = null

  constructor(db: Database, { row, one, ten }: Texts) {
    this.#db = db
    this.#one = db.command(one)
    this.#ten = db.command(ten(Array(TEN).fill(row).join(', ')))
  }

  add(row: readonly SQLInputValue[]): void {
    const { transaction } = this.#db
    // What was gathered in one that failed went with it.
    if (this.#transaction !== transaction) this.#take()
    this.#transaction = transaction
    for (let at = 0; at < row.length; at += 1) this.#values.push(row[at]!)
    this.#rows += 1
    if (this.#rows === TEN) this.flush()
  }

  flush(): void {
    if (this.#rows === 0) return
    const { rows, values } = this.#take()
    if (this.#transaction !== this.#db.transaction) return
    try {
      if (rows === TEN) expect(this.#ten.run(...values).changes, TEN)
      else {
        const width = values.length / rows
        for (let at = 0; at < values.length; at += width)
          expect(this.#one.run(...values.slice(at, at + width)).changes, 1)
      }
    } catch (error) {
      const failure = asStoreFailure(error)
      if (failure instanceof StoreUnavailable) throw failure
      const { message } = failure as Error
      throw new RowsRefused(`one of ${rows} rows that were written together: ${message}`, {
        cause: failure,
      })
    }
  }

  #take(): { rows: number; values: SQLInputValue[] } {
    const taken = { rows: this.#rows, values: this.#values }
    this.#rows = 0
    this.#values = []
    return taken
  }
}

function expect(changes: number | bigint, rows: number): void {
  if (changes !== rows) throw new Error(`${changes} of ${rows} rows were written`)
}
