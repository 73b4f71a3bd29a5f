// Clients of scheduler0: projects, jobs in arrays, tasks, credentials, in both spellings.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plan } from '../../../src/domain/plan.ts'
import type { CompatAsk } from '../../../src/doors/compat/compat-door.ts'
import { SCHEDULER0_DEFAULTS } from '../../../src/doors/compat/scheduler0/job-words.ts'
import { pageOf } from '../../../src/doors/compat/scheduler0/pages.ts'
import { scheduler0Door } from '../../../src/doors/compat/scheduler0/routes.ts'
import type { Store } from '../../../src/ports/store.ts'
import { counted } from '../../support/counted-store.ts'
import { HeldStep } from '../../support/held-step.ts'
import { type CompatAsking, type CompatHouse, type CompatReply, openCompatHouse } from '../compat-house.ts'

type Envelope<T = Record<string, unknown>> = { readonly data: T; readonly success: boolean }

/** A house, and a client that shows the pair of keys it was given. */
async function openScheduler0(
  store?: (store: Store) => Store,
): Promise<
  CompatHouse & { pair: Record<string, string>; as(pair: Record<string, string>): Client; client: Client }
> {
  const door = await openCompatHouse(
    scheduler0Door(SCHEDULER0_DEFAULTS),
    store === undefined ? {} : { store },
  )
  const made = await door.ask('POST', '/v1/credentials', { key: door.house.admin, body: {} })
  assert.equal(made.status, 201, made.text)
  const { api_key, api_secret } = (made.json as Envelope<Record<string, string>>).data
  const pair = { 'x-api-key': api_key!, 'x-secret-key': api_secret! }
  const as =
    (headers: Record<string, string>): Client =>
    (method, url, more = {}) =>
      door.ask(method, url, { key: null, ...more, headers: { ...headers, ...more.headers } })
  return { ...door, pair, as, client: as(pair), [Symbol.asyncDispose]: () => door[Symbol.asyncDispose]() }
}
type Client = (method: string, url: string, more?: CompatAsking) => Promise<CompatReply>

const data = <T = Record<string, unknown>>(reply: CompatReply): T => (reply.json as Envelope<T>).data

const PROJECT = { name: 'sample project', description: 'my calendar project' }
const job = (project_id: number, over: object = {}) => ({
  spec: '@every 1m',
  project_id,
  execution_type: 'http',
  data: JSON.stringify({ jobId: 1 }),
  timezone: 'America/New_York',
  callback_url: 'http://localhost:3000/callback',
  ...over,
})

test('a project, jobs in an array, their task, and each of them again', async () => {
  await using s0 = await openScheduler0()
  const { client, house } = s0
  const created = await client('POST', '/v1/projects', { body: PROJECT })
  assert.equal(created.status, 201)
  const project = data<{ id: number }>(created)
  const now = new Date(house.clock.now()).toISOString()
  assert.deepEqual(project, { id: 1, ...PROJECT, date_created: now })

  const jobs = await client('POST', '/v1/jobs', { body: [job(project.id), job(project.id, { data: 'x' })] })
  assert.equal(jobs.status, 202, jobs.text)
  assert.equal(data<number[]>(jobs).length, 1)
  const task = await client('GET', String(jobs.headers.location))
  assert.equal(task.status, 200, task.text)
  const { state, output, service } = data<{ state: number; output: string; service: string }>(task)
  assert.deepEqual([state, service], [2, 'create_job'])
  const made = JSON.parse(output) as { id: number; data: string }[]
  assert.deepEqual(
    made.map((one) => one.data),
    ['{"jobId":1}', 'x'],
  )
  // The Location of later servers left the prefix out.
  assert.equal((await client('GET', String(jobs.headers.location).replace('/v1', ''))).status, 200)

  const one = await client('GET', `/v1/jobs/${made[0]!.id}`)
  assert.deepEqual(data(one), {
    id: made[0]!.id,
    project_id: 1,
    spec: '@every 1m',
    callback_url: 'http://localhost:3000/callback',
    data: '{"jobId":1}',
    execution_type: 'http',
    start_date: '0001-01-01T00:00:00Z',
    end_date: '0001-01-01T00:00:00Z',
    last_execution_date: '0001-01-01T00:00:00Z',
    timezone: 'America/New_York',
    date_created: now,
  })
  const listed = await client('GET', '/v1/jobs?projectId=1&limit=1&offset=1')
  const page = data<{ jobs: { id: number }[]; total: number; offset: number; limit: number }>(listed)
  assert.deepEqual([page.jobs.length, page.total, page.offset, page.limit], [1, 2, 1, 1])

  const changed = await client('PUT', `/v1/jobs/${made[0]!.id}`, { body: { data: 'new', spec: '@every 5m' } })
  assert.deepEqual([data(changed).data, data(changed).spec], ['new', '@every 1m'])
  assert.equal((await client('DELETE', `/v1/jobs/${made[0]!.id}`)).status, 204)
  const gone = await client('GET', `/v1/jobs/${made[0]!.id}`)
  assert.deepEqual([gone.status, gone.json], [404, { data: 'job cannot be found', success: false }])
  const busy = await client('DELETE', '/v1/projects/1')
  assert.deepEqual([busy.status, (busy.json as Envelope).success], [400, false])
})

