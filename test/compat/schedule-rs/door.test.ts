// What the document of schedule-rs prints, asked and answered; its moments moved into the future.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reportCompletions } from '../../../src/commands/report-completion.ts'
import { plan } from '../../../src/domain/plan.ts'
import { scheduleRsDoor } from '../../../src/doors/compat/schedule-rs/routes.ts'
import { counted } from '../../support/counted-store.ts'
import { HeldStep } from '../../support/held-step.ts'
import { openCompatHouse } from '../compat-house.ts'

const DAY = 86_400_000
const YEARLY = {
  id: 'ec3eee49-f876-4ceb-a112-9dc33251e506',
  request: {
    url: 'https://example.com',
    method: 'GET',
    body: 'Hello world!',
    headers: { 'Content-Type': 'text/plain' },
  },
  schedule: '0 0 1 1 *',
}
const ONCE = {
  id: '87a2df69-f049-46e8-8202-b73ebbc54fda',
  request: YEARLY.request,
  schedule_at: '2031-01-01T00:00:00Z',
}
const CALLBACK = {
  url: 'https://example.com/callback',
  headers: { 'Content-Type': 'application/json', Authorization: 'Bearer token' },
}

test('create, list, get, update, delete, as documented', async () => {
  await using door = await openCompatHouse(scheduleRsDoor)
  const { ask } = door
  for (const schedule of [YEARLY, ONCE]) {
    const created = await ask('POST', '/schedule', { body: schedule })
    assert.deepEqual([created.status, created.json], [200, { ...schedule, status: 'scheduled' }])
  }
  const listed = await ask('GET', '/schedule')
  assert.equal(listed.status, 200)
  assert.deepEqual(
    new Set((listed.json as { id: string }[]).map((one) => JSON.stringify(one))),
    new Set([YEARLY, ONCE].map((one) => JSON.stringify({ ...one, status: 'scheduled' }))),
  )
  const one = await ask('GET', `/schedule/${ONCE.id}`)
  assert.deepEqual([one.status, one.json], [200, { ...ONCE, status: 'scheduled' }])

  const { id, ...rest } = YEARLY
  const changed = await ask('PUT', `/schedule/${id}`, { body: { ...rest, schedule: '0 12 1 1 *' } })
  assert.deepEqual([changed.status, (changed.json as { schedule: string }).schedule], [200, '0 12 1 1 *'])
  const callback = await ask('PUT', `/schedule/${id}/callback`, { body: { callback: CALLBACK } })
  assert.equal(callback.status, 200)
  const [job] = (await door.house.store.jobs.list({ q: id }, { limit: 1 })).items
  assert.equal(job?.spec.callback?.url, CALLBACK.url)
  assert.deepEqual(job?.spec.callback?.headers, CALLBACK.headers)

  assert.equal((await ask('DELETE', `/schedule/${id}`)).status, 204)
  const gone = await ask('GET', `/schedule/${id}`)
  assert.deepEqual([gone.status, gone.text], [404, 'Schedule not found'])
  assert.equal((await ask('DELETE', `/schedule/${id}`)).status, 404)
})

test('the same below /compat on the main listener, for any key that may', async () => {
  await using door = await openCompatHouse(scheduleRsDoor)
  const { askMain, ask, house } = door
  assert.equal((await askMain('POST', '/schedule', { body: ONCE })).status, 200)
  assert.equal((await ask('GET', `/schedule/${ONCE.id}`)).status, 200)
  assert.equal((await askMain('GET', `/schedule/${ONCE.id}`, { key: house.admin })).status, 200)
  // The door's key is for its project, and sees nothing else.
  await house.ask('POST', '/v1/jobs', {
    body: { name: 'ours', schedule: {}, target: { http: { url: 'https://example.com' } } },
  })
  assert.equal((await askMain('GET', '/schedule/ours', { key: house.admin })).status, 404)
  assert.equal(((await askMain('GET', '/schedule')).json as unknown[]).length, 1)
})

