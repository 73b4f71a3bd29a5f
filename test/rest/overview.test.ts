// The figures of the overview: what they count, for whom, and that they do not grow old.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plan } from '../../src/domain/plan.ts'
import type { Calendar } from '../../src/protocol/calendar.ts'
import type { Overview, RecentRuns } from '../../src/protocol/overview.ts'
import { assertProblem, type House, openHouse, PING, START } from './house.ts'

const HOUR = 3_600_000

/** What is due by now gets its entries. */
async function planAll(house: House): Promise<void> {
  const now = house.clock.now()
  await house.store.runs.plan({ now, limit: 100, nodeId: 'nod_none', slots: 0 }, (due) => plan(due, now))
}

async function make(house: House, job: object): Promise<string> {
  const reply = await house.ask<{ id: string }>('POST', '/v1/jobs', { body: { ...PING, ...job } })
  assert.equal(reply.status, 201, reply.text)
  return reply.body.id
}

async function overview(house: House, more = {}): Promise<Overview> {
  const reply = await house.ask<Overview>('GET', '/v1/overview', more)
  assert.equal(reply.status, 200, reply.text)
  assert.deepEqual(house.faults, [])
  return reply.body
}

test('an empty server has an overview too', async () => {
  await using house = await openHouse()
  const { jobs, lastDay, ahead, past, lateness } = await overview(house)
  assert.deepEqual(jobs, { active: 0, paused: 0, finished: 0 })
  assert.deepEqual([lastDay, past.buckets, ahead.nextHour], [{}, [], 0])
  assert.deepEqual(lateness, { starts: 0, p50Ms: null, p99Ms: null })
  assert.notEqual(past.countedAt, null)
})

test('the week ahead is what the schedules say, frequent or rare', async () => {
  await using house = await openHouse()
  await make(house, { name: 'minutely', schedule: { cron: '* * * * *' } })
  await make(house, { name: 'second', schedule: { every: '10s' } })
  await make(house, { name: 'daily', schedule: { cron: '30 12 * * *' } })
  await make(house, { name: 'few', schedule: { every: '1s', maxRuns: 700 } })
  const paused = await make(house, { name: 'paused', schedule: { every: '1m' } })
  await house.ask('POST', `/v1/jobs/${paused}/pause`)
  const { ahead } = await overview(house)
  assert.equal(ahead.from, new Date(START).toISOString())
  assert.equal(ahead.bucketMs, HOUR / 2)
  // From the instant after now on: 29 of cron, 179 or 180 of every, all 700 of the bounded one.
  assert.ok(Math.abs(ahead.counts[0]! - (29 + 180 + 700)) <= 2, String(ahead.counts[0]))
  assert.ok(Math.abs(ahead.counts[1]! - (30 + 180)) <= 1, String(ahead.counts[1]))
  assert.equal(ahead.counts[25]! - ahead.counts[24]!, 1)
  assert.ok(Math.abs(ahead.nextHour - (60 + 360 + 700)) <= 2, String(ahead.nextHour))
  assert.equal(ahead.sampled, false)
})

test('instants that passed together count too, where their gap ends, and for whom it is theirs', async () => {
  await using house = await openHouse()
  await make(house, { name: 'down', schedule: { every: '1h' }, policy: { catchUp: 'latest' } })
  await make(house, { name: 'paused', schedule: { every: '30m' }, policy: { onResume: 'skip' } })
  await house.ask('POST', '/v1/jobs/paused/pause')
  house.clock.advance(HOUR * 5.25)
  await planAll(house)
  await house.ask('POST', '/v1/jobs/paused/resume')
  const { lastDay, past } = await overview(house)
  assert.deepEqual(lastDay, { missed: 4, skipped: 10, pending: 1 })
  const at = (hours: number) => new Date(START + hours * HOUR).toISOString()
  assert.deepEqual(past.buckets, [
    { at: at(4), counts: { missed: 4 } },
    { at: at(5), counts: { skipped: 10, pending: 1 } },
  ])
})

test('the last day is counted by status and follows the clock', async () => {
  await using house = await openHouse()
  await make(house, { name: 'late', schedule: { every: '1h' }, policy: { catchUp: 'none' } })
  assert.deepEqual((await overview(house)).lastDay, {})
  house.clock.advance(HOUR * 1.5)
  await planAll(house)
  const { lastDay, past } = await overview(house)
  assert.deepEqual(lastDay, { missed: 1 })
  assert.deepEqual(past.buckets, [{ at: new Date(START + HOUR).toISOString(), counts: { missed: 1 } }])
  house.clock.advance(25 * HOUR)
  assert.deepEqual((await overview(house)).lastDay, {})
})