test('the last execution is one that was carried out', async () => {
  await using s0 = await openScheduler0()
  const { client, as, house } = s0
  const { store, clock } = house
  await client('POST', '/v1/projects', { body: PROJECT })
  const jobs = await client('POST', '/v1/jobs', { body: [job(1)] })
  const [made] = JSON.parse(
    data<{ output: string }>(await client('GET', String(jobs.headers.location))).output,
  ) as { id: number }[]
  const shown = async (url: string) => data<{ last_execution_date: string }>(await client('GET', url))
  const plannedWith = async (slots: number) => {
    clock.advance(60_000)
    await store.runs.plan({ now: clock.now(), limit: 1, nodeId: 'nod_a', slots }, (due) =>
      plan(due, clock.now()),
    )
  }
  await store.nodes.register({ id: 'nod_a', hostname: 'host', pid: 1, version: '1' }, clock.now(), 3_600_000)
  await plannedWith(1)
  const began = new Date(clock.now()).toISOString()
  for (let minutes = 0; minutes < 8; minutes += 1) await plannedWith(0)
  assert.equal((await shown(`/v1/jobs/${made!.id}`)).last_execution_date, began)
  const listed = data<{ jobs: { last_execution_date: string }[] }>(
    await client('GET', '/v1/jobs?projectId=1&limit=5&offset=0'),
  )
  assert.equal(listed.jobs[0]!.last_execution_date, began)
  const reader = await house.key({ scopes: ['jobs:read'] })
  const seen = await as({ authorization: `Bearer ${reader}` })('GET', `/v1/jobs/${made!.id}`)
  assert.equal(data(seen).last_execution_date, '0001-01-01T00:00:00Z', seen.text)
})

test('/api/v1 speaks camelCase; both take both spellings', async () => {
  await using s0 = await openScheduler0()
  const { client } = s0
  const project = data<{ id: number; dateCreated: string }>(
    await client('POST', '/api/v1/projects', { body: PROJECT }),
  )
  assert.ok(project.dateCreated)
  const camel = {
    projectId: project.id,
    spec: '0 30 9 * * 1',
    timezone: 'Europe/Berlin',
    callbackUrl: 'https://example.com/cb',
    data: 'd',
    executionType: 'http',
    startDate: '2027-02-01T00:00:00Z',
    endDate: '2027-03-01T00:00:00Z',
  }
  const reply = await client('POST', '/v1/jobs', { body: [camel, job(project.id)] })
  assert.equal(reply.status, 202, reply.text)
  const { output } = data<{ output: string }>(await client('GET', `/api${reply.headers.location}`))
  const [first, second] = JSON.parse(output) as Record<string, unknown>[]
  assert.deepEqual(
    [first?.callbackUrl, first?.startDate, second?.callbackUrl],
    ['https://example.com/cb', '2027-02-01T00:00:00Z', 'http://localhost:3000/callback'],
  )
  const [stored] = (await s0.house.store.jobs.list({ q: String(first?.id) }, { limit: 1 })).items
  assert.equal(new Date(stored!.nextDueAt!).toISOString(), '2027-02-01T08:30:00.000Z')
  assert.equal(stored?.spec.schedule.until, '2027-03-01T00:00:00Z')
})

