// The wall clock is set while the server runs: nothing rings twice, nothing is lost, and the server holds on to its
// own runs.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pauseJob } from '../../src/commands/pause-job.ts'
import { triggerJob } from '../../src/commands/trigger-job.ts'
import { everyFrom } from '../support/due-by-hand.ts'
import { answered, OK, slow } from './scripted-world.ts'
import { HOUR, MINUTE, SECOND, Story, since, T0 } from './story.ts'

function noneTwice(story: Story): void {
  const rung = story.outside.calls.map(({ job, dueAt, attempt }) => `${job} ${since(dueAt)} #${attempt}`)
  assert.equal(new Set(rung).size, rung.length, 'something rang twice')
}

test('an hour back: what has rung does not ring again, and it goes on where it was', async () => {
  await using story = await Story.begin()
  await story.job('bill')
  await story.advance(2 * HOUR)
  story.clock.step(-HOUR)
  await story.advance(HOUR + 30 * MINUTE)
  noneTwice(story)
  await story.isComplete('bill', everyFrom(T0, MINUTE, T0, T0 + 2 * HOUR + 30 * MINUTE))
  assert.equal(story.outside.of('bill').length, 150)
})

test('an hour back: what is asked for now happens now', async () => {
  await using story = await Story.begin()
  await story.advance(2 * HOUR)
  story.clock.step(-HOUR)
  await story.job('new', { schedule: { every: '10s' } })
  await story.job('bill', { schedule: {} })
  await story.advance(MINUTE)
  await story.isComplete('new', everyFrom(T0 + HOUR, 10 * SECOND, T0 + HOUR, T0 + HOUR + MINUTE))
  await story.ask((ctx, who) => triggerJob(ctx, who, { idOrName: 'bill' }, {}))
  await story.advance(SECOND)
  assert.equal(story.outside.of('bill').length, 1)
})

test('an hour forward: the hour that never was is caught up as after a downtime', async () => {
  await using story = await Story.begin()
  for (const catchUp of ['none', 'latest', 'all'] as const)
    await story.job(catchUp, { schedule: { every: '10m' }, policy: { catchUp, overlap: 'queue' } })
  await story.advance(15 * MINUTE)
  story.clock.step(HOUR)
  await story.advance(10 * MINUTE)
  noneTwice(story)
  for (const name of ['none', 'latest', 'all'])
    await story.isComplete(name, everyFrom(T0, 10 * MINUTE, T0, T0 + 85 * MINUTE))
  assert.deepEqual(await story.book('none'), [
    '+600s succeeded',
    '+1200s..+4200s 6 missed catch_up_limit',
    '+4800s succeeded',
  ])
  assert.deepEqual((await story.book('latest')).slice(1, 3), [
    '+1200s..+3600s 5 missed superseded',
    '+4200s succeeded late',
  ])
  assert.equal(story.outside.of('all').length, 8)
})

test('forward, back, and back again: nothing twice, nothing lost', async () => {
  await using story = await Story.begin()
  await story.job('bill', { policy: { catchUp: 'all', overlap: 'queue' } })
  for (const step of [HOUR, -2 * HOUR, HOUR + 30 * SECOND, -30 * SECOND, 24 * HOUR, -24 * HOUR]) {
    await story.advance(7 * MINUTE)
    story.clock.step(step)
  }
  await story.advance(26 * HOUR)
  noneTwice(story)
  const job = await story.disk.jobs.get(story.jobId('bill'))
  await story.isComplete('bill', everyFrom(T0, MINUTE, T0, job!.plannedThrough))
})

for (const step of [HOUR, -HOUR]) {
  test(`what is under way when the clock steps by ${step / HOUR} h stays ours and ends once`, async () => {
    await using story = await Story.begin()
    const callback = { url: 'http://ops.test/' }
    story.outside.script('bill', slow(MINUTE))
    await story.job('bill', { schedule: {}, callback })
    await story.ask((ctx, who) => triggerJob(ctx, who, { idOrName: 'bill' }, {}))
    await story.advance(10 * SECOND)
    story.clock.step(step)
    await story.advance(5 * MINUTE)
    assert.deepEqual(await story.book('bill'), ['+0s succeeded manual'])
    assert.equal(story.outside.of('bill').length, 1)
    assert.equal(story.outside.told.length, 1)
    const attempts = await story.attempts(story.outside.of('bill')[0]!.runId)
    assert.deepEqual(
      attempts.map(({ outcome }) => outcome),
      ['ok'],
    )
  })
}

test('a retry that waits when the clock steps back is made when its time comes again, once', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth === 1 ? answered(503) : OK))
  await story.job('bill', { schedule: { every: '3h' }, policy: { retry: { delays: ['1m'] } } })
  await story.advance(3 * HOUR + 10 * SECOND)
  story.clock.step(-HOUR)
  await story.advance(2 * HOUR)
  assert.deepEqual(await story.book('bill'), ['+10800s succeeded x2'])
  noneTwice(story)
})

test('paused after a step back, with an end before what is planned already: no second entries', async () => {
  await using story = await Story.begin()
  await story.job('bill')
  await story.advance(HOUR)
  story.clock.step(-30 * MINUTE)
  const until = new Date(T0 + 40 * MINUTE).toISOString()
  await story.ask((ctx, who) => pauseJob(ctx, who, { idOrName: 'bill' }, { until }))
  await story.advance(HOUR)
  await story.isComplete('bill', everyFrom(T0, MINUTE, T0, T0 + HOUR + 30 * MINUTE))
  noneTwice(story)
})
