// One action on many jobs: what it finds, what it says of each, and that it happens once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BulkLine } from '../../src/protocol/bulk.ts'
import { type Asking, assertProblem, type House, openHouse, PING } from './house.ts'

async function bulk(house: House, body: object, more: Asking = {}): Promise<BulkLine[]> {
  const reply = await house.ask('POST', '/v1/jobs/bulk', { body, ...more })
  assert.equal(reply.status, 200, reply.text)
  assert.match(reply.headers['content-type'] ?? '', /^application\/x-ndjson/)
  return reply.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as BulkLine)
}

async function makeJobs(house: House, count: number, job: object = {}): Promise<string[]> {
  const jobs = Array.from({ length: count }, (_, n) => ({
    ...PING,
    name: `job-${String(n).padStart(4, '0')}`,
    ...job,
  }))
  const { body } = await house.ask<{ items: { job: { id: string } }[] }>('POST', '/v1/jobs/batch', {
    body: { jobs },
  })
  return body.items.map(({ job: { id } }) => id)
}

test('a filter finds them all, each is told, and the end says how many', async () => {
  await using house = await openHouse()
  await makeJobs(house, 250, { labels: { team: 'a' } })
  await house.ask('POST', '/v1/jobs', { body: { ...PING, name: 'other' } })
  const filter = { labels: { team: 'a' }, status: 'active' }
  assert.deepEqual(await bulk(house, { action: 'pause', filter, dryRun: true }), [
    { total: 250 },
    { done: 0, failed: 0 },
  ])
  const lines = await bulk(house, { action: 'pause', filter, pause: { note: 'Migration' } })
  assert.deepEqual([lines[0], lines.at(-1)], [{ total: 250 }, { done: 250, failed: 0 }])
  assert.equal(new Set(lines.slice(1, -1).map(({ jobId }) => jobId)).size, 250)
  assert.ok(lines.slice(1, -1).every(({ ok }) => ok === true))
  const paused = await house.ask<{ items: { pause: { note: string } }[] }>(
    'GET',
    '/v1/jobs?status=paused&limit=500',
  )
  assert.equal(paused.body.items.length, 250)
  assert.ok(paused.body.items.every(({ pause }) => pause.note === 'Migration'))
  assert.deepEqual((await bulk(house, { action: 'resume', filter: { status: 'paused' } })).at(-1), {
    done: 250,
    failed: 0,
  })
})

test('what is refused for one job does not stop the others', async () => {
  await using house = await openHouse()
  const [first = '', second = '', third = ''] = await makeJobs(house, 3)
  await house.ask('POST', `/v1/jobs/${second}/pause`)
  const lines = await bulk(house, { action: 'trigger', jobs: [first, second, 'job_none', third] })
  assert.deepEqual(
    lines.slice(1, -1).map(({ ok, code }) => [ok, code]),
    [
      [true, undefined],
      [false, 'job_paused'],
      [false, 'not_found'],
      [true, undefined],
    ],
  )
  assert.deepEqual(lines.at(-1), { done: 2, failed: 2 })
})

test('sent again with the same key it triggers nothing twice', async () => {
  await using house = await openHouse()
  const jobs = await makeJobs(house, 12, { policy: { overlap: 'allow' } })
  const headers = { 'idempotency-key': 'once' }
  const first = await bulk(house, { action: 'trigger', jobs }, { headers })
  const again = await bulk(house, { action: 'trigger', jobs }, { headers })
  assert.deepEqual(again, first)
  const { body } = await house.ask<{ items: unknown[] }>('GET', '/v1/runs?limit=100')
  assert.equal(body.items.length, 12)
})

test('deletes, and only what the key may touch', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/projects', { body: { name: 'mine' } })
  const [foreign = ''] = await makeJobs(house, 1)
  await house.ask('POST', '/v1/jobs', { body: { ...PING, name: 'x', project: 'mine' } })
  const key = await house.key({ scopes: ['jobs:write'], projects: ['mine'] })
  assert.deepEqual((await bulk(house, { action: 'delete', filter: {} }, { key })).at(-1), {
    done: 1,
    failed: 0,
  })
  assert.deepEqual((await bulk(house, { action: 'delete', jobs: [foreign] }, { key })).at(-1), {
    done: 0,
    failed: 1,
  })
  const reader = await house.key({ scopes: ['jobs:read', 'runs:read'] })
  for (const action of ['pause', 'resume', 'trigger', 'delete']) {
    assertProblem(
      await house.ask('POST', '/v1/jobs/bulk', { body: { action, filter: {} }, key: reader }),
      403,
      'forbidden',
    )
  }
})

test('asks for jobs or a filter, not both or none', async () => {
  await using house = await openHouse()
  for (const more of [
    {},
    { jobs: ['a'], filter: {} },
    { filter: { name: 'x' } },
    { filter: {}, pause: { until: 'soon' } },
  ]) {
    assertProblem(
      await house.ask('POST', '/v1/jobs/bulk', { body: { action: 'pause', ...more } }),
      422,
      'invalid',
    )
  }
})

test('of those due in a stretch, whoever was it when it began', async () => {
  await using house = await openHouse()
  const hour = (n: number): string => new Date(house.clock.now() + n * 3_600_000).toISOString()
  await makeJobs(house, 120, { schedule: { at: hour(2.5) } })
  await house.ask('POST', '/v1/jobs', { body: { ...PING, name: 'hourly', schedule: { every: '1h' } } })
  await house.ask('POST', '/v1/jobs', { body: { ...PING, name: 'later', schedule: { at: hour(4) } } })
  await house.ask('POST', '/v1/jobs', { body: { ...PING, name: 'by-hand', schedule: {} } })
  const filter = { dueFrom: hour(2), dueTo: hour(3) }
  assert.deepEqual(await bulk(house, { action: 'pause', filter, dryRun: true }), [
    { total: 121 },
    { done: 0, failed: 0 },
  ])
  const narrow = await bulk(house, { action: 'pause', filter: { ...filter, q: 'hour' }, dryRun: true })
  assert.deepEqual(narrow[0], { total: 1 })
  const lines = await bulk(house, { action: 'pause', filter })
  assert.deepEqual([lines[0], lines.at(-1)], [{ total: 121 }, { done: 121, failed: 0 }])
  assert.ok(lines.some(({ name }) => name === 'hourly'))
  // Paused jobs are due at no time.
  assert.deepEqual((await bulk(house, { action: 'delete', filter }))[0], { total: 0 })
  const far = { dueFrom: hour(3.5) }
  assert.deepEqual((await bulk(house, { action: 'delete', filter: far }))[0], { total: 1 })
  for (const wrong of [
    { dueFrom: 'soon' },
    { dueTo: '2027-01-01T00:00:00' },
    { dueFrom: hour(3), dueTo: hour(2) },
  ]) {
    const reply = await house.ask('POST', '/v1/jobs/bulk', { body: { action: 'pause', filter: wrong } })
    assert.match(assertProblem(reply, 422, 'invalid').errors[0]!.pointer, /^\/filter\/due/)
  }
})
