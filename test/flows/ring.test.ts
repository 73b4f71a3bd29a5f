// A job rings when it is due, is tried again when it fails, and its book says so.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atMinutes, everyFrom } from '../support/due-by-hand.ts'
import { answered, OK, slow } from './scripted-world.ts'
import { HOUR, MINUTE, SECOND, Story, since, T0 } from './story.ts'

test('an every-job rings at each of its instants, once, and not a moment early', async () => {
  await using story = await Story.begin()
  await story.advance(7 * SECOND)
  await story.job('pulse', { schedule: { every: '10s' } })
  await story.advance(5 * MINUTE)
  const due = everyFrom(T0 + 7 * SECOND, 10 * SECOND, T0 + 7 * SECOND, T0 + 7 * SECOND + 5 * MINUTE)
  await story.isComplete('pulse', due)
  assert.equal(due.length, 30)
  const calls = story.outside.of('pulse')
  assert.deepEqual(
    calls.map(({ at }) => at),
    due,
  )
  assert.deepEqual(
    calls.map(({ dueAt }) => dueAt),
    due,
  )
  assert.ok(calls.every(({ attempt, cause, late }) => attempt === 1 && cause === 'first' && !late))
})

test('an anchored job, a cron job and a one-time job keep their own times', async () => {
  await using story = await Story.begin()
  await story.job('anchored', { schedule: { every: '7m', anchor: '2030-01-01T00:02:00Z' } })
  await story.job('cron', { schedule: { cron: '*/15 1-2 * * *' } })
  await story.job('once', { schedule: { at: '2030-01-01T00:30:00Z' } })
  await story.job('by-hand', { schedule: {} })
  await story.advance(3 * HOUR)
  const end = T0 + 3 * HOUR
  await story.isComplete('anchored', everyFrom(T0 + 2 * MINUTE, 7 * MINUTE, T0, end))
  await story.isComplete(
    'cron',
    atMinutes((minute, hour) => minute % 15 === 0 && [1, 2].includes(hour), T0, end),
  )
  assert.deepEqual(await story.book('once'), ['+1800s succeeded'])
  assert.equal((await story.disk.jobs.get(story.jobId('once')))?.status, 'finished')
  assert.deepEqual(await story.book('by-hand'), [])
})

test('a failing run is tried again after its delays, each attempt with its cause and outcome', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth < 3 ? answered(503) : OK))
  await story.job('bill', { schedule: { every: '1h' }, policy: { retry: { delays: ['1s', '5s', '30s'] } } })
  await story.advance(HOUR + MINUTE)
  assert.deepEqual(await story.book('bill'), ['+3600s succeeded x3'])
  const calls = story.outside.of('bill')
  assert.deepEqual(
    calls.map(({ at }) => since(at)),
    ['+3600s', '+3601s', '+3606s'],
  )
  assert.deepEqual(
    calls.map(({ fence }) => fence),
    [1, 2, 3],
  )
  const attempts = await story.attempts(calls[0]!.runId)
  assert.deepEqual(
    attempts.map(({ number, cause, outcome }) => `${number} ${cause} ${outcome}`),
    ['1 first error', '2 retry_policy error', '3 retry_policy ok'],
  )
})

test('a run that fails to the end has as many attempts as its policy grants, then is failed', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', answered(500))
  await story.job('bill', { schedule: { every: '1h' }, policy: { retry: { delays: ['1s', '5s', '30s'] } } })
  await story.advance(HOUR + MINUTE)
  assert.deepEqual(await story.book('bill'), ['+3600s failed x4'])
  const [run] = await story.runs('bill')
  assert.equal(run?.message, 'answered 500; gave up after 4 attempts')
})

test('what cannot get better is not tried again', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', answered(404))
  await story.job('bill', { schedule: { every: '1h' } })
  await story.advance(2 * HOUR)
  assert.deepEqual(await story.book('bill'), ['+3600s failed', '+7200s failed'])
})

