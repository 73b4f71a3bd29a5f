// Rows written many to a statement: what a statement costs by itself is a third of what writing a run costs. They are
// gathered within one transaction. Whoever reads what they change calls `flush` first, and everybody does at the end.

import type { SQLInputValue } from 'node:sqlite'
import { StoreUnavailable } from '../../ports/store.ts'
import type { Command, Database } from './database.ts'
import { asStoreFailure } from './failure.ts'

const TEN = 10
/** Rows that are alike go further together: what they share is bound once. */
const ALIKE = 30

/** Which of the rows that were written together is to blame is not known. */
export class RowsRefused extends Error {}

type Texts = {
  /** The values of one row, in this order for each. */
  readonly row: string
  /** Columns, counted from 0, in which even rows differ that are alike, as those of jobs that are due in one instant are. */
  readonly own: readonly number[]
  readonly one: string
  readonly many: (rows: string) => string
}

export class InTens {
  readonly #db: Database
  readonly #own: readonly number[]
  readonly #shared: readonly number[]
  readonly #one: Command
  readonly #ten: Command
  readonly #alike: Command
  /** Of all rows gathered, one after the other: as they are bound. */
  #values: SQLInputValue[] = []
  #rows = 0
  #areAlike = true
  #transaction: number | null = null

  constructor(db: Database, { row, own, one, many }: Texts) {
    this.#db = db
    this.#own = own
    this.#shared = Array.from({ length: row.split('?').length - 1 }, (_, column) => column).filter(
      (column) => !own.includes(column),
    )
    this.#one = db.command(one)
    this.#ten = db.command(many(Array(TEN).fill(row).join(', ')))
    const alike = Array.from({ length: ALIKE }, (_, at) => this.#numbered(row, at))
    this.#alike = db.command(many(alike.join(', ')))
  }

  add(row: readonly SQLInputValue[]): void {
    const { transaction } = this.#db
    // What was gathered in one that failed went with it.
    if (this.#transaction !== transaction) this.#take()
    this.#transaction = transaction
    // The rows before it need not wait for others like it.
    if (this.#areAlike && this.#rows > 0 && !this.#isLikeTheFirst(row)) {
      if (this.#rows >= TEN) this.flush()
      else this.#areAlike = false
    }
    for (let at = 0; at < row.length; at += 1) this.#values.push(row[at]!)
    this.#rows += 1
    if (this.#rows === (this.#areAlike ? ALIKE : TEN)) this.flush()
  }

  flush(): void {
    if (this.#rows === 0) return
    const { rows, values } = this.#take()
    if (this.#transaction !== this.#db.transaction) return
    try {
      if (rows === ALIKE) written(this.#alike.run(...this.#once(values)), ALIKE)
      else this.#inTens(rows, values)
    } catch (error) {
      const failure = asStoreFailure(error)
      if (failure instanceof StoreUnavailable) throw failure
      const { message } = failure as Error
      throw new RowsRefused(`one of ${rows} rows that were written together: ${message}`, {
        cause: failure,
      })
    }
  }

  #inTens(rows: number, values: readonly SQLInputValue[]): void {
    const width = values.length / rows
    for (let at = 0; at < rows; ) {
      const count = rows - at < TEN ? 1 : TEN
      const some = values.slice(at * width, (at + count) * width)
      written((count === TEN ? this.#ten : this.#one).run(...some), count)
      at += count
    }
  }

  #isLikeTheFirst(row: readonly SQLInputValue[]): boolean {
    for (const column of this.#shared) if (this.#values[column] !== row[column]) return false
    return true
  }

  /** What the rows share, then what each has of its own. */
  #once(values: readonly SQLInputValue[]): SQLInputValue[] {
    const width = values.length / ALIKE
    const once = this.#shared.map((column) => values[column]!)
    for (let at = 0; at < values.length; at += width)
      for (const column of this.#own) once.push(values[at + column]!)
    return once
  }

  /** The row with the places at which `#once` has its values. */
  #numbered(row: string, at: number): string {
    const places = new Map<number, number>()
    for (const column of this.#shared) places.set(column, places.size + 1)
    const before = this.#shared.length + at * this.#own.length
    for (const [n, column] of this.#own.entries()) places.set(column, before + n + 1)
    let column = 0
    return row.replace(/\?/g, () => `?${places.get(column++)}`)
  }

  #take(): { rows: number; values: SQLInputValue[] } {
    const taken = { rows: this.#rows, values: this.#values }
    this.#rows = 0
    this.#areAlike = true
    this.#values = []
    return taken
  }
}

function written({ changes }: ReturnType<Command['run']>, rows: number): void {
  if (changes !== rows) throw new Error(`${changes} of ${rows} rows were written`)
}
