// The same request may come twice; it is carried out once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JobPage } from '../../src/protocol/job.ts'
import { assertProblem, type House, openHouse, PING } from './house.ts'

const KEY = { 'idempotency-key': 'order 4711/a' }

async function runs(house: House): Promise<number> {
  return (await house.ask<{ items: unknown[] }>('GET', '/v1/runs')).body.items.length
}

test('a repeat is answered like the first, and says so', async () => {
  await using house = await openHouse()
  const first = await house.ask('POST', '/v1/jobs', { body: PING, headers: KEY })
  house.clock.advance(5_000)
  // Other blanks make no other request.
  const second = await house.ask('POST', '/v1/jobs', { raw: JSON.stringify(PING, null, 2), headers: KEY })
  assert.deepEqual([first.status, second.status], [201, 201])
  assert.deepEqual(second.body, first.body)
  assert.equal(second.headers.location, first.headers.location)
  assert.equal(first.headers['idempotency-replayed'], undefined)
  assert.equal(second.headers['idempotency-replayed'], 'true')
  assert.equal((await house.ask<JobPage>('GET', '/v1/jobs')).body.items.length, 1)
})

test('the same key with another request is refused', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/jobs', { body: PING, headers: KEY })
  const other = await house.ask('POST', '/v1/jobs', { body: { ...PING, name: 'other' }, headers: KEY })
  assertProblem(other, 422, 'idempotency_key_reuse')
  assertProblem(
    await house.ask('POST', '/v1/jobs/ping/trigger', { headers: KEY }),
    422,
    'idempotency_key_reuse',
  )
  assert.equal(await runs(house), 0)
})

test('the same key and body at another address is another request', async () => {
  await using house = await openHouse()
  for (const name of ['ping', 'pong']) await house.ask('POST', '/v1/jobs', { body: { ...PING, name } })
  assert.equal((await house.ask('POST', '/v1/jobs/ping/trigger', { headers: KEY })).status, 201)
  assertProblem(
    await house.ask('POST', '/v1/jobs/pong/trigger', { headers: KEY }),
    422,
    'idempotency_key_reuse',
  )
})

test('the same key in another project is another request, however the project is named', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/projects', { body: { name: 'billing' } })
  for (const project of ['default', 'billing'])
    await house.ask('POST', '/v1/jobs', { body: { ...PING, project } })
  const trigger = (query: string) =>
    house.ask<{ id: string }>('POST', `/v1/jobs/ping/trigger${query}`, { headers: KEY })
  const first = await trigger('?project=default')
  assert.equal(first.status, 201)
  assertProblem(await trigger('?project=billing'), 422, 'idempotency_key_reuse')
  assert.equal((await trigger('?project=default')).body.id, first.body.id)
  assert.equal(await runs(house), 1)
})

test('one caller’s keys never meet another’s', async () => {
  await using house = await openHouse()
  const key = await house.key({ scopes: ['jobs:write'] })
  await house.ask('POST', '/v1/jobs', { body: PING, headers: KEY })
  const other = await house.ask('POST', '/v1/jobs', { body: { ...PING, name: 'other' }, headers: KEY, key })
  assert.equal(other.status, 201)
  assert.equal(other.headers['idempotency-replayed'], undefined)
})

test('a refused request leaves no mark', async () => {
  await using house = await openHouse()
  assertProblem(
    await house.ask('POST', '/v1/jobs', { body: { ...PING, name: '' }, headers: KEY }),
    422,
    'invalid',
  )
  assert.equal((await house.ask('POST', '/v1/jobs', { body: PING, headers: KEY })).status, 201)
})

test('triggers, retries and batches are carried out once', async () => {
  await using house = await openHouse()
  const batch = { body: { jobs: [PING, { ...PING, name: 'b' }] }, headers: { 'idempotency-key': 'batch' } }
  const made = await house.ask('POST', '/v1/jobs/batch', batch)
  const repeat = await house.ask('POST', '/v1/jobs/batch', batch)
  assert.deepEqual(
    [repeat.status, repeat.body, repeat.headers['idempotency-replayed']],
    [201, made.body, 'true'],
  )

  const trigger = () =>
    house.ask<{ id: string }>('POST', '/v1/jobs/ping/trigger', { headers: { 'idempotency-key': 'trigger' } })
  const { body: run } = await trigger()
  assert.equal((await trigger()).body.id, run.id)
  assert.equal(await runs(house), 1)

  await house.ask('POST', `/v1/runs/${run.id}/cancel`)
  const retry = () =>
    house.ask<{ id: string }>('POST', `/v1/runs/${run.id}/retry`, { headers: { 'idempotency-key': 'retry' } })
  const { body: again } = await retry()
  assert.equal((await retry()).body.id, again.id)
  assert.equal(await runs(house), 2)
})

test('many at once with one key make one thing', async () => {
  await using house = await openHouse()
  const replies = await Promise.all(
    Array.from({ length: 20 }, () =>
      house.ask<{ id: string }>('POST', '/v1/jobs', { body: PING, headers: KEY }),
    ),
  )
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([201]))
  assert.equal(new Set(replies.map(({ body }) => body.id)).size, 1)
  assert.equal(replies.filter(({ headers }) => headers['idempotency-replayed'] === undefined).length, 1)
})