test('its cron starts with seconds', async () => {
  await using s0 = await openScheduler0()
  const { client, house } = s0
  const { id } = data<{ id: number }>(await client('POST', '/v1/projects', { body: PROJECT }))
  const next = async (spec: string): Promise<string> => {
    const reply = await client('POST', '/v1/jobs', { body: [job(id, { spec, timezone: 'UTC' })] })
    assert.equal(reply.status, 202, reply.text)
    const { output } = data<{ output: string }>(await client('GET', String(reply.headers.location)))
    const [made] = JSON.parse(output) as { id: number }[]
    const [stored] = (await house.store.jobs.list({ q: String(made!.id) }, { limit: 1 })).items
    return new Date(stored!.nextDueAt!).toISOString()
  }
  assert.equal(await next('0 0 1 1 *'), '2027-01-01T01:00:00.000Z')
  assert.equal(await next('30 0 12 * * MON'), '2027-01-04T12:00:30.000Z')
  assert.equal(await next('@hourly'), '2027-01-01T01:00:00.000Z')
  assert.equal(await next('@every 1h30m'), '2027-01-01T01:30:00.000Z')
  assert.equal(await next('@every 100ms'), '2027-01-01T00:00:01.000Z')
})

test('what is wrong is said in its envelope, and nothing is stored', async () => {
  await using s0 = await openScheduler0()
  const { client, house } = s0
  const { id } = data<{ id: number }>(await client('POST', '/v1/projects', { body: PROJECT }))
  const wrong: [unknown, number, RegExp][] = [
    [[job(id), job(id, { spec: '99 * * * * *' })], 400, /second/],
    [[job(id, { spec: 'nonsense' })], 400, /job spec is not valid nonsense/],
    [[job(id, { spec: '0 0 0 * * 7' })], 400, /job spec is not valid/],
    [[job(id, { timezone: '' })], 400, /job timezone is not valid, provided timezone is/],
    [[job(id, { timezone: 'Mars/Olympus' })], 400, /provided timezone is Mars\/Olympus/],
    [[job(77)], 400, /a project in the payload does not exist. project id 77/],
    [[job(id, { callback_url: 'nowhere' })], 400, /url/],
    [[job(id, { execution_type: 'carrier_pigeon' })], 400, /not supported/],
    [[{ project_id: id }], 400, /spec/],
    [['job'], 400, /object/],
    [{ spec: 'x' }, 400, /array/],
  ]
  for (const [body, status, words] of wrong) {
    const reply = await client('POST', '/v1/jobs', { body })
    const envelope = reply.json as Envelope<string>
    assert.deepEqual([reply.status, envelope.success], [status, false], JSON.stringify(body))
    assert.match(envelope.data, words)
  }
  assert.equal((await client('POST', '/v1/jobs', { raw: '[' })).status, 400)
  assert.equal((await client('POST', '/v1/jobs')).status, 400)
  const nameless = await client('POST', '/v1/projects', { body: { description: 'x' } })
  assert.deepEqual(
    [nameless.status, nameless.json],
    [400, { data: { Message: 'name field is required', Type: 400 }, success: false }],
  )
  const again = await client('POST', '/v1/projects', { body: PROJECT })
  assert.match(data<{ Message: string }>(again).Message, /another project exist with the same name/)
  assert.equal((await client('GET', '/v1/projects')).status, 400)
  assert.equal((await client('GET', '/v1/projects/99')).status, 404)
  assert.equal((await client('GET', '/v1/projects/x')).status, 400)
  assert.equal((await client('GET', '/v1/async-tasks/1-1.1.99999999')).status, 404)
  assert.equal((await client('GET', '/v1/async-tasks/7-1.5.1')).status, 404)
  assert.deepEqual((await house.store.jobs.list({}, { limit: 10 })).items, [])
  assert.deepEqual(house.faults, [])
})