test('/api/schedules: the words of the program, null where nothing is', async () => {
  await using door = await openCompatHouse(scheduleRsDoor)
  const { ask, house } = door
  const body = { ...ONCE, tags: ['a', 'b'], request: { ...ONCE.request, retry: [1, 5] }, callback: CALLBACK }
  const created = await ask('POST', '/api/schedules', { body })
  const now = new Date(house.clock.now()).toISOString()
  const expected = {
    ...body,
    schedule: null,
    created_at: now,
    updated_at: now,
    status: 'scheduled',
  }
  assert.deepEqual([created.status, created.json], [200, expected])
  assert.deepEqual((await ask('GET', `/api/schedules/${ONCE.id}`)).json, expected)
  for (const id of ['one', 'two', 'three']) {
    await ask('POST', '/api/schedules', { body: { ...YEARLY, id, schedule: '0 30 9 * * 2' } })
  }
  const page = (await ask('GET', '/api/schedules?page=2&after=1')).json as { id: string }[]
  assert.equal(page.length, 2)
})

test('an id that is there is replaced; one that is missing is made', async () => {
  await using door = await openCompatHouse(scheduleRsDoor)
  const { ask } = door
  await ask('POST', '/schedule', { body: YEARLY })
  const again = await ask('POST', '/schedule', { body: { ...YEARLY, schedule: '5 0 1 1 *' } })
  assert.deepEqual([again.status, (again.json as { schedule: string }).schedule], [200, '5 0 1 1 *'])
  assert.equal(((await ask('GET', '/schedule')).json as unknown[]).length, 1)
  const { id: _, ...nameless } = YEARLY
  const made = (await ask('POST', '/schedule', { body: nameless })).json as { id: string }
  assert.match(made.id, /^[0-9a-f-]{36}$/)
})

test('six fields: days of the week count from 1 = Sunday, and both day fields must fit', async () => {
  await using door = await openCompatHouse(scheduleRsDoor)
  const next = async (schedule: string): Promise<string> => {
    const reply = await door.ask('POST', '/schedule', { body: { ...YEARLY, schedule } })
    assert.equal(reply.status, 200, reply.text)
    assert.equal((reply.json as { schedule: string }).schedule, schedule)
    const [job] = (await door.house.store.jobs.list({ q: YEARLY.id }, { limit: 1 })).items
    return new Date(job!.nextDueAt!).toISOString()
  }
  assert.equal(await next('0 30 9 * * 2'), '2027-01-04T09:30:00.000Z') // a Monday
  assert.equal(await next('0 30 9 * * Mon'), '2027-01-04T09:30:00.000Z')
  assert.equal(await next('0 0 0 13 * 6'), '2027-08-13T00:00:00.000Z') // Friday the 13th
  assert.equal(await next('0 0 0 * * 1-7/3 2028'), '2028-01-01T00:00:00.000Z') // 1, 4, 7: Sunday, Wednesday, Saturday
})

test('refusals are plain text that says how to mend it; nothing is stored', async () => {
  await using door = await openCompatHouse(scheduleRsDoor)
  const { ask } = door
  const wrong: [string, unknown, number, RegExp][] = [
    ['bad cron', { ...YEARLY, schedule: '61 * * * *' }, 400, /minute/],
    ['never', { ...YEARLY, schedule: '0 0 30 2 *' }, 400, /never|no such day|30/i],
    ['Sunday is 1, not 0', { ...YEARLY, schedule: '0 0 0 * * 0' }, 400, /day of week/],
    ['no request', { id: 'x', schedule: '* * * * *' }, 400, /request/],
    ['a number for a url', { ...YEARLY, request: { url: 7 } }, 400, /url/],
    ['ftp', { ...YEARLY, request: { url: 'ftp://example.com' } }, 400, /http/],
    ['a moment that has passed', { ...ONCE, schedule_at: '2021-01-01T00:00:00Z' }, 400, /passed/],
    [
      'a header that frames',
      { ...YEARLY, request: { url: 'https://x.example', headers: { Host: 'y' } } },
      400,
      /Host/,
    ],
    ['not an object', [], 400, /object/],
  ]
  for (const [name, body, status, words] of wrong) {
    const reply = await ask('POST', '/schedule', { body })
    assert.deepEqual([name, reply.status], [name, status], reply.text)
    assert.match(String(reply.headers['content-type']), /^text\/plain/, name)
    assert.match(reply.text, words, name)
  }
  const raw: [string, string | undefined, number][] = [
    ['not JSON', '{"id":', 400],
    ['two of a kind', '{"id":"a","id":"b"}', 400],
    ['nothing', undefined, 400],
    ['too large', JSON.stringify({ x: 'y'.repeat(3 << 20) }), 413],
    ['deep', `${'['.repeat(100)}${']'.repeat(100)}`, 400],
  ]
  for (const [name, text, status] of raw) {
    const reply = await ask('POST', '/schedule', text === undefined ? {} : { raw: text })
    assert.deepEqual([name, reply.status], [name, status], reply.text)
  }
  assert.deepEqual((await ask('GET', '/schedule')).json, [])
  assert.equal((await ask('GET', '/schedule?page=x')).status, 400)
  assert.equal((await ask('GET', '/schedules')).status, 404)
  assert.equal((await ask('PATCH', '/schedule')).status, 405)
  assert.deepEqual(door.house.faults, [])
})

