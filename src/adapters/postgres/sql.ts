// A statement of this store: prepared once on each connection, under a name made from its text.

import { createHash } from 'node:crypto'

/** `Row` is what one row of it comes back as: an object by column name. */
export type Sql<Row> = { readonly name: string; readonly text: string; readonly row?: Row }

export type Value = string | number | boolean | null | readonly (string | number | boolean | null)[]

export function sql<Row = Record<never, never>>(text: string): Sql<Row> {
  return { name: `c_${createHash('sha1').update(text).digest('hex').slice(0, 20)}`, text }
}

/** Rows as the arrays `unnest` takes: one for each column. */
export function columns<const Row extends readonly unknown[]>(rows: readonly Row[], width: number): Value[] {
  return Array.from({ length: width }, (_, column) => rows.map((row) => row[column] as string))
}
