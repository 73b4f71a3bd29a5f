// SQLite prepares a statement anew where a parameter that it looked into for its plan is bound again. What a store asks all the
// time must not cost that: it is some twenty times what the answer "nothing" costs.

import assert from 'node:assert/strict'
import { constants, DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import { seededChance } from '../contracts/world.ts'

test('no statement of a store is prepared anew when it is asked again', async (t) => {
  const prepare = t.mock.method(DatabaseSync.prototype, 'prepare')
  await using _store = openSqliteStore({ path: ':memory:', chance: seededChance() })
  const db = prepare.mock.calls[0]!.this as DatabaseSync
  const texts = new Set(prepare.mock.calls.map(({ arguments: [text] }) => text))
  assert.ok(texts.size > 200, 'the statements of a store')
  const anew: string[] = []
  for (const text of texts) {
    if (!/^\s*(SELECT|WITH)/.test(text)) continue
    const statement = db.prepare(text)
    const numbered = [...text.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number))
    const values = Array(Math.max(0, ...numbered) || (text.match(/\?/g) ?? []).length).fill(1)
    // Whatever could not be known before the first values is known now.
    statement.all(...values)
    let looked = 0
    db.setAuthorizer(() => {
      looked += 1
      return constants.SQLITE_OK
    })
    // Setting it makes all statements anew once.
    statement.all(...values)
    looked = 0
    statement.all(...values)
    db.setAuthorizer(null)
    if (looked > 0) anew.push(text)
  }
  assert.deepEqual(anew, [])
})