test('both halves of a credential are needed, and must belong together', async () => {
  await using s0 = await openScheduler0()
  const { as, pair, house, ask } = s0
  const second = data<Record<string, string>>(
    await ask('POST', '/v1/credentials', { key: house.admin, body: {} }),
  )
  const refused = { data: 'unauthorized requests', success: false }
  for (const headers of [
    {},
    { 'x-secret-key': pair['x-secret-key']! },
    { ...pair, 'x-secret-key': 'wrong-secret-of-some-length' },
    { ...pair, 'x-api-key': second.api_key! },
  ]) {
    const reply = await as(headers)('GET', '/v1/projects?limit=1&offset=0')
    assert.deepEqual([reply.status, reply.json], [401, refused])
  }
  // Clients do not make clients: that takes the operator's key.
  assert.equal((await as(pair)('POST', '/v1/credentials', { body: {} })).status, 403)
  const list = data<{ credentials: { api_secret?: string }[]; total: number }>(
    await ask('GET', '/v1/credentials?limit=10&offset=0', { key: house.admin }),
  )
  assert.ok(list.credentials.every(({ api_secret }) => api_secret === undefined))
  const archived = await ask('PUT', `/v1/credentials/${second.api_key}`, {
    key: house.admin,
    body: { api_key: second.api_key, api_secret: second.api_secret, archived: true },
  })
  assert.equal(data(archived).archived, true)
  const ended = as({ 'x-api-key': second.api_key!, 'x-secret-key': second.api_secret! })
  assert.equal((await ended('GET', '/v1/projects?limit=1&offset=0')).status, 401)
  assert.equal((await as({})('GET', '/v1/healthcheck')).status, 200)
  assert.equal((await as({})('GET', '/api/v1/healthcheck')).status, 200)
})

test('a job that others made in its project is not there for its clients', async () => {
  await using s0 = await openScheduler0()
  const { client, house } = s0
  await client('POST', '/v1/projects', { body: PROJECT })
  await client('POST', '/v1/jobs', { body: [job(1)] })
  const target = { http: { url: 'https://example.com' } }
  const project = 'scheduler0-1'
  for (const [name, more] of [
    ['1000000077', { target: { command: { argv: ['true'] } } }],
    ['1000000078', { target }],
    ['1000000079', { target, labels: { door: 'scheduler0' } }],
    ['ours', { target: { http: { ...target.http, body: 'text' } }, labels: { door: 'scheduler0' } }],
  ] as const) {
    const made = await house.ask<{ id: string }>('POST', '/v1/jobs', {
      body: { name, project, schedule: {}, ...more },
    })
    assert.equal(made.status, 201, made.text)
    await house.ask('POST', `/v1/jobs/${made.body.id}/trigger`)
  }
  for (const number of ['1000000077', '1000000078', '1000000079']) {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const reply = await client(
        method,
        `/v1/jobs/${number}`,
        method === 'PUT' ? { body: { data: 'x' } } : {},
      )
      assert.equal(reply.status, 404, `${method} ${number} ${reply.text}`)
    }
  }
  const list = await client('GET', '/v1/jobs?projectId=1&limit=10&offset=0')
  assert.deepEqual([list.status, data<{ jobs: object[] }>(list).jobs.length], [200, 1])
  const task = await client('GET', '/v1/async-tasks/1-1.1.100')
  assert.equal((JSON.parse(data<{ output: string }>(task).output) as object[]).length, 1)
  const runs = data<{ executions: { job_id: number | null }[] }>(
    await client('GET', '/v1/executions?projectId=1&limit=10&offset=0'),
  )
  assert.ok(
    runs.executions.every(({ job_id }) => Number.isInteger(job_id)),
    JSON.stringify(runs),
  )
  assert.deepEqual(house.faults, [])
})

