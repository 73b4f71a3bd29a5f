// The kill test of the embedded store, on PostgreSQL: what a killed server held is taken over when its lease runs out.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killRounds } from '../e2e/kill-rounds.ts'
import { PostgresServer } from '../support/postgres-server.ts'

test('a server on PostgreSQL that is killed again and again owes nothing in the end', async () => {
  await using server = await PostgresServer.start()
  const store = await server.database()
  const figures = await killRounds({ rounds: 4, seed: 20_270_102, store })
  assert.deepEqual(figures.faults, [])
  assert.ok(figures.dueInstants > 200 && figures.rings > 200, JSON.stringify(figures))
  assert.ok(figures.lost > 0, `no kill hit a run under way: ${JSON.stringify(figures)}`)
  assert.ok(figures.repeats > 0, `no request was cut off: ${JSON.stringify(figures)}`)
})
