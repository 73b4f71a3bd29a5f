// What clients and agents of taskscheduler ask, and what they are answered.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { taskschedulerDoor } from '../../../src/doors/compat/taskscheduler/routes.ts'
import { BlobStoreUnavailable } from '../../../src/ports/blob-store.ts'
import { openCompatHouse } from '../compat-house.ts'

const AGENTS = ['http://agent-1.example:8081', 'http://agent-2.example:8081/']
const HELLO = { command: 'echo hello world', frequency: 'every 30 seconds' }
const CREATE = '/api/v1/tasks/create'
const NEVER = '00000000-0000-4000-8000-000000000000'

test('a task is handed to every foreign agent', async () => {
  await using door = await openCompatHouse(taskschedulerDoor({ agents: AGENTS }))
  const { ask, house } = door
  const created = await ask('POST', CREATE, { body: HELLO })
  const { task_id } = created.json as { task_id: string }
  assert.deepEqual([created.status, created.json], [201, { task_id, command_id: task_id }])
  assert.match(task_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  const { items } = await house.store.jobs.list({}, { limit: 10 })
  assert.deepEqual(
    items.map(({ spec }) => [spec.target.http?.url, spec.target.http?.body, spec.schedule]).sort(),
    ['http://agent-1.example:8081', 'http://agent-2.example:8081'].map((agent) => [
      `${agent}/api/v1/tasks/schedule`,
      { task_id, ...HELLO },
      { at: new Date(house.clock.now()).toISOString() },
    ]),
  )
})

test('a round is shown when every agent has told of it, under either name', async () => {
  await using door = await openCompatHouse(taskschedulerDoor({ agents: AGENTS }))
  const { ask, house } = door
  const { task_id } = (await ask('POST', CREATE, { body: HELLO })).json as { task_id: string }
  const output = `/api/v1/tasks/${task_id}/latest_output`
  const complete = `/api/v1/tasks/${task_id}/complete`
  const none = await ask('GET', output)
  assert.deepEqual([none.status, none.json], [404, { error: 'No round of this task is complete yet.' }])
  const first = await ask('POST', complete, { body: { agent_id: 'one', stdout: 'hello world\n' } })
  assert.deepEqual([first.status, first.text], [200, ''])
  // A fast one again: it does not stand in for the other.
  await ask('POST', complete, { body: { agent_id: 'one', stdout: 'hello again\n' } })
  assert.equal((await ask('GET', output)).status, 404)
  house.clock.advance(5_000)
  await ask('POST', complete, { body: { server_id: 'two', stdout: '', stderr: 'oh\n' } })
  const shown = await ask('GET', output)
  assert.equal(shown.status, 200)
  const { completion_time, outputs } = shown.json as {
    completion_time: string
    outputs: { agent_id: string }[]
  }
  assert.equal(completion_time, new Date(house.clock.now()).toISOString())
  assert.deepEqual(
    outputs.toSorted((a, b) => (a.agent_id < b.agent_id ? -1 : 1)),
    [
      { agent_id: 'one', stdout: 'hello world\n' },
      { agent_id: 'two', stderr: 'oh\n' },
    ],
  )
})

test('of a task that was deleted nothing is kept, whoever still tells of it', async () => {
  await using door = await openCompatHouse(taskschedulerDoor({ agents: AGENTS }))
  const { ask, house } = door
  const { task_id } = (await ask('POST', CREATE, { body: HELLO })).json as { task_id: string }
  const tell = () => ask('POST', `/api/v1/tasks/${task_id}/complete`, { body: { agent_id: 'one' } })
  assert.equal((await tell()).status, 200)
  assert.equal((await house.ctx.blobs.list('reports/', { limit: 9 })).length, 1)
  const gone = await house.ask('DELETE', `/v1/jobs/${task_id}?project=taskscheduler`)
  assert.equal(gone.status, 204)
  assert.equal((await tell()).status, 404)
  assert.equal((await house.ctx.blobs.list('reports/', { limit: 9 })).length, 0)
})

test('a task stays when its deliveries are history, and so does what was told of it when the store is away', async () => {
  await using door = await openCompatHouse(taskschedulerDoor({ agents: AGENTS }))
  const { ask, house } = door
  const { task_id } = (await ask('POST', CREATE, { body: HELLO })).json as { task_id: string }
  const { items } = await house.store.jobs.list({}, { limit: 10 })
  assert.ok(items.every(({ spec }) => spec.policy.keep?.last === 1))
  const tell = () => ask('POST', `/api/v1/tasks/${task_id}/complete`, { body: { agent_id: 'one' } })
  assert.equal((await tell()).status, 200)
  house.store.jobs.byName = async () => {
    throw new Error('the store is away')
  }
  assert.equal((await tell()).status, 500)
  assert.equal((await house.ctx.blobs.list('reports/', { limit: 9 })).length, 1)
})

test('a job may say of how many agents it is: no more are read than the server is configured for', async () => {
  await using door = await openCompatHouse(taskschedulerDoor({ agents: AGENTS }))
  const { ask, house } = door
  const { task_id } = (await ask('POST', CREATE, { body: HELLO })).json as { task_id: string }
  const labels = { door: 'taskscheduler', 'taskscheduler.agents': '1000' }
  const edited = await house.ask('PATCH', `/v1/jobs/${task_id}?project=taskscheduler`, { body: { labels } })
  assert.equal(edited.status, 200, edited.text)
  const stdout = 'x'.repeat(32_768)
  for (let n = 0; n < 150; n += 1) {
    const body = { agent_id: `a${n}`, stdout: `${stdout}${n}` }
    assert.equal((await ask('POST', `/api/v1/tasks/${task_id}/complete`, { body })).status, 200)
    house.clock.advance(1)
  }
  let reads = 0
  const { blobs } = house.ctx
  const get = blobs.get.bind(blobs)
  blobs.get = (...asked) => {
    reads += 1
    return get(...asked)
  }
  const shown = await ask('GET', `/api/v1/tasks/${task_id}/latest_output`)
  const { outputs } = shown.json as { outputs: { agent_id: string; stdout: string }[] }
  assert.equal(outputs.length, 100)
  assert.ok(
    outputs.every((one) => one.stdout.length === 32_768 && one.stdout.endsWith(one.agent_id.slice(1))),
  )
  assert.ok(reads <= 2 * 116, `${reads} blobs were read`)
})

test('a blob store that is away is no fault of who asks', async () => {
  await using door = await openCompatHouse(taskschedulerDoor({ agents: AGENTS }))
  const { ask, house } = door
  const { task_id } = (await ask('POST', CREATE, { body: HELLO })).json as { task_id: string }
  house.ctx.blobs.list = async () => {
    throw new BlobStoreUnavailable('it does not answer')
  }
  const output = await ask('GET', `/api/v1/tasks/${task_id}/latest_output`)
  assert.equal(output.status, 503, output.text)
})

test('what is no task is refused with a status and a text; nothing is stored', async () => {
  await using door = await openCompatHouse(taskschedulerDoor({ agents: AGENTS }))
  const { ask, house } = door
  const wrong: [string, unknown][] = [
    ['no command', { frequency: HELLO.frequency }],
    ['an empty one', { ...HELLO, command: ' ' }],
    ['no frequency', { command: 'ls' }],
    ...[
      'every 1 hour',
      'every 0 seconds',
      'every -5 seconds',
      'every  5 seconds',
      'Every 5 seconds',
      'every 5 days',
      'every five minutes',
      '5 seconds',
      'every 5 seconds ',
      'every 99999999999999999999 hours',
      '',
    ].map((frequency): [string, unknown] => [frequency, { ...HELLO, frequency }]),
    ['numbers', { command: 7, frequency: 8 }],
    ['not an object', []],
    ['null', null],
  ]
  for (const [name, body] of wrong) {
    const reply = await ask('POST', CREATE, { body })
    assert.deepEqual(
      [name, reply.status, Object.keys(reply.json as object)],
      [name, 400, ['error']],
      reply.text,
    )
  }
  for (const raw of ['{"command":', '', '[['.repeat(100)]) {
    const reply = await ask('POST', CREATE, { raw })
    assert.deepEqual([reply.status, Object.keys(reply.json as object)], [400, ['error']], reply.text)
  }
  assert.deepEqual((await house.store.jobs.list({}, { limit: 1 })).items, [])
  for (const id of [NEVER, 'not-a-uuid', '%00', 'a%2Fb', 'x'.repeat(3_000)]) {
    assert.equal((await ask('GET', `/api/v1/tasks/${id}/latest_output`)).status, 404, id)
    const report = await ask('POST', `/api/v1/tasks/${id}/complete`, { body: { agent_id: 'a' } })
    assert.equal(report.status, 404, id)
  }
  const { task_id } = (await ask('POST', CREATE, { body: HELLO })).json as { task_id: string }
  for (const body of [
    {},
    { agent_id: '' },
    { agent_id: 'x'.repeat(201) },
    { agent_id: 'a', stdout: 7 },
    [],
  ]) {
    assert.equal((await ask('POST', `/api/v1/tasks/${task_id}/complete`, { body })).status, 400)
  }
  assert.equal((await ask('GET', '/api/v1/tasks')).status, 404)
  assert.equal((await ask('GET', CREATE)).status, 405)
  assert.deepEqual(house.faults, [])
})

test('a key is needed, also one in the address; no web page comes in without', async () => {
  await using door = await openCompatHouse(taskschedulerDoor({ agents: AGENTS }))
  const { ask, house } = door
  assert.equal((await ask('POST', CREATE, { body: HELLO, key: null })).status, 401)
  const basic = (key: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(`any:${key}`).toString('base64')}`,
  })
  const shown = await ask('POST', CREATE, { body: HELLO, key: null, headers: basic(house.admin) })
  assert.equal(shown.status, 201)
  for (const key of ['', 'wrong-key-of-some-length']) {
    assert.equal((await ask('POST', CREATE, { body: HELLO, key: null, headers: basic(key) })).status, 401)
  }
  const reader = await house.key({ scopes: ['runs:read', 'jobs:read'] })
  assert.equal((await ask('POST', CREATE, { body: HELLO, key: reader })).status, 403)
  await using open = await openCompatHouse(taskschedulerDoor({ agents: AGENTS }), { anonymous: true })
  assert.equal((await open.ask('POST', CREATE, { body: HELLO, key: null })).status, 201)
  for (const headers of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
    assert.equal((await open.ask('POST', CREATE, { body: HELLO, key: null, headers })).status, 403)
  }
})

test('no more agents tell of a task than there may be', async () => {
  await using door = await openCompatHouse(taskschedulerDoor({ agents: AGENTS }))
  const { ask, house } = door
  const { task_id } = (await ask('POST', CREATE, { body: HELLO })).json as { task_id: string }
  const tell = (n: number) =>
    ask('POST', `/api/v1/tasks/${task_id}/complete`, { body: { agent_id: `a${n}` } })
  for (let n = 0; n < 1_000; n += 50) {
    const some = await Promise.all(Array.from({ length: 50 }, (_, m) => tell(n + m)))
    assert.ok(some.every(({ status }) => status === 200))
  }
  assert.equal((await tell(1_000)).status, 429)
  assert.equal((await tell(7)).status, 200)
  assert.deepEqual(house.faults, [])
})

test('with no foreign agents a task is a job that all of ours carry out', async () => {
  await using door = await openCompatHouse(taskschedulerDoor({ agents: [] }))
  const { ask, house } = door
  const created = await ask('POST', CREATE, {
    body: { command: 'echo  two spaces', frequency: 'every 5 minutes' },
  })
  assert.equal(created.status, 201, created.text)
  const [job] = (await house.store.jobs.list({}, { limit: 1 })).items
  assert.deepEqual(job?.spec.target, { command: { argv: ['echo', '', 'two', 'spaces'], on: { all: true } } })
  assert.deepEqual(job?.spec.schedule, { every: '5m' })
  assert.equal(job?.nextDueAt, house.clock.now() + 300_000)
  const { task_id } = created.json as { task_id: string }
  assert.equal((await ask('GET', `/api/v1/tasks/${task_id}/latest_output`)).status, 404)
})
