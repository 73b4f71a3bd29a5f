// What is due while no slot is free: it is planned when one comes free, and a few seconds later in any case.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OK, slow } from './scripted-world.ts'
import { MINUTE, SECOND, Story, since, T0 } from './story.ts'

const AT_ONCE = { schedule: { at: new Date(T0 + MINUTE).toISOString() } }

async function withOneSlow(ms: number): Promise<Story> {
  const story = await Story.begin({ slots: 1 })
  for (const name of ['first', 'second']) {
    story.outside.script(name, name === 'first' ? slow(ms) : OK)
    await story.job(name, AT_ONCE)
  }
  return story
}

test('a slot comes free soon: what waited is planned and rings at that moment', async () => {
  await using story = await withOneSlow(3 * SECOND)
  await story.advance(MINUTE + 2 * SECOND)
  assert.deepEqual(await story.book('second'), [])
  await story.advance(SECOND)
  assert.deepEqual(await story.book('second'), ['+60s succeeded'])
  assert.deepEqual(
    story.outside.of('second').map(({ at, late }) => [since(at), late]),
    [['+63s', false]],
  )
})

test('no slot comes free: what is due is in the ledger after 5 s, and waits there', async () => {
  await using story = await withOneSlow(20 * SECOND)
  await story.advance(MINUTE + 5 * SECOND)
  assert.deepEqual(
    (await story.runs('second')).map(({ status }) => status),
    ['pending'],
  )
  await story.advance(15 * SECOND)
  assert.deepEqual(await story.book('second'), ['+60s succeeded'])
})

test('runs of a batch share slots: 64 are under way at once where there is one slot', async () => {
  await using story = await Story.begin({ slots: 1 })
  const names = Array.from({ length: 64 }, (_, n) => `many-${n}`)
  for (const name of names) {
    story.outside.script(name, slow(SECOND))
    await story.job(name, { ...AT_ONCE, target: { http: { url: `http://${name}.test/`, batch: {} } } })
  }
  await story.advance(MINUTE)
  const calls = story.outside.calls.map(({ at }) => since(at))
  assert.deepEqual(calls, new Array(64).fill('+60s'))
  await story.advance(SECOND)
  for (const name of names) assert.deepEqual(await story.book(name), ['+60s succeeded'])
})
