// What only the store of one process promises.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import { DAY, NODE, seededChance, World } from '../contracts/world.ts'

test('what was being told when the process ended is due at the next start; a try that waits for its time is not', async () => {
  const chance = seededChance()
  await using world = await World.around(openSqliteStore({ path: ':memory:', chance }), chance)
  await world.ended({ callback: { url: 'https://told.test/' } })
  const take = (nodeId: string) =>
    world.store.outbox.due({ now: world.now, limit: 9, holdMs: 90_000, nodeId })
  const [held] = await take(NODE)
  assert.deepEqual(await take(NODE), [])
  await world.register('nod_b', DAY, { sole: true })
  const [again] = await take('nod_b')
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
  await world.register('nod_c', DAY, { sole: true })
  assert.deepEqual(await take('nod_c'), [])
})
