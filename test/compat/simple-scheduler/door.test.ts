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

/** What the ledger owes of a job, and what is stored of it. */
async function insideOf({ house }: CompatHouse, name: string) {
  const job = (await house.store.jobs.list({ q: name }, { limit: 1 })).items[0]!
  const { items } = await house.store.runs.list({ jobId: job.id }, { limit: 100 })
  return { job, owed: items.map(({ status }) => status) }
}

test('one that is made disabled is never anything else before it is enabled, and then makes up for what it missed', async () => {
  await using house = await openCompatHouse(simpleSchedulerDoor)
  const { ask } = house
  for (const nextRunAt of ['2001-01-01T00:00:00Z', later(house, 30_000)]) {
    const name = `once ${nextRunAt}`
    house.house.store.jobs.change = async () => assert.fail('it is made in one step')
    const made = await ask('POST', '/api/jobs', { ...bearer, body: { name, enabled: false, nextRunAt } })
    assert.equal(made.status, 201, made.text)
    Reflect.deleteProperty(house.house.store.jobs, 'change')
    house.house.clock.advance(90_000)
    const change = (body: object) =>
      ask('PATCH', `/api/jobs/${encodeURIComponent(name)}`, { ...bearer, body })
    assert.deepEqual((await insideOf(house, name)).owed, [])
    assert.equal((await change({ enabled: true, heartbeatTimeout: 2_000 })).status, 204)
    const { job, owed } = await insideOf(house, name)
    assert.deepEqual([job.status, owed], ['finished', ['pending']])
  }
})

test('disabled and changed in one: nothing rings; enabled and moved in one: only the new times', async () => {
  await using house = await openCompatHouse(simpleSchedulerDoor)
  const { ask } = house
  const change = (body: object) => ask('PATCH', '/api/jobs/mail', { ...bearer, body })
  const body = { name: 'mail', nextRunAt: later(house, 600_000), interval: 600_000 }
  await ask('POST', '/api/jobs', { ...bearer, body })
  const refused = await change({ enabled: false, nextRunAt: 'soon' })
  assert.equal(refused.status, 400)
  assert.equal((await insideOf(house, 'mail')).job.status, 'active')
  assert.equal((await change({ enabled: false, nextRunAt: '2001-01-01T00:00:00Z', interval: 0 })).status, 204)
  house.house.clock.advance(90_000)
  const disabled = await insideOf(house, 'mail')
  assert.deepEqual([disabled.job.status, disabled.owed], ['paused', []])
  const nextRunAt = later(house, 3_600_000)
  assert.equal((await change({ enabled: true, nextRunAt, interval: 5_000 })).status, 204)
  const enabled = await insideOf(house, 'mail')
  assert.deepEqual([enabled.job.status, enabled.owed], ['active', ['skipped']])
  assert.equal(enabled.job.nextDueAt, Date.parse(nextRunAt))
})

test('what the operator has set stays, whatever a client changes or sends back', async () => {
  await using house = await openCompatHouse(simpleSchedulerDoor)
  const { ask } = house
  const body = { name: 'mail', nextRunAt: later(house, 600_000), interval: 600_000, runStartTimeout: 5_000 }
  await ask('POST', '/api/jobs', { ...bearer, body })
  const set = {
    description: 'the letters',
    labels: { door: 'simple-scheduler', team: 'post' },
    callback: { url: 'https://ops.example/' },
    policy: {
      overlap: 'replace',
      onResume: 'skip',
      retry: { max: 1 },
      keep: { days: 400 },
      concurrency: { key: 'post', max: 2 },
    },
  }
  const edited = await house.house.ask('PATCH', '/v1/jobs/mail?project=simple-scheduler', { body: set })
  assert.equal(edited.status, 200, edited.text)
  const before = (await insideOf(house, 'mail')).job.spec
  const read = (await ask('GET', '/api/jobs/mail', bearer)).json as object
  const sent = { ...read, runStartTimeout: 0, runExecutionTimeout: 7_000 }
  assert.equal((await ask('PATCH', '/api/jobs/mail', { ...bearer, body: sent })).status, 204)
  assert.deepEqual((await insideOf(house, 'mail')).job.spec, {
    ...before,
    target: { message: { protocol: 'simple-scheduler' } },
    policy: { ...before.policy, timeout: '7000ms' },
  })
})

test('runs of other jobs are not there, for any key; those of a job that is gone are', async () => {
  await using house = await openCompatHouse(simpleSchedulerDoor)
  const { ask } = house
  const admin = { key: null, headers: { authorization: `Bearer ${house.house.admin}` } }
  const trigger = async (job: string, project: string) => {
    const reply = await house.house.ask('POST', `/v1/jobs/${job}/trigger?project=${project}`)
    assert.equal(reply.status, 201, reply.text)
    return reply.body['id']
  }
  const body = { name: 'ours', nextRunAt: later(house, 600_000), interval: 600_000 }
  await ask('POST', '/api/jobs', { ...bearer, body })
  const target = { http: { url: 'https://example.com/' } }
  for (const project of ['simple-scheduler', 'default'])
    await house.house.ask('POST', '/v1/jobs', { body: { name: 'other', project, schedule: {}, target } })
  const ours = await trigger('ours', 'simple-scheduler')
  for (const other of [await trigger('other', 'simple-scheduler'), await trigger('other', 'default')]) {
    for (const path of ['', '/cancel'])
      assert.equal((await ask('GET', `/api/runs/${other}${path}`, admin)).status, 404)
    assert.equal((await house.house.ask('GET', `/v1/runs/${other}`)).body['status'], 'pending')
  }
  await ask('DELETE', '/api/jobs/ours', bearer)
  const listed = (await ask('GET', '/api/runs', admin)).json as { id: string }[]
  assert.deepEqual(
    listed.map(({ id }) => id),
    [ours],
  )
  assert.equal((await ask('GET', `/api/runs/${ours}`, bearer)).status, 200)
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
  // Strictly less than; what has not begun began in the year 1, and so did every heartbeat.
  const past = '2001-01-01T00:00:00Z'
  const future = '2099-01-01T00:00:00Z'
  for (const name of ['CreatedBefore', 'StartedBefore', 'HeartbeatBefore']) {
    for (const both of [name, name.charAt(0).toLowerCase() + name.slice(1)]) {
      const found = async (at: string): Promise<number> =>
        ((await ask('GET', `/api/runs?${both}=${at}`, bearer)).json as object[] | null)?.length ?? 0
      assert.deepEqual([both, await found(future)], [both, 1])
      assert.deepEqual([both, await found(past)], [both, name === 'CreatedBefore' ? 0 : 1])
    }
  }
  for (const _ of [1, 2]) assert.equal((await ask('GET', `/api/runs/${id}/cancel`, bearer)).status, 204)
  const after = (await ask('GET', `/api/runs/${id}`, bearer)).json as { status: string }
  assert.equal(after.status, 'cancelled')
  assert.equal((await ask('GET', `/api/runs/${id}/cancel`, { key: null })).status, 401)
  assert.equal((await ask('GET', '/api/runs/run_00000000000000000000000000/cancel', bearer)).status, 404)
})
