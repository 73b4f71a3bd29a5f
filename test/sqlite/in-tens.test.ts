// However rows come together, each is written once and with its own values, and one that is refused takes back all.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Database } from '../../src/adapters/sqlite/database.ts'
import { InTens, RowsRefused } from '../../src/adapters/sqlite/in-tens.ts'

type Row = readonly [no: number, kind: string, note: string | null]

function table() {
  const db = new Database(':memory:')
  db.exec('CREATE TABLE things (no INTEGER PRIMARY KEY, kind TEXT NOT NULL, note TEXT) STRICT')
  const insert = (rows: string): string => `INSERT INTO things (kind, no, note) VALUES ${rows}`
  const rows = new InTens(db, { row: '(?, ?, ?)', own: [1], one: insert('(?, ?, ?)'), many: insert })
  const add = (all: readonly Row[]): void => {
    for (const [no, kind, note] of all) rows.add([kind, no, note])
  }
  const written = db.tuples<Row>('SELECT no, kind, note FROM things ORDER BY no')
  return { db, rows, add, written: () => written.all().map((row) => [...row]) }
}

/** `kindOf` says which are alike. */
function rowsOf(count: number, kindOf: (n: number) => number): Row[] {
  return Array.from({ length: count }, (_, n) => [
    n + 1,
    `kind ${kindOf(n)}`,
    kindOf(n) % 2 === 0 ? null : 'odd',
  ])
}

for (const count of [1, 9, 10, 29, 30, 31, 40, 75, 200])
  for (const [name, kindOf] of [
    ['alike', () => 0],
    ['each different', (n: number) => n],
    ['in turns', (n: number) => n % 2],
    ['alike for a while', (n: number) => Math.floor(n / 37)],
    ['in short rows', (n: number) => Math.floor(n / 4)],
    ['alike, then different', (n: number) => (n < 45 ? 0 : n)],
    ['different, then alike', (n: number) => (n < 13 ? n : 99)],
  ] as const)
    test(`${count} rows ${name}: each is written as it came`, () => {
      const { db, rows, add, written } = table()
      const all = rowsOf(count, kindOf)
      db.write(() => {
        add(all)
        rows.flush()
      })
      assert.deepEqual(written(), all)
      db[Symbol.dispose]()
    })

for (const kindOf of [() => 0, (n: number) => n])
  for (const at of [0, 5, 17, 33])
    test(`one that is refused (${kindOf(1) === 0 ? 'alike' : 'different'}, after ${at} rows) comes out as RowsRefused`, () => {
      const { db, rows, add, written } = table()
      const all = rowsOf(40, kindOf)
      const [, kind, note] = all[at]!
      all[at] = [at === 0 ? 2 : 1, kind, note]
      assert.throws(
        () =>
          db.write(() => {
            add(all)
            rows.flush()
          }),
        RowsRefused,
      )
      assert.deepEqual(written(), [])
      // What was left of it goes with it.
      db.write(() => {
        add([[7, 'kind 0', null]])
        rows.flush()
      })
      assert.deepEqual(written(), [[7, 'kind 0', null]])
      db[Symbol.dispose]()
    })
