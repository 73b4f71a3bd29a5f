// What only the store of one process promises.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import { NODE, seededChance, World } from '../contracts/world.ts'

test('a start ends all nodes before it, however long their lease', async () => {
  const chance = seededChance()
  await using world = await World.around(openSqliteStore({ path: ':memory:', chance }), chance)
  const work = await world.running()
  assert.deepEqual(await world.store.runs.lost(world.now, 9), [])
  await world.register('nod_b')
  assert.deepEqual(await world.store.runs.lost(world.now, 9), [work])
  assert.equal(await world.store.nodes.renew(NODE, world.now, 1_000), false)
  assert.equal(await world.store.nodes.renew('nod_b', world.now, 1_000), true)
})
