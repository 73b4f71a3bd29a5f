// A job is edited or deleted: its book is complete up to that moment, and what it owed before is owed as it was.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deleteJob } from '../../src/commands/delete-job.ts'
import { pauseJob } from '../../src/commands/pause-job.ts'
import { resumeJob } from '../../src/commands/resume-job.ts'
import { updateJob } from '../../src/commands/update-job.ts'
import { everyFrom } from '../support/due-by-hand.ts'
import { answered, OK, slow } from './scripted-world.ts'
import { HOUR, MINUTE, SECOND, Story, since, T0 } from './story.ts'

const BILL = { idOrName: 'bill' }
const draft = { name: 'bill', target: { http: { url: 'http://bill.test/' } }, schedule: { every: '1m' } }

test('a new schedule: the old one is owed up to the edit, the new one from there', async () => {
  await using story = await Story.begin()
  await story.job('bill')
  await story.advance(150 * SECOND)
  await story.ask((ctx, who) => updateJob(ctx, who, BILL, { ...draft, schedule: { every: '25s' } }, 1))
  await story.advance(100 * SECOND)
  const due = [
    ...everyFrom(T0, MINUTE, T0, T0 + 150 * SECOND),
    ...everyFrom(T0, 25 * SECOND, T0 + 150 * SECOND, T0 + 250 * SECOND),
  ]
  await story.isComplete('bill', due)
  assert.ok((await story.runs('bill')).every(({ status }) => status === 'succeeded'))
  assert.deepEqual(
    (await story.runs('bill')).map(({ jobVersion }) => jobVersion),
    [1, 1, 2, 2, 2, 2],
  )
})

test('edited while the server was behind: what was due before the edit runs under the old version', async () => {
  await using story = await Story.begin()
  await story.job('bill', { policy: { catchUp: 'all', overlap: 'queue' } })
  await story.advance(MINUTE)
  story.kill()
  await story.advance(3 * MINUTE)
  await story.start((ctx, who) => updateJob(ctx, who, BILL, { ...draft, schedule: { every: '2m' } }, null))
  await story.advance(4 * MINUTE)
  assert.deepEqual(
    (await story.runs('bill')).map(({ dueAt, jobVersion }) => `${since(dueAt)} v${jobVersion}`),
    ['+60s v1', '+120s v1', '+180s v1', '+240s v1', '+360s v2', '+480s v2'],
  )
})

test('a run keeps the version it began with: its retry goes where it was going', async () => {
  await using story = await Story.begin()
  const seen: string[] = []
  story.outside.script('bill', (work, nth) => {
    seen.push(`${work.run.jobVersion} ${work.spec.target.http?.url}`)
    return nth === 1 ? answered(503) : OK
  })
  await story.job('bill', { schedule: { every: '1h' }, policy: { retry: { delays: ['10s'] } } })
  await story.advance(HOUR)
  const moved = { ...draft, schedule: { every: '1h' }, target: { http: { url: 'http://new.test/' } } }
  await story.ask((ctx, who) => updateJob(ctx, who, BILL, moved, null))
  await story.advance(HOUR)
  assert.deepEqual(seen, ['1 http://bill.test/', '1 http://bill.test/', '2 http://new.test/'])
})

test('an edit of what is not the version that was read is refused, and changes nothing', async () => {
  await using story = await Story.begin()
  await story.job('bill')
  await story.advance(MINUTE)
  const edit = story.ask((ctx, who) => updateJob(ctx, who, BILL, { ...draft, schedule: { every: '1h' } }, 7))
  await assert.rejects(edit, { code: 'version_conflict' })
  await story.advance(MINUTE)
  assert.deepEqual(await story.book('bill'), ['+60s succeeded', '+120s succeeded'])
})

const asOnce = (at: number) => ({ ...draft, schedule: { at: new Date(at).toISOString() } })