test('a page and a made-up task ask the store few questions', async () => {
  const asked: string[] = []
  await using s0 = await openScheduler0((store) => counted(store, asked))
  const { client } = s0
  await client('POST', '/v1/projects', { body: PROJECT })
  await client('POST', '/v1/jobs', { body: Array.from({ length: 1_200 }, () => job(1)) })
  const page = async (query: string): Promise<{ jobs: { id: number }[]; total: number; offset: number }> => {
    asked.length = 0
    return data(await client('GET', `/v1/jobs?projectId=1&${query}`))
  }
  const first = await page('limit=10&offset=0')
  assert.deepEqual([first.jobs.length, first.total, first.offset], [10, 1_200, 0])
  assert.equal(asked.filter((step) => step === 'jobs.list').length, 1)
  const last = await page('limit=10&offset=1195')
  assert.deepEqual([last.jobs.length, last.total, last.offset], [5, 1_200, 1_195])
  assert.equal((await page('limit=10&offset=5000')).jobs.length, 0)
  assert.equal((await client('GET', '/v1/jobs?projectId=1&limit=10&offset=100001')).status, 400)
  asked.length = 0
  assert.equal((await client('GET', '/v1/async-tasks/1-1.50001.9999')).status, 404)
  assert.equal((await client('GET', '/v1/async-tasks/1-7.1.9999')).status, 404)
  assert.ok(asked.length < 40, `${asked.length} questions`)
})

test('what is counted by reading is counted up to a bound, and pages go on past it', async () => {
  const ask = { ctx: { limits: { pageMax: 500 } }, query: new URLSearchParams() } as unknown as CompatAsk
  const there = 10_750
  let read = 0
  const source = {
    read: async ({ limit, cursor }: { limit: number; cursor?: string }) => {
      const from = Number(cursor ?? 0)
      const items = Array.from({ length: Math.min(limit, there - from) }, (_, n) => from + n)
      read += items.length
      return { items, nextCursor: from + limit < there ? String(from + limit) : null }
    },
  }
  const at = async (offset: number) => {
    read = 0
    return pageOf({ ...ask, query: new URLSearchParams({ limit: '1000', offset: String(offset) }) }, source)
  }
  assert.deepEqual([(await at(0)).total, read], [10_000, 10_000])
  const shown: number[] = []
  let offset = 0
  for (let total = 1; offset < total; offset += 1_000) {
    const page = await at(offset)
    shown.push(...page.items)
    total = page.total
  }
  assert.equal(new Set(shown).size, there)
  // Where nothing is this door's, however much there is.
  let asked = 0
  const foreign = {
    read: async () => {
      asked += 1
      return { items: [], nextCursor: 'more' }
    },
  }
  const query = new URLSearchParams({ limit: '10', offset: '0' })
  assert.equal((await pageOf({ ...ask, query }, foreign)).total, 0)
  assert.ok(asked <= 1_000, `${asked} pages`)
})

test('what somebody else changes of a job meanwhile is not lost', async () => {
  const step = new HeldStep()
  await using s0 = await openScheduler0((store) => step.around(store, 'jobs', 'change'))
  const { client, house } = s0
  await client('POST', '/v1/projects', { body: PROJECT })
  await client('POST', '/v1/jobs', { body: [job(1)] })
  const [made] = (await house.store.jobs.list({}, { limit: 1 })).items
  step.hold()
  const setting = client('PUT', `/v1/jobs/${made?.spec.name}`, { body: { data: 'new' } })
  await step.reached.promise
  const other = await house.ask('PATCH', `/v1/jobs/${made?.id}`, { body: { labels: { team: 'a' } } })
  assert.equal(other.status, 200, other.text)
  step.release()
  assert.equal(data(await setting).data, 'new')
  const [after] = (await house.store.jobs.list({}, { limit: 1 })).items
  assert.equal(after?.spec.labels.team, 'a')
})
