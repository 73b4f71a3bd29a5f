// The pair does what it is for: what was acknowledged is there after the primary was killed, again and again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PostgresPair } from './postgres-pair.ts'

test('acknowledged writes survive two failovers', async () => {
  await using pair = await PostgresPair.start()
  await pair.primary.query('CREATE TABLE kept (n int)')
  for (const n of [1, 2]) {
    const fallen = pair.primary
    await pair.primary.query(`INSERT INTO kept VALUES (${n})`)
    await pair.failOver()
    assert.notEqual(pair.primary, fallen)
    await pair.rejoin()
  }
  assert.deepEqual(await pair.primary.query('SELECT n FROM kept ORDER BY n'), [{ n: 1 }, { n: 2 }])
  const [row] = await pair.standby.query<{ away: boolean }>('SELECT pg_is_in_recovery() AS away')
  assert.equal(row?.away, true)
})