test('edited to a moment that has just passed: it rings, once', async () => {
  await using story = await Story.begin()
  await story.job('bill', { schedule: { every: '1h' } })
  await story.advance(90 * SECOND)
  const once = asOnce(T0 + 60 * SECOND)
  await story.ask((ctx, who) => updateJob(ctx, who, BILL, once, null))
  await story.advance(SECOND)
  assert.deepEqual(await story.book('bill'), ['+60s succeeded'])
  const sameMoment = { ...draft, schedule: { at: '2030-01-01T01:01:00+01:00' } }
  for (const again of [once, { ...once, description: 'done' }, sameMoment]) {
    await story.ask((ctx, who) => updateJob(ctx, who, BILL, again, null))
    await story.advance(SECOND)
    assert.equal((await story.disk.jobs.get(story.jobId('bill')))?.status, 'finished')
  }
  assert.deepEqual(await story.book('bill'), ['+60s succeeded'])
})

test('edited to a moment that was due just before: it has its entry, and gets no other', async () => {
  await using story = await Story.begin()
  await story.job('bill', { schedule: { every: '10s' } })
  await story.advance(25 * SECOND)
  await story.ask((ctx, who) => pauseJob(ctx, who, BILL, {}))
  await story.advance(30 * SECOND)
  await story.ask((ctx, who) => updateJob(ctx, who, BILL, asOnce(T0 + 40 * SECOND), null))
  await story.ask((ctx, who) => resumeJob(ctx, who, BILL, { onResume: 'all' }))
  await story.advance(MINUTE)
  assert.deepEqual(await story.book('bill'), [
    '+10s succeeded',
    '+20s succeeded',
    '+30s..+50s 3 skipped paused',
  ])
})

test('edited while paused to a moment that has just passed: what becomes of it is said when the pause ends', async () => {
  for (const [onResume, entry] of [
    ['latest', '+60s succeeded late'],
    ['skip', '+60s skipped paused'],
  ] as const) {
    await using story = await Story.begin()
    await story.job('bill', { schedule: { every: '1h' } })
    await story.ask((ctx, who) => pauseJob(ctx, who, BILL, {}))
    await story.advance(90 * SECOND)
    await story.ask((ctx, who) => updateJob(ctx, who, BILL, asOnce(T0 + MINUTE), null))
    await story.advance(MINUTE)
    assert.equal(story.outside.of('bill').length, 0)
    await story.ask((ctx, who) => resumeJob(ctx, who, BILL, { onResume }))
    await story.advance(SECOND)
    assert.deepEqual(await story.book('bill'), [entry])
  }
})

test('deleted: waiting runs end as missed, the one under way may finish, the book stays, the name is free', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', slow(150 * SECOND))
  const callback = { url: 'http://ops.test/' }
  await story.job('bill', { policy: { overlap: 'queue' }, callback })
  await story.advance(190 * SECOND)
  const id = story.jobId('bill')
  await story.ask((ctx, who) => deleteJob(ctx, who, BILL, null))
  await story.advance(5 * MINUTE)
  assert.deepEqual(await story.book('bill'), [
    '+60s succeeded',
    '+120s missed job_deleted',
    '+180s missed job_deleted',
  ])
  assert.equal(await story.disk.jobs.get(id), null)
  assert.deepEqual(story.outside.told.map(({ run }) => run.status).sort(), ['missed', 'missed', 'succeeded'])
  assert.equal(story.outside.of('bill').length, 1)
  await story.job('bill')
  assert.notEqual(story.jobId('bill'), id)
})

test('deleted while the server was behind: what was due until then has its entry, and nothing starts', async () => {
  await using story = await Story.begin()
  await story.job('bill', { schedule: { every: '1m' } })
  await story.advance(MINUTE)
  story.kill()
  await story.advance(10 * MINUTE)
  await story.start((ctx, who) => deleteJob(ctx, who, BILL, null))
  await story.advance(10 * MINUTE)
  await story.isComplete('bill', everyFrom(T0, MINUTE, T0, T0 + 11 * MINUTE))
})
