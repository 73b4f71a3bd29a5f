// Forgetting: what the keep rule no longer asks for, and never what is open or still to be told.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteJob } from '../../src/commands/delete-job.ts'
import { everyFrom } from '../support/due-by-hand.ts'
import { answered, HEARD, OK } from './scripted-world.ts'
import { DAY, HOUR, MINUTE, SECOND, Story, T0 } from './story.ts'

/** The sweeper's own interval is a minute; what it leaves for later it looks at again within some. */
const SWEPT = 5 * MINUTE

test('by days: what ended longer ago is forgotten, what is younger stays, the book in between is whole', async () => {
  await using story = await Story.begin()
  await story.job('bill', {
    schedule: { every: '6h' },
    policy: { keep: { days: 2 }, catchUp: 'all', overlap: 'queue' },
  })
  for (let day = 0; day < 4; day += 1) {
    await story.advance(MINUTE)
    await story.down(DAY - MINUTE)
  }
  await story.advance(SWEPT)
  const end = T0 + 4 * DAY + SWEPT
  // Each day's runs were caught up at its end: those of the second day ended two days and some minutes ago.
  const kept = (await story.runs('bill')).map(({ dueAt }) => dueAt)
  assert.deepEqual(kept, everyFrom(T0, 6 * HOUR, T0 + 2 * DAY, end))
})

test('the newest n of each final status', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth % 2 === 0 ? answered(404) : OK))
  await story.job('bill', { policy: { keep: { last: 3 } } })
  await story.advance(20 * MINUTE + SWEPT)
  const runs = await story.runs('bill')
  const of = (status: string) =>
    runs.filter((run) => run.status === status).map(({ dueAt }) => (dueAt - T0) / MINUTE)
  // What has ended since the last sweep is not counted out yet.
  assert.ok(of('succeeded').length <= 5 && of('succeeded').length >= 3, `${of('succeeded')}`)
  assert.ok(of('failed').length <= 5 && of('failed').length >= 3, `${of('failed')}`)
  assert.equal(Math.max(...of('succeeded'), ...of('failed')), 25)
})

test('never an open run, never one whose callback is still on its way; then they go too', async () => {
  await using story = await Story.begin({ retentionDays: 0.25 })
  story.outside.script('open', (_, nth) => (nth === 1 ? answered(503) : OK))
  const once = { at: '2030-01-01T00:01:00Z' }
  await story.job('open', { schedule: once, policy: { retry: { delays: ['4d'] } } })
  const callback = { url: 'http://ops.test/', retryDelays: ['1d'] }
  story.outside.hears = (_, nth) => (nth === 1 ? { ok: false, status: 500, message: 'deaf' } : HEARD)
  await story.job('untold', { schedule: once, callback })
  await story.job('done', { schedule: once })
  await story.advance(2 * MINUTE)
  await story.down(12 * HOUR)
  await story.advance(SWEPT)
  assert.deepEqual(
    [await story.book('open'), await story.book('untold'), await story.book('done')],
    [['+60s pending'], ['+60s succeeded'], []],
  )
  await story.down(4 * DAY)
  await story.advance(SWEPT)
  assert.deepEqual([await story.book('open'), await story.book('untold')], [['+60s succeeded x2'], []])
  assert.equal(story.outside.told.length, 2)
  await story.down(DAY)
  await story.advance(SWEPT)
  assert.deepEqual(await story.book('open'), [])
})

test('a deleted job is forgotten with the last of its book', async () => {
  await using story = await Story.begin({ retentionDays: 1 })
  await story.job('bill')
  await story.advance(5 * MINUTE)
  await story.ask((ctx, who) => deleteJob(ctx, who, { idOrName: 'bill' }, null))
  await story.advance(SECOND)
  assert.equal((await story.disk.jobs.versions(story.jobId('bill'))).length, 1)
  await story.down(2 * DAY)
  await story.advance(SWEPT)
  assert.deepEqual(await story.book('bill'), [])
  assert.deepEqual(await story.disk.jobs.versions(story.jobId('bill')), [])
})
