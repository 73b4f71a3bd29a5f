// Clients of Simple Scheduler, with the requests and answers they know.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simpleSchedulerDoor } from '../../../src/doors/compat/simple-scheduler/routes.ts'
import { type CompatHouse, DOOR_KEY, openCompatHouse } from '../compat-house.ts'

const NO_TIME = '0001-01-01T00:00:00Z'
const bearer = { key: null, headers: { authorization: `Bearer ${DOOR_KEY}` } }

/** A moment after that of the house's clock. */
function later(house: CompatHouse, ms: number): string {
  return new Date(house.house.clock.now() + ms).toISOString()
}

test('a job is made, read, changed and deleted', async () => {
  await using house = await openCompatHouse(simpleSchedulerDoor)
  const { ask } = house
  assert.deepEqual((await ask('GET', '/api/status', { key: null })).json, { status: 'OK' })
  assert.equal((await ask('GET', '/api/jobs', bearer)).text, 'null')
  const sent = {
    name: 'mail',
    enabled: true,
    nextRunAt: later(house, 60_000),
    interval: 300_000,
    runExecutionTimeout: 120_000,
    runStartTimeout: 30_000,
    maxQueueCount: 5,
    allowConcurrentRuns: false,
    heartbeatTimeout: 10_000,
  }
  const made = await ask('POST', '/api/jobs', { ...bearer, body: sent })
  assert.deepEqual([made.status, made.json], [201, { name: 'mail' }])
  const shown = { ...sent, managerId: '0'.repeat(24), heartbeat: NO_TIME }
  assert.deepEqual((await ask('GET', '/api/jobs/mail', bearer)).json, shown)
  assert.deepEqual((await ask('GET', '/api/jobs', bearer)).json, [shown])
  const changed = await ask('PATCH', '/api/jobs/mail', {
    ...bearer,
    body: { enabled: false, interval: 60_000 },
  })
  assert.deepEqual([changed.status, changed.text], [204, ''])
  assert.deepEqual((await ask('GET', '/api/jobs/mail', bearer)).json, {
    ...shown,
    enabled: false,
    interval: 60_000,
  })
  await ask('PATCH', '/api/jobs/mail', { ...bearer, body: { enabled: true } })
  assert.equal(((await ask('GET', '/api/jobs/mail', bearer)).json as { enabled: boolean }).enabled, true)
  for (const _ of [1, 2]) assert.equal((await ask('DELETE', '/api/jobs/mail', bearer)).status, 204)
  const gone = await ask('GET', '/api/jobs/mail', bearer)
  assert.deepEqual([gone.status, gone.text], [404, ''])
  assert.deepEqual((await house.askMain('GET', '/api/status', { key: null })).json, { status: 'OK' })
})

test('a job may be made disabled, and once', async () => {
  await using house = await openCompatHouse(simpleSchedulerDoor)
  const { ask } = house
  const body = { name: 'once', enabled: false, nextRunAt: '2001-01-01T00:00:00Z', interval: 0 }
  assert.equal((await ask('POST', '/api/jobs', { ...bearer, body })).status, 201)
  const job = (await ask('GET', '/api/jobs/once', bearer)).json as { enabled: boolean; interval: number }
  assert.deepEqual([job.enabled, job.interval], [false, 0])
  const again = await ask('POST', '/api/jobs', { ...bearer, body })
  assert.equal(again.status, 409)
  assert.match((again.json as { error: string }).error, /once/)
})