test('Retry-After is waited for when it asks for more than the policy', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth === 1 ? answered(429, { retryAfterMs: 90 * SECOND }) : OK))
  await story.job('bill', { schedule: { every: '1h' }, policy: { retry: { delays: ['1s'] } } })
  await story.advance(HOUR + 5 * MINUTE)
  assert.deepEqual(
    story.outside.of('bill').map(({ at }) => since(at)),
    ['+3600s', '+3690s'],
  )
  assert.deepEqual(await story.book('bill'), ['+3600s succeeded x2'])
})

test('maxRuns: that many runs, then the job is finished and owes nothing more', async () => {
  await using story = await Story.begin()
  await story.job('thrice', { schedule: { every: '1m', maxRuns: 3 } })
  await story.advance(10 * MINUTE)
  assert.deepEqual(await story.book('thrice'), ['+60s succeeded', '+120s succeeded', '+180s succeeded'])
  const job = await story.disk.jobs.get(story.jobId('thrice'))
  assert.deepEqual([job?.status, job?.nextDueAt], ['finished', null])
})

test('runs of one endpoint that are due together leave as one request; each has its own entry and attempt', async () => {
  await using story = await Story.begin()
  const names = ['a', 'b', 'c']
  for (const name of names)
    await story.job(name, {
      target: { http: { url: 'http://many.test/', batch: {} } },
      schedule: { every: '1m' },
    })
  await story.job('alone')
  await story.advance(2 * MINUTE)
  for (const name of names) {
    assert.deepEqual(await story.book(name), ['+60s succeeded', '+120s succeeded'])
    const [run] = await story.runs(name)
    assert.equal((await story.attempts(run!.id)).length, 1)
  }
  const requests = (seconds: number) =>
    story.outside.calls.filter(({ at, job }) => at === T0 + seconds * SECOND && job !== 'alone')
  for (const seconds of [60, 120]) {
    assert.deepEqual(
      requests(seconds)
        .map(({ job }) => job)
        .sort(),
      names,
    )
    assert.equal(new Set(requests(seconds).map(({ request }) => request)).size, 1)
  }
  assert.equal(new Set(story.outside.calls.map(({ request }) => request)).size, 4)
})

test('one of a batch fails, the others do not: only that one is tried again', async () => {
  await using story = await Story.begin()
  const target = { http: { url: 'http://many.test/', batch: {} } }
  story.outside.script('b', (_, nth) => (nth === 1 ? answered(503) : OK))
  for (const name of ['a', 'b']) {
    await story.job(name, { target, schedule: { every: '1h' }, policy: { retry: { delays: ['1s'] } } })
  }
  await story.advance(HOUR + MINUTE)
  assert.deepEqual(
    [await story.book('a'), await story.book('b')],
    [['+3600s succeeded'], ['+3600s succeeded x2']],
  )
})

test('slow targets take slots, not turns: with one slot left the others still ring', async () => {
  await using story = await Story.begin({ slots: 4 })
  for (const name of ['slow-1', 'slow-2', 'slow-3']) {
    story.outside.script(name, 'never')
    await story.job(name, { schedule: { at: '2030-01-01T00:00:01Z' } })
  }
  await story.job('pulse', { schedule: { every: '1s' } })
  await story.advance(20 * SECOND)
  await story.isComplete('pulse', everyFrom(T0, SECOND, T0, T0 + 20 * SECOND))
  assert.ok((await story.runs('pulse')).every(({ status }) => status === 'succeeded'))
})

test('more is due than there are slots: all ring, in the order they were due', async () => {
  await using story = await Story.begin({ slots: 2 })
  for (let n = 0; n < 10; n += 1) {
    story.outside.script(`job-${n}`, slow(3 * SECOND))
    await story.job(`job-${n}`, { schedule: { at: new Date(T0 + MINUTE + n).toISOString() } })
  }
  await story.advance(2 * MINUTE)
  const names = Array.from({ length: 10 }, (_, n) => `job-${n}`)
  assert.deepEqual(
    story.outside.calls.map(({ job }) => job),
    names,
  )
  for (const name of names) assert.match((await story.book(name)).join(), /succeeded$/)
})
