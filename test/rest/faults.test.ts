// When the fault is ours, the caller hears an id, and the log everything.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Store, StoreUnavailable } from '../../src/ports/store.ts'
import { assertProblem, openHouse, PING } from './house.ts'

const failing =
  (error: Error) =>
  (store: Store): Store => ({
    ...store,
    jobs: new Proxy(store.jobs, { get: () => () => Promise.reject(error) }),
  })

test('a mistake of ours', async () => {
  const error = new Error('SELECT secret FROM jobs; at adapters/sqlite/jobs.ts:1:2')
  await using house = await openHouse({ store: failing(error) })
  const reply = await house.ask('POST', '/v1/jobs', { body: PING })
  const { requestId, detail } = assertProblem(reply, 500, 'internal')
  assert.ok(detail.includes(requestId))
  assert.doesNotMatch(reply.text, /SELECT|secret|adapters/)
  assert.equal(house.faults.length, 1)
  const { fields } = house.faults[0] as unknown as { fields: Record<string, unknown> }
  assert.equal(fields.err, error)
  assert.equal(fields.requestId, requestId)
  assert.equal((await house.ask('GET', '/livez')).status, 200)
})

test('a thing thrown that is no error', async () => {
  await using house = await openHouse({ store: failing('nothing' as never) })
  assertProblem(await house.ask('GET', '/v1/jobs'), 500, 'internal')
})

test('a store that does not answer', async () => {
  await using house = await openHouse({ store: failing(new StoreUnavailable('connection to 10.0.0.1 lost')) })
  const reply = await house.ask('GET', '/v1/jobs')
  assertProblem(reply, 503, 'storage_unavailable')
  assert.ok(Number(reply.headers['retry-after']) > 0)
  assert.ok(!reply.text.includes('10.0.0.1'))
  assert.equal(house.faults.length, 1)
})

test('a store that is full', async () => {
  await using house = await openHouse({ store: failing(new StoreUnavailable('the disk is full (13)')) })
  const reply = await house.ask('POST', '/v1/jobs', { body: PING })
  assertProblem(reply, 507, 'storage_full')
  assert.ok(Number(reply.headers['retry-after']) > 0)
})