test('a job moved to a moment that has passed is due now; one sent back as it was read is not', async () => {
  await using house = await openCompatHouse(simpleSchedulerDoor)
  const { ask } = house
  const stored = async () =>
    (await house.house.ask('GET', '/v1/jobs/mail?project=simple-scheduler')).body as {
      schedule: object
      nextDueAt: string | null
    }
  const change = (body: object) => ask('PATCH', '/api/jobs/mail', { ...bearer, body })
  await ask('POST', '/api/jobs', {
    ...bearer,
    body: { name: 'mail', nextRunAt: later(house, 0), interval: 5_000 },
  })
  house.house.clock.advance(12_000)
  assert.equal((await change({ nextRunAt: '2001-01-01T00:00:00Z', interval: 0 })).status, 204)
  const now = later(house, 0)
  const moved = await stored()
  assert.deepEqual([moved.schedule, moved.nextDueAt], [{ at: now }, now])
  house.house.clock.advance(90_000)
  const read = (await ask('GET', '/api/jobs/mail', bearer)).json as object
  assert.equal((await change({ ...read, runExecutionTimeout: 9_000 })).status, 204)
  assert.deepEqual((await stored()).schedule, { at: now })
})

test('what is wrong is said in its form', async () => {
  await using house = await openCompatHouse(simpleSchedulerDoor)
  const { ask } = house
  for (const body of [
    {},
    { name: 'x' },
    { name: '', nextRunAt: later(house, 1) },
    { name: 'x', nextRunAt: 'soon', interval: 5_000 },
  ]) {
    const { status, json } = await ask('POST', '/api/jobs', { ...bearer, body })
    assert.equal(status, 400, JSON.stringify(body))
    assert.ok(typeof (json as { error: unknown }).error === 'string')
  }
  assert.equal((await ask('POST', '/api/jobs', { ...bearer, raw: '{' })).status, 400)
  const nobody = await ask('GET', '/api/jobs', { key: null })
  assert.equal(nobody.status, 401)
  assert.ok('error' in (nobody.json as object))
  assert.equal((await ask('PATCH', '/api/jobs/none', { ...bearer, body: { interval: 5_000 } })).status, 404)
  assert.equal((await ask('GET', '/api/runs?Status=exploded', bearer)).status, 400)
  assert.equal((await ask('GET', '/api/runs?createdBefore=soon', bearer)).status, 400)
  assert.equal((await ask('GET', '/api/runs/nonsense', bearer)).status, 404)
})

test('runs are listed, filtered in both cases, and cancelled by a GET', async () => {
  await using house = await openCompatHouse(simpleSchedulerDoor)
  const { ask } = house
  const body = { name: 'run', enabled: true, nextRunAt: later(house, 3_600_000), interval: 0 }
  await ask('POST', '/api/jobs', { ...bearer, body })
  assert.equal((await ask('GET', '/api/runs', bearer)).text, 'null')
  await house.house.ask('POST', '/v1/jobs/run/trigger?project=simple-scheduler')
  const [run] = (await ask('GET', '/api/runs?jobName=run&status=pending', bearer)).json as { id: string }[]
  assert.ok(run)
  const { id } = run
  const shown = (await ask('GET', `/api/runs/${id}`, bearer)).json as Record<string, string>
  assert.deepEqual(Object.keys(shown), [
    'id',
    'jobName',
    'status',
    'createdTime',
    'startTime',
    'endTime',
    'heartbeat',
  ])
  assert.deepEqual([shown['status'], shown['startTime'], shown['endTime']], ['pending', NO_TIME, NO_TIME])
  assert.equal((await ask('GET', `/api/runs/${id}.2`, bearer)).status, 200)
  assert.equal((await ask('GET', '/api/runs?Status=completed', bearer)).text, 'null')
  assert.equal((await ask('GET', '/api/runs?JobName=other', bearer)).text, 'null')
  for (const _ of [1, 2]) assert.equal((await ask('GET', `/api/runs/${id}/cancel`, bearer)).status, 204)
  const after = (await ask('GET', `/api/runs/${id}`, bearer)).json as { status: string }
  assert.equal(after.status, 'cancelled')
  assert.equal((await ask('GET', `/api/runs/${id}/cancel`, { key: null })).status, 401)
  assert.equal((await ask('GET', '/api/runs/run_00000000000000000000000000/cancel', bearer)).status, 404)
})
