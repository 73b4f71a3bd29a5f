// A paused job starts nothing. What the pause covered is skipped, or caught up when it ends.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteJob } from '../../src/commands/delete-job.ts'
import { pauseJob } from '../../src/commands/pause-job.ts'
import { resumeJob } from '../../src/commands/resume-job.ts'
import { triggerJob } from '../../src/commands/trigger-job.ts'
import { updateJob } from '../../src/commands/update-job.ts'
import type { OnResume } from '../../src/domain/policy.ts'
import { everyFrom } from '../support/due-by-hand.ts'
import { HOUR, MINUTE, SECOND, Story, since, T0 } from './story.ts'

const BILL = { idOrName: 'bill' }

function pause(story: Story, until?: number): Promise<unknown> {
  const request = until === undefined ? {} : { until: new Date(until).toISOString() }
  return story.ask((ctx, who) => pauseJob(ctx, who, BILL, request))
}

function resume(story: Story, onResume?: OnResume): Promise<unknown> {
  return story.ask((ctx, who) => resumeJob(ctx, who, BILL, onResume === undefined ? {} : { onResume }))
}

/** Paused from 90 s to 270 s: 120, 180 and 240 s fall into the pause. */
async function throughPause(onResume?: OnResume): Promise<Story> {
  const story = await Story.begin()
  await story.job('bill', { policy: { overlap: 'queue' } })
  await story.advance(90 * SECOND)
  await pause(story)
  await story.advance(3 * MINUTE)
  assert.equal(story.outside.of('bill').length, 1, 'nothing rings while it is paused')
  await resume(story, onResume)
  await story.advance(30 * SECOND)
  await story.isComplete('bill', everyFrom(T0, MINUTE, T0, T0 + 5 * MINUTE))
  return story
}

test('resume and skip, the default: one gap', async () => {
  await using story = await throughPause()
  assert.deepEqual(await story.book('bill'), [
    '+60s succeeded',
    '+120s..+240s 3 skipped paused',
    '+300s succeeded',
  ])
})

test('resume with the latest: that one runs at once', async () => {
  await using story = await throughPause('latest')
  assert.deepEqual(await story.book('bill'), [
    '+60s succeeded',
    '+120s..+180s 2 skipped paused',
    '+240s succeeded late',
    '+300s succeeded',
  ])
  assert.equal(since(story.outside.of('bill')[1]!.at), '+270s')
})

test('resume with all: each of them runs', async () => {
  await using story = await throughPause('all')
  assert.deepEqual((await story.book('bill')).length, 5)
  assert.ok((await story.runs('bill')).every(({ status }) => status === 'succeeded'))
})

test('a pause with an end ends by itself, also when the server was down then', async () => {
  for (const down of [false, true]) {
    await using story = await Story.begin()
    await story.job('bill', { policy: { onResume: 'latest', overlap: 'queue' } })
    await story.advance(90 * SECOND)
    await pause(story, T0 + 210 * SECOND)
    await story.advance(30 * SECOND)
    if (down) await story.down(100 * SECOND)
    else await story.advance(100 * SECOND)
    await story.advance(80 * SECOND)
    assert.equal((await story.disk.jobs.get(story.jobId('bill')))?.status, 'active')
    assert.deepEqual(
      await story.book('bill'),
      [
        '+60s succeeded',
        '+120s skipped paused',
        '+180s succeeded late',
        '+240s succeeded',
        '+300s succeeded',
      ],
      `down: ${down}`,
    )
  }
})

test('triggered while paused: refused, unless it is forced', async () => {
  await using story = await Story.begin()
  await story.job('bill')
  await pause(story)
  const trigger = (force: boolean) => story.ask((ctx, who) => triggerJob(ctx, who, BILL, { force }))
  await assert.rejects(trigger(false), { code: 'job_paused' })
  await trigger(true)
  await story.advance(SECOND)
  assert.deepEqual(await story.book('bill'), ['+0s succeeded manual'])
  assert.equal((await story.disk.jobs.get(story.jobId('bill')))?.status, 'paused')
})

test('edited while paused: it stays paused, and the book is complete up to the edit', async () => {
  await using story = await Story.begin()
  const draft = { name: 'bill', target: { http: { url: 'http://bill.test/' } } }
  await story.job('bill')
  await story.advance(90 * SECOND)
  await pause(story)
  await story.advance(2 * MINUTE)
  await story.ask((ctx, who) => updateJob(ctx, who, BILL, { ...draft, schedule: { every: '2m' } }, null))
  await story.advance(4 * MINUTE + 30 * SECOND)
  await resume(story)
  await story.advance(2 * MINUTE)
  const due = [
    ...everyFrom(T0, MINUTE, T0, T0 + 210 * SECOND),
    ...everyFrom(T0, 2 * MINUTE, T0 + 210 * SECOND, T0 + 10 * MINUTE),
  ]
  await story.isComplete('bill', due)
  assert.deepEqual(await story.book('bill'), [
    '+60s succeeded',
    '+120s..+180s 2 skipped paused',
    '+240s..+480s 3 skipped paused',
    '+600s succeeded',
  ])
})