test('a key for one project sees its figures and no others', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/projects', { body: { name: 'mine' } })
  await make(house, { name: 'a', project: 'mine', schedule: { every: '1h' } })
  await make(house, { name: 'b', schedule: { every: '1m' } })
  for (const job of ['a?project=mine', 'b', 'b']) {
    const [name, query] = job.split('?')
    const made = await house.ask('POST', `/v1/jobs/${name}/trigger${query === undefined ? '' : `?${query}`}`)
    assert.equal(made.status, 201, made.text)
  }
  const key = await house.key({ scopes: ['runs:read'], projects: ['mine'] })
  const mine = await overview(house, { key })
  assert.equal(mine.ahead.nextHour, 1)
  assert.deepEqual(mine.lastDay, { pending: 1 })
  assert.equal(mine.jobs, null)
  assert.equal(mine.open, null)
  assertProblem(await house.ask('GET', '/v1/overview?project=default', { key }), 404, 'not_found')
})

test('the last runs of many jobs come in one answer, for whoever may see them', async () => {
  await using house = await openHouse()
  const a = await make(house, { name: 'a', policy: { overlap: 'allow' } })
  const b = await make(house, { name: 'b' })
  for (let n = 0; n < 3; n += 1) {
    await house.ask('POST', `/v1/jobs/${a}/trigger`)
    house.clock.advance(1)
  }
  const { body } = await house.ask<RecentRuns>('GET', `/v1/recent-runs?job=${b},${a},job_none&limit=2`)
  assert.deepEqual(
    body.items.map(({ jobId, runs }) => [jobId, runs.length]),
    [
      [b, 0],
      [a, 2],
      ['job_none', 0],
    ],
  )
  const newest = body.items[1]!.runs.map(({ dueAt }) => dueAt)
  assert.deepEqual(newest, newest.toSorted().reverse())
  await house.ask('POST', '/v1/projects', { body: { name: 'mine' } })
  const key = await house.key({ scopes: ['runs:read'], projects: ['mine'] })
  const foreign = await house.ask<RecentRuns>('GET', `/v1/recent-runs?job=${a}`, { key })
  assert.deepEqual(foreign.body.items, [{ jobId: a, runs: [] }])
  const many = Array.from({ length: 101 }, () => a).join(',')
  assertProblem(
    await house.ask('GET', `/v1/recent-runs?job=${many.slice(0, 500)}&job=${'x,'.repeat(101)}`),
    422,
    'invalid',
  )
})

test('a calendar counts the days of the zone that is asked for', async () => {
  await using house = await openHouse()
  const job = await make(house, { name: 'a', schedule: { every: '12h' }, policy: { catchUp: 'none' } })
  house.clock.advance(36.5 * HOUR)
  assert.deepEqual((await house.ask<Calendar>('GET', `/v1/jobs/${job}/calendar`)).body.days, [])
  // The first is late by four instants, which are one gap; the second has a run of its own.
  for (let n = 0; n < 2; n += 1) {
    house.clock.advance(12 * HOUR)
    await planAll(house)
  }
  const days = async (zone: string): Promise<unknown> =>
    (await house.ask<Calendar>('GET', `/v1/jobs/${job}/calendar?timezone=${zone}`)).body.days
  assert.deepEqual(await days('UTC'), [{ date: '2027-01-03', counts: { missed: 1 } }])
  assert.deepEqual(await days('Pacific/Kiritimati'), [{ date: '2027-01-04', counts: { missed: 1 } }])
  const { body } = await house.ask<Calendar>('GET', `/v1/jobs/${job}/calendar`)
  assert.deepEqual(
    body.gaps.map(({ count, status }) => [count, status]),
    [[4, 'missed']],
  )
  assertProblem(await house.ask('GET', `/v1/jobs/${job}/calendar?timezone=Mars/Base`), 422, 'invalid')
})

test('jobs are found by when they will be due, page by page', async () => {
  await using house = await openHouse()
  for (let n = 0; n < 12; n += 1)
    await make(house, { name: `at-${String(n).padStart(2, '0')}`, schedule: { cron: `15 ${n} * * *` } })
  await make(house, { name: 'by-hand', schedule: {} })
  const between = (from: number, to: number): string =>
    `dueFrom=${new Date(START + from * HOUR).toISOString()}&dueTo=${new Date(START + to * HOUR).toISOString()}`
  type Jobs = { items: { name: string }[]; nextCursor: string | null }
  const all: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const at: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const { body } = await house.ask<Jobs>('GET', `/v1/jobs?${between(3, 6)}&limit=2${at}`)
    assert.ok(body.items.length <= 2)
    all.push(...body.items.map(({ name }) => name))
    cursor = body.nextCursor
  }
  assert.deepEqual(all, ['at-03', 'at-04', 'at-05'])
  const none = await house.ask<Jobs>('GET', `/v1/jobs?${between(-9, -3)}`)
  assert.deepEqual(none.body, { items: [], nextCursor: null })
  assertProblem(await house.ask('GET', `/v1/jobs?${between(6, 3)}`), 422, 'invalid')
})
