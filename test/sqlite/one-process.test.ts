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
  assert.equal(await world.store.nodes.renew(NODE, world.now, 1_000), null)
  assert.deepEqual(await world.store.nodes.renew('nod_b', world.now, 1_000), { now: world.now })
})

test('what was being told when the process ended is due at the next start; a try that waits for its time is not', async () => {
  const chance = seededChance()
  await using world = await World.around(openSqliteStore({ path: ':memory:', chance }), chance)
  await world.ended({ callback: { url: 'https://told.test/' } })
  const take = () => world.store.outbox.due({ now: world.now, limit: 9, holdMs: 90_000 })
  const [held] = await take()
  assert.deepEqual(await take(), [])
  await world.register('nod_b')
  const [again] = await take()
  assert.equal(again?.effect.id, held!.effect.id)

  const ended = {
    number: 1,
    startedAt: world.now,
    endedAt: world.now,
    status: 500,
    ok: false,
    message: 'deaf',
  }
  const delivery = { effectId: held!.effect.id, ...ended }
  await world.store.outbox.record([{ delivery, nextTryAt: world.now + 1_000 }])
  await world.register('nod_c')
  assert.deepEqual(await take(), [])
})