test('edited and resumed in one step: what the pause covered is owed as it was, the rest as it is', async () => {
  await using story = await Story.begin()
  await story.job('bill')
  await story.advance(90 * SECOND)
  await pause(story)
  await story.advance(3 * MINUTE)
  const moved = { name: 'bill', schedule: { every: '1m' }, target: { http: { url: 'http://new.test/' } } }
  const turn = { to: 'active', onResume: 'latest' } as const
  await story.ask((ctx, who) => updateJob(ctx, who, BILL, moved, null, turn))
  await story.advance(MINUTE)
  assert.deepEqual(await story.book('bill'), [
    '+60s succeeded',
    '+120s..+180s 2 skipped paused',
    '+240s succeeded late',
    '+300s succeeded',
  ])
  assert.deepEqual(
    (await story.runs('bill')).map(({ jobVersion }) => jobVersion),
    [1, 1, 2],
  )
})

test('edited and paused in one step: nothing of it rings, and what was due before has', async () => {
  await using story = await Story.begin()
  await story.job('bill')
  await story.advance(90 * SECOND)
  const often = { name: 'bill', schedule: { every: '1s' }, target: { http: { url: 'http://new.test/' } } }
  await story.ask((ctx, who) => updateJob(ctx, who, BILL, often, null, { to: 'paused', by: 'anna' }))
  await story.advance(MINUTE)
  assert.deepEqual(await story.book('bill'), ['+60s succeeded'])
  const job = await story.disk.jobs.get(story.jobId('bill'))
  assert.deepEqual([job?.status, job?.pause?.by, job?.version], ['paused', 'anna', 2])
})

test('edited after its end of pause has passed unseen: no instant gets a second entry', async () => {
  await using story = await Story.begin()
  const draft = {
    name: 'bill',
    target: { http: { url: 'http://bill.test/' } },
    policy: { onResume: 'skip' } as const,
  }
  await story.job('bill')
  await story.advance(90 * SECOND)
  await pause(story, T0 + 150 * SECOND)
  story.kill()
  await story.advance(10 * MINUTE)
  await story.start((ctx, who) => updateJob(ctx, who, BILL, { ...draft, schedule: { every: '1m' } }, null))
  await story.advance(2 * MINUTE)
  const job = await story.disk.jobs.get(story.jobId('bill'))
  assert.equal(job?.status, 'active')
  await story.isComplete('bill', everyFrom(T0, MINUTE, T0, T0 + 810 * SECOND))
})

test('paused anew after its end of pause has passed unseen: what lies between was not paused', async () => {
  await using story = await Story.begin()
  await story.job('bill', { policy: { catchUp: 'all', overlap: 'queue' } })
  await story.advance(90 * SECOND)
  await pause(story, T0 + 150 * SECOND)
  story.kill()
  await story.advance(3 * MINUTE)
  await story.start((ctx, who) => pauseJob(ctx, who, BILL, { note: 'again' }))
  await story.advance(2 * MINUTE)
  await resume(story)
  await story.advance(MINUTE)
  assert.deepEqual(await story.book('bill'), [
    '+60s succeeded',
    '+120s skipped paused',
    '+180s succeeded late',
    '+240s succeeded',
    '+300s..+360s 2 skipped paused',
    '+420s succeeded',
  ])
})

test('triggered right after its end of pause has passed unseen: it is not paused any more', async () => {
  await using story = await Story.begin()
  await story.job('bill', { schedule: { every: '1h' } })
  await pause(story, T0 + MINUTE)
  story.kill()
  await story.advance(2 * MINUTE)
  await story.start((ctx, who) => triggerJob(ctx, who, BILL, {}))
  await story.advance(SECOND)
  assert.deepEqual(await story.book('bill'), ['+120s succeeded manual'])
})

test('deleted while paused: the book is complete up to the deletion', async () => {
  await using story = await Story.begin()
  await story.job('bill')
  await story.advance(90 * SECOND)
  await pause(story)
  await story.advance(5 * MINUTE)
  await story.ask((ctx, who) => deleteJob(ctx, who, BILL, null))
  await story.advance(HOUR)
  assert.deepEqual(await story.book('bill'), ['+60s succeeded', '+120s..+360s 5 skipped paused'])
})