test('a key is needed, unless whoever runs it says otherwise', async () => {
  await using door = await openCompatHouse(scheduleRsDoor)
  assert.equal((await door.ask('GET', '/schedule', { key: null })).status, 401)
  assert.equal((await door.ask('GET', '/schedule', { key: 'wrong-key-of-some-length' })).status, 401)
  await using open = await openCompatHouse(scheduleRsDoor, { anonymous: true })
  assert.equal((await open.ask('GET', '/schedule', { key: null })).status, 200)
  assert.equal((await open.askMain('GET', '/schedule', { key: null })).status, 401)
  // As curl sends JSON when it is not told what it is.
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const posted = await open.ask('POST', '/schedule', { raw: JSON.stringify(ONCE), headers, key: null })
  assert.equal(posted.status, 200)
})

test('where nobody needs a key, web pages in a browser of this machine may not write, nor read under another name', async () => {
  await using door = await openCompatHouse(scheduleRsDoor, { anonymous: true })
  const asked = (method: string, headers: Record<string, string>) =>
    door.ask(method, '/schedule', { ...(method === 'GET' ? {} : { body: YEARLY }), headers, key: null })
  const own = { host: '127.0.0.1:8081' }
  for (const headers of [
    { ...own, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { ...own, origin: 'https://evil.example' },
    { ...own, origin: 'null' },
    // Another port of this machine is another's page.
    { ...own, origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' },
    { host: 'evil.example:8081', origin: 'http://evil.example:8081', 'sec-fetch-site': 'same-origin' },
    { host: 'evil.example:8081' },
  ]) {
    assert.equal((await asked('POST', headers)).status, 403, JSON.stringify(headers))
  }
  assert.deepEqual((await door.house.store.jobs.list({}, { limit: 1 })).items, [])
  assert.equal((await asked('GET', { host: 'evil.example:8081' })).status, 403)
  for (const host of ['127.0.0.1:8081', 'localhost:8081', '[::1]:8081', 'api.localhost']) {
    assert.equal((await asked('GET', { host })).status, 200, host)
  }
  assert.equal((await asked('POST', own)).status, 200)
  // With a key, every name will do.
  const { ask } = door
  assert.equal((await ask('GET', '/schedule', { headers: { host: 'schedules.example' } })).status, 200)
})

test('a job of that name that is not of this door stays as it is', async () => {
  await using door = await openCompatHouse(scheduleRsDoor)
  const { ask, house } = door
  const ours = {
    name: YEARLY.id,
    project: 'schedule-rs',
    schedule: {},
    target: { http: { url: 'https://example.com/ours' } },
  }
  const made = await house.ask<{ id: string }>('POST', '/v1/jobs', { body: ours })
  assert.equal(made.status, 201, made.text)
  const refused = await ask('POST', '/schedule', { body: YEARLY })
  assert.deepEqual([refused.status, /name/.test(refused.text)], [409, true], refused.text)
  const { body } = await house.ask<{ version: number; target: object }>('GET', `/v1/jobs/${made.body.id}`)
  assert.deepEqual([body.version, body.target], [1, ours.target])
})

test('what the operator has set stays when a client replaces what it knows', async () => {
  await using door = await openCompatHouse(scheduleRsDoor)
  const { ask, house } = door
  await ask('POST', '/schedule', { body: { ...YEARLY, tags: ['a', 'b'] } })
  const stored = async () => (await house.store.jobs.list({ q: YEARLY.id }, { limit: 1 })).items[0]!
  const before = await stored()
  const policy = { keep: { days: 400 }, retry: { max: 1 } }
  const target = { http: { ...before.spec.target.http, timeout: '7s', acceptStatus: ['2xx', 404] } }
  const set = { description: 'yearly', labels: { ...before.spec.labels, team: 'a' }, policy, target }
  const edited = await house.ask('PATCH', `/v1/jobs/${before.id}`, { body: set })
  assert.equal(edited.status, 200, edited.text)
  const { id, ...sent } = { ...YEARLY, request: { url: 'https://example.com/new', body: 'new' }, tags: ['c'] }
  for (const [method, url, body] of [
    ['PUT', `/schedule/${id}`, sent],
    ['POST', '/schedule', { id, ...sent }],
  ] as const) {
    assert.equal((await ask(method, url, { body })).status, 200)
    const { spec } = await stored()
    assert.deepEqual(spec.labels, { door: 'schedule-rs', team: 'a', 'tags.0': 'c' })
    assert.deepEqual([spec.description, spec.policy], ['yearly', policy])
    const http = { ...sent.request, method: 'GET', timeout: '7s', acceptStatus: ['2xx', 404] }
    assert.deepEqual(spec.target, { http })
  }
  await ask('PUT', `/schedule/${id}`, { body: { ...sent, request: { ...sent.request, retry: [3] } } })
  assert.deepEqual((await stored()).spec.policy, { ...policy, retry: { delays: ['3s'] } })
})

test('who is told of a run sees the request, and none of its secrets', async () => {
  await using door = await openCompatHouse(scheduleRsDoor)
  const { ask, house } = door
  const value = { value: 'a-token-of-the-target' }
  assert.equal((await house.ask('PUT', '/v1/secrets/token?project=schedule-rs', { body: value })).status, 201)
  const headers = { Authorization: 'Bearer {{secret.token}}' }
  const request = { url: YEARLY.request.url, headers, body: '{"key":"{{ secret.token }}"}' }
  const body = { ...YEARLY, request, callback: CALLBACK }
  const made = await ask('POST', '/schedule', { body })
  assert.equal(made.status, 200, made.text)
  const put = { request, schedule: YEARLY.schedule }
  for (const [method, url, sent] of [
    ['PUT', `/schedule/${YEARLY.id}`, put],
    ['PUT', `/schedule/${YEARLY.id}/callback`, { callback: CALLBACK }],
  ] as const) {
    const [job] = (await house.store.jobs.list({}, { limit: 1 })).items
    assert.equal(job?.spec.target.http?.headers?.['Authorization'], headers.Authorization)
    const told = (job!.spec.callback!.body as { request: object }).request
    assert.deepEqual(told, {
      ...request,
      method: 'GET',
      headers: { Authorization: 'Bearer ***' },
      body: '{"key":"***"}',
    })
    assert.equal((await ask(method, url, { body: sent })).status, 200)
  }
})

test('what somebody else changes meanwhile is not lost', async () => {
  const step = new HeldStep()
  await using door = await openCompatHouse(scheduleRsDoor, {
    store: (store) => step.around(store, 'jobs', 'change'),
  })
  const { ask, house } = door
  await ask('POST', '/schedule', { body: YEARLY })
  step.hold()
  const setting = ask('PUT', `/schedule/${YEARLY.id}/callback`, { body: { callback: CALLBACK } })
  await step.reached.promise
  const [before] = (await house.store.jobs.list({ q: YEARLY.id }, { limit: 1 })).items
  const patched = await house.ask('PATCH', `/v1/jobs/${before?.id}`, { body: { labels: { team: 'a' } } })
  assert.equal(patched.status, 200, patched.text)
  step.release()
  assert.equal((await setting).status, 200)
  const [after] = (await house.store.jobs.list({ q: YEARLY.id }, { limit: 1 })).items
  assert.deepEqual([after?.spec.labels.team, after?.spec.callback?.url], ['a', CALLBACK.url])
})

test('a schedule that is under way says so, however often it was skipped since', async () => {
  await using door = await openCompatHouse(scheduleRsDoor)
  const { ask, house } = door
  await ask('POST', '/schedule', { body: { ...YEARLY, schedule: '* * * * * *' } })
  const { store, clock } = house
  await store.nodes.register({ id: 'nod_a', hostname: 'host', pid: 1, version: '1' }, clock.now(), 3_600_000)
  for (let seconds = 0; seconds < 12; seconds += 1) {
    clock.advance(1_000)
    await store.runs.plan({ now: clock.now(), limit: 1, nodeId: 'nod_a', slots: 1 }, (due) =>
      plan(due, clock.now()),
    )
  }
  assert.equal((await store.runs.list({ status: ['skipped'] }, { limit: 50 })).items.length, 11)
  for (const [url, status] of [
    [`/schedule/${YEARLY.id}`, 'running'],
    [`/api/schedules/${YEARLY.id}`, 'executing'],
  ] as const)
    assert.equal(((await ask('GET', url)).json as { status: string }).status, status)
})

test('a long list asks the store a few questions, and passes over what stands before it', async () => {
  const asked: string[] = []
  await using door = await openCompatHouse(scheduleRsDoor, { store: (store) => counted(store, asked) })
  const { ask } = door
  for (let n = 0; n < 250; n += 1) {
    await ask('POST', '/schedule', { body: { ...YEARLY, id: `s-${String(n).padStart(3, '0')}` } })
  }
  const ids = async (query: string): Promise<string[]> => {
    asked.length = 0
    const reply = await ask('GET', `/schedule?${query}`)
    assert.equal(reply.status, 200, reply.text)
    return (reply.json as { id: string }[]).map(({ id }) => id)
  }
  assert.equal((await ids('page=1000')).length, 250)
  assert.ok(asked.length < 20, asked.join(' '))
  assert.deepEqual(await ids('page=2&after=120'), ['s-120', 's-121'])
  assert.deepEqual(await ids('page=5&after=248'), ['s-248', 's-249'])
  assert.deepEqual(await ids('page=5&after=300'), [])
})

test('scheduled, running, failed or done, in the words of each address; what rang once is gone with its history', async () => {
  await using door = await openCompatHouse(scheduleRsDoor)
  const { ask, house } = door
  const { ctx, store, clock } = house
  await store.nodes.register({ id: 'nod_a', hostname: 'host', pid: 1, version: '1' }, clock.now(), DAY)
  const schedule_at = new Date(clock.now() + 60_000).toISOString()
  for (const id of ['well', 'ill']) await ask('POST', '/schedule', { body: { ...ONCE, id, schedule_at } })
  await ask('POST', '/schedule', { body: { ...YEARLY, id: 'often', schedule: '* * * * *' } })
  const statuses = async (id: string): Promise<unknown[]> => {
    const [one, other] = [await ask('GET', `/schedule/${id}`), await ask('GET', `/api/schedules/${id}`)]
    return [one.json, other.json].map((shown) => (shown as { status: string } | null)?.status)
  }
  assert.deepEqual(await statuses('well'), ['scheduled', 'scheduled'])

  clock.advance(60_000)
  const now = clock.now()
  const { leased } = await store.runs.plan({ now, limit: 9, nodeId: 'nod_a', slots: 9 }, (due) =>
    plan(due, now),
  )
  assert.equal(leased.length, 3)
  for (const id of ['well', 'ill', 'often']) assert.deepEqual(await statuses(id), ['running', 'executing'])
  const gone = {
    kind: 'error',
    code: 'connect',
    message: 'Failed to connect to host',
    reached: 'no',
  } as const
  await reportCompletions(
    ctx,
    leased.map((work) => ({
      work,
      outcome: work.run.jobName === 'ill' ? { ...gone, retryable: false } : { kind: 'ok' },
      endedAt: now,
    })),
  )
  const executed_at = new Date(now).toISOString()
  const { url, method, body, headers } = ONCE.request
  // As the document prints what has ended: its request at the top.
  const ended = { id: 'well', request: ONCE.request, url, method, body, headers, schedule_at, executed_at }
  assert.deepEqual((await ask('GET', '/schedule/well')).json, { ...ended, status: 'done' })
  assert.deepEqual((await ask('GET', '/schedule/ill')).json, {
    ...ended,
    id: 'ill',
    status: 'failed',
    last_error: 'Failed to connect to host',
  })
  // One that rings again stays what it was until it does.
  assert.deepEqual(await statuses('often'), ['done', 'completed'])
  assert.deepEqual(await statuses('ill'), ['failed', 'failed'])

  const retention = { defaultDays: 30 }
  clock.advance(29 * DAY)
  await store.housekeeping.forget({ now: clock.now(), limit: 100, retention })
  assert.deepEqual(await statuses('well'), ['done', 'completed'])
  clock.advance(2 * DAY)
  await store.housekeeping.forget({ now: clock.now(), limit: 100, retention })
  for (const id of ['well', 'ill']) {
    const { status, text } = await ask('GET', `/schedule/${id}`)
    assert.deepEqual([status, text], [404, 'Schedule not found'])
  }
  const left = ((await ask('GET', '/schedule')).json as { id: string }[]).map(({ id }) => id)
  assert.deepEqual(left, ['often'])
  // Its id may be used again.
  const again = { ...ONCE, id: 'well', schedule_at: new Date(clock.now() + 60_000).toISOString() }
  assert.deepEqual((await ask('POST', '/schedule', { body: again })).json, { ...again, status: 'scheduled' })
})
