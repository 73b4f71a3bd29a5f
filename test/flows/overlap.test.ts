// A run is due while another of its job is under way: what becomes of it is the job's to say.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { triggerJob } from '../../src/commands/trigger-job.ts'
import { everyFrom } from '../support/due-by-hand.ts'
import { OK, slow } from './scripted-world.ts'
import { MINUTE, SECOND, Story, since, T0 } from './story.ts'

/** Its first run takes 150 s, two and a half periods; the others none. */
async function withSlowFirst(overlap: 'skip' | 'queue' | 'allow' | 'replace', max?: number): Promise<Story> {
  const story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth === 1 ? slow(150 * SECOND) : OK))
  await story.job('bill', { policy: { overlap: max === undefined ? overlap : { mode: overlap, max } } })
  await story.advance(5 * MINUTE)
  await story.isComplete('bill', everyFrom(T0, MINUTE, T0, T0 + 5 * MINUTE))
  return story
}

test('skip: what comes too soon is written down as skipped', async () => {
  await using story = await withSlowFirst('skip')
  assert.deepEqual(await story.book('bill'), [
    '+60s succeeded',
    '+120s skipped overlap',
    '+180s skipped overlap',
    '+240s succeeded',
    '+300s succeeded',
  ])
})

test('queue: what comes too soon waits its turn, one after the other', async () => {
  await using story = await withSlowFirst('queue')
  assert.deepEqual(await story.book('bill'), [
    '+60s succeeded',
    '+120s succeeded',
    '+180s succeeded',
    '+240s succeeded',
    '+300s succeeded',
  ])
  assert.deepEqual(
    story.outside.of('bill').map(({ at, dueAt }) => `${since(dueAt)} at ${since(at)}`),
    ['+60s at +60s', '+120s at +210s', '+180s at +210s', '+240s at +240s', '+300s at +300s'],
  )
})

test('queue of one: the second that would wait is skipped', async () => {
  await using story = await withSlowFirst('queue', 1)
  assert.deepEqual(await story.book('bill'), [
    '+60s succeeded',
    '+120s succeeded',
    '+180s skipped overlap',
    '+240s succeeded',
    '+300s succeeded',
  ])
})

test('allow: they run beside each other, up to the limit', async () => {
  await using story = await withSlowFirst('allow', 2)
  assert.deepEqual(
    story.outside.of('bill').map(({ at }) => since(at)),
    ['+60s', '+120s', '+180s', '+240s', '+300s'],
  )
  await using narrow = await withSlowFirst('allow', 1)
  assert.equal((await narrow.book('bill'))[1], '+120s skipped overlap')
})

test('replace: the old one is cancelled and broken off, and its late report changes nothing', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth === 1 ? 'never' : OK))
  await story.job('bill', { policy: { overlap: 'replace' } })
  await story.advance(3 * MINUTE)
  assert.deepEqual(await story.book('bill'), ['+60s cancelled', '+120s succeeded', '+180s succeeded'])
  const [old] = await story.runs('bill')
  assert.equal(old?.message, 'replaced by a newer run')
  assert.deepEqual(story.outside.brokenOff, [old?.id])
  assert.deepEqual(
    (await story.attempts(old!.id)).map(({ outcome }) => outcome),
    ['cancelled'],
  )
})

test('replace by hand: the call of the replaced run is broken off as well', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth === 1 ? 'never' : OK))
  await story.job('bill', { schedule: { every: '1h' }, policy: { overlap: 'replace' } })
  await story.ask((ctx, who) => triggerJob(ctx, who, { idOrName: 'bill' }, {}))
  await story.advance(10 * SECOND)
  await story.ask((ctx, who) => triggerJob(ctx, who, { idOrName: 'bill' }, {}))
  await story.advance(10 * SECOND)
  assert.deepEqual(await story.book('bill'), ['+0s cancelled manual', '+10s succeeded manual'])
  assert.deepEqual(story.outside.brokenOff, [story.outside.of('bill')[0]?.runId])
})

test('replace while the old one waits for its retry: it has rung, so it is cancelled', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) =>
    nth === 1 ? { kind: 'timeout', message: 'no answer', reached: 'maybe' } : OK,
  )
  await story.job('bill', { policy: { overlap: 'replace', retry: { delays: ['10m'] } } })
  await story.advance(2 * MINUTE)
  assert.deepEqual(await story.book('bill'), ['+60s cancelled', '+120s succeeded'])
})
