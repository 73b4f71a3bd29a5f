// What became due while nothing could ring it: run late, or written down as missed, as the job's rule says.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PolicySpec } from '../../src/domain/policy.ts'
import { everyFrom } from '../support/due-by-hand.ts'
import { slow } from './scripted-world.ts'
import { DAY, HOUR, MINUTE, SECOND, Story, since, T0 } from './story.ts'

/** Rings at 60 s and 120 s, is down from 150 s to 470 s (180 … 420 s pass), rings again at 480 s and 540 s. */
async function throughDowntime(policy: PolicySpec): Promise<Story> {
  const story = await Story.begin()
  await story.job('bill', { policy })
  await story.advance(150 * SECOND)
  await story.down(320 * SECOND)
  await story.advance(70 * SECOND)
  await story.isComplete('bill', everyFrom(T0, MINUTE, T0, T0 + 540 * SECOND))
  return story
}

const BEFORE = ['+60s succeeded', '+120s succeeded']
const AFTER = ['+480s succeeded', '+540s succeeded']

test('none: all of them are missed', async () => {
  // Back 50 s after the last one, which is on time until the next: 60 s.
  await using onTime = await throughDowntime({ catchUp: 'none' })
  assert.deepEqual(await onTime.book('bill'), [
    ...BEFORE,
    '+180s..+360s 4 missed catch_up_limit',
    '+420s succeeded',
    ...AFTER,
  ])
  await using story = await Story.begin()
  await story.job('bill', { schedule: { every: '10m' }, policy: { catchUp: 'none' } })
  await story.advance(15 * MINUTE)
  await story.down(30 * MINUTE)
  await story.advance(10 * MINUTE)
  assert.deepEqual(await story.book('bill'), [
    '+600s succeeded',
    '+1200s..+2400s 3 missed catch_up_limit',
    '+3000s succeeded',
  ])
})

test('latest, the default: the last of them runs, late; the others are superseded', async () => {
  await using story = await Story.begin()
  await story.job('bill', { schedule: { every: '10m' } })
  await story.advance(15 * MINUTE)
  await story.down(30 * MINUTE)
  await story.advance(10 * MINUTE)
  assert.deepEqual(await story.book('bill'), [
    '+600s succeeded',
    '+1200s..+1800s 2 missed superseded',
    '+2400s succeeded late',
    '+3000s succeeded',
  ])
  assert.deepEqual(
    story.outside.of('bill').map(({ at, late }) => [since(at), late]),
    [
      ['+600s', false],
      ['+2700s', true],
      ['+3000s', false],
    ],
  )
})

test('latest within: what is older than that is missed as too late', async () => {
  await using story = await Story.begin()
  await story.job('bill', {
    schedule: { every: '1h' },
    policy: { catchUp: { mode: 'latest', within: '30m' } },
  })
  await story.advance(HOUR)
  await story.down(2 * HOUR + 40 * MINUTE)
  await story.advance(HOUR)
  assert.deepEqual(await story.book('bill'), [
    '+3600s succeeded',
    '+7200s..+10800s 2 missed too_late',
    '+14400s succeeded',
  ])
})

test('all: each of them runs, oldest first', async () => {
  await using story = await throughDowntime({ catchUp: 'all', overlap: 'queue' })
  assert.deepEqual(await story.book('bill'), [
    ...BEFORE,
    '+180s succeeded late',
    '+240s succeeded late',
    '+300s succeeded late',
    '+360s succeeded late',
    '+420s succeeded',
    ...AFTER,
  ])
  assert.deepEqual(
    story.outside.of('bill').map(({ dueAt }) => since(dueAt)),
    everyFrom(T0, MINUTE, T0, T0 + 540 * SECOND).map(since),
  )
})

test('all, a slow target: they wait for each other although the rule is skip', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', slow(5 * SECOND))
  await story.job('bill', { schedule: { every: '10m' }, policy: { catchUp: 'all' } })
  await story.advance(5 * MINUTE)
  await story.down(30 * MINUTE)
  await story.advance(MINUTE)
  assert.deepEqual(
    story.outside.of('bill').map(({ at, dueAt }) => `${since(dueAt)} at ${since(at)}`),
    ['+600s at +2100s', '+1200s at +2105s', '+1800s at +2110s'],
  )
})

test('all, newest first, at most two, two a minute', async () => {
  const rule = { mode: 'all', max: 2, rate: 2, order: 'newest' } as const
  await using story = await Story.begin()
  await story.job('bill', { schedule: { every: '10m' }, policy: { catchUp: rule, overlap: 'allow' } })
  await story.advance(5 * MINUTE)
  await story.down(52 * MINUTE)
  await story.advance(MINUTE)
  assert.deepEqual(await story.book('bill'), [
    '+600s..+1800s 3 missed catch_up_limit',
    '+2400s succeeded late',
    '+3000s succeeded late',
  ])
  assert.deepEqual(
    story.outside.of('bill').map(({ at, dueAt }) => `${since(dueAt)} at ${since(at)}`),
    ['+3000s at +3420s', '+2400s at +3450s'],
  )
})

test('ten thousand missed instants and a limit: bounded work, all in the book', async () => {
  await using story = await Story.begin()
  await story.job('bill', {
    schedule: { every: '1m' },
    policy: { catchUp: { mode: 'all', max: 50, within: '30d' }, overlap: 'allow' },
  })
  await story.down(7 * DAY)
  await story.advance(MINUTE)
  await story.isComplete('bill', everyFrom(T0, MINUTE, T0, T0 + 7 * DAY + MINUTE))
  const { runs, gaps } = await story.entries('bill')
  assert.deepEqual([runs.length, gaps.length], [52, 1])
  assert.equal(gaps[0]?.count, 7 * 1_440 - 51)
  assert.ok(runs.every(({ status }) => status === 'succeeded'))
})

test('startWithin: what could not start in time is missed, whatever catch-up would do', async () => {
  await using story = await Story.begin({ slots: 1 })
  story.outside.script('hog', (_, nth) => (nth === 1 ? slow(100 * SECOND) : { kind: 'ok' }))
  await story.job('hog', { schedule: { at: '2030-01-01T00:00:59Z' } })
  await story.job('bill', { policy: { startWithin: '20s' } })
  await story.job('patient')
  await story.advance(3 * MINUTE)
  assert.deepEqual(await story.book('bill'), [
    '+60s missed too_late',
    '+120s missed too_late',
    '+180s succeeded',
  ])
  assert.deepEqual(await story.book('patient'), [
    '+60s succeeded',
    '+120s skipped overlap',
    '+180s succeeded',
  ])

  await story.down(50 * MINUTE + 30 * SECOND)
  await story.advance(30 * SECOND)
  assert.deepEqual((await story.book('bill')).slice(3), [
    '+240s..+3180s 50 missed too_late',
    '+3240s succeeded',
  ])
  await story.isComplete('bill', everyFrom(T0, MINUTE, T0, T0 + 54 * MINUTE))
})

test('maxRuns counts what was caught up, and owes nothing after the last', async () => {
  await using story = await Story.begin()
  await story.job('bill', {
    schedule: { every: '1m', maxRuns: 3 },
    policy: { catchUp: 'all', overlap: 'queue' },
  })
  await story.advance(MINUTE)
  await story.down(10 * MINUTE)
  await story.advance(10 * MINUTE)
  assert.deepEqual(await story.book('bill'), [
    '+60s succeeded',
    '+120s succeeded late',
    '+180s succeeded late',
  ])
})
