// Who gets in, where to, how often.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Scope } from '../../src/domain/api-key.ts'
import type { KeyWithSecret } from '../../src/protocol/key.ts'
import { counted } from '../support/counted-store.ts'
import { type Asking, assertProblem, type House, openHouse, PING } from './house.ts'

const bare = (headers: Record<string, string>): Asking => ({ key: null, headers })

test('a key is shown as Bearer or as X-API-Key', async () => {
  await using house = await openHouse()
  const shown = [
    { authorization: `Bearer ${house.admin}` },
    { authorization: `bearer   ${house.admin} ` },
    { 'x-api-key': house.admin },
  ]
  for (const headers of shown) assert.equal((await house.ask('GET', '/v1/jobs', bare(headers))).status, 200)
  const both = { authorization: `Bearer ${house.admin}`, 'x-api-key': house.admin }
  assert.equal((await house.ask('GET', '/v1/jobs', bare(both))).status, 200)
})

test('what is no good key is nobody', async () => {
  await using house = await openHouse()
  const wrong = house.admin.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  const expiring = await house.key({ expiresAt: '2027-01-01T01:00:00Z' })
  assert.equal((await house.ask('GET', '/v1/jobs', { key: expiring })).status, 200)
  house.clock.advance(3_600_000)
  for (const headers of [
    {},
    { authorization: '' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer ' },
    { authorization: house.admin },
    { authorization: `Basic ${house.admin}` },
    { authorization: `Bearer ${wrong}` },
    { authorization: `Bearer ${'x'.repeat(4_000)}` },
    { authorization: `Bearer ${expiring}` },
    { 'x-api-key': '' },
    { authorization: `Bearer ${house.admin}`, 'x-api-key': expiring },
  ] as Record<string, string>[]) {
    const reply = await house.ask('GET', '/v1/jobs', bare(headers))
    assertProblem(reply, 401, 'unauthenticated')
    assert.match(reply.headers['www-authenticate'] ?? '', /^Bearer/)
    assert.ok(!reply.text.includes(house.admin))
  }
})

test('a key in the address is refused, even a good one', async () => {
  await using house = await openHouse()
  for (const name of ['api_key', 'access_token', 'X-API-Key', 'token']) {
    const reply = await house.ask('GET', `/v1/jobs?${name}=${house.admin}`)
    assertProblem(reply, 400, 'key_in_query')
    assert.ok(!reply.text.includes(house.admin))
  }
})

test('nobody’s body is read', async () => {
  await using house = await openHouse()
  // Not JSON, and far too large: had it been looked at, this would be another problem.
  const reply = await house.ask('POST', '/v1/jobs', { key: null, raw: '{'.repeat(2_000_000) })
  assertProblem(reply, 401, 'unauthenticated')
})

describe('every scope opens what it says and nothing else', () => {
  const DOORS: readonly (readonly [method: string, url: string, opens: readonly Scope[], body?: object])[] = [
    ['GET', '/v1/jobs', ['jobs:read', 'jobs:write', 'admin']],
    ['POST', '/v1/jobs', ['jobs:write', 'admin'], { ...PING, name: 'x' }],
    ['PATCH', '/v1/jobs/ping', ['jobs:write', 'admin'], { description: 'x' }],
    ['POST', '/v1/jobs/ping/pause', ['jobs:write', 'admin']],
    ['GET', '/v1/runs', ['runs:read', 'runs:write', 'admin']],
    ['GET', '/v1/jobs/ping/ledger', ['runs:read', 'runs:write', 'admin']],
    ['GET', '/v1/jobs/ping/why', ['runs:read', 'runs:write', 'admin']],
    ['POST', '/v1/jobs/ping/trigger', ['runs:write', 'admin'], { force: true }],
    ['GET', '/v1/callbacks', ['runs:read', 'runs:write', 'admin']],
    ['GET', '/v1/keys', ['admin']],
    ['POST', '/v1/projects', ['admin'], { name: 'x' }],
    ['GET', '/metrics', ['runs:read', 'runs:write', 'admin']],
  ]
  for (const scope of ['jobs:read', 'jobs:write', 'runs:read', 'runs:write', 'admin', 'agent'] as const) {
    test(scope, async () => {
      await using house = await openHouse()
      await house.ask('POST', '/v1/jobs', { body: PING })
      const key = await house.key({ scopes: [scope] })
      for (const [method, url, opens, body] of DOORS) {
        const reply = await house.ask(method, url, { key, ...(body === undefined ? {} : { body }) })
        if (opens.includes(scope)) assert.ok(reply.status < 300, `${method} ${url}: ${reply.text}`)
        else assert.match(assertProblem(reply, 403, 'forbidden').detail, /scope/)
      }
    })
  }
})

test('other projects’ things do not exist', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/projects', { body: { name: 'mine' } })
  const made = await house.ask<{ id: string }>('POST', '/v1/jobs', { body: PING })
  const run = await house.ask<{ id: string }>('POST', '/v1/jobs/ping/trigger', {})
  const key = await house.key({ scopes: ['jobs:write', 'runs:write'], projects: ['mine'] })
  const nobody = 'job_01JGFJJZ00AZ5V9W7Q3K4M6N8P'
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/pause'],
    ['POST', '/trigger'],
    ['GET', '/why'],
    ['GET', '/versions'],
  ] as const) {
    const theirs = await house.ask(method, `/v1/jobs/${made.body.id}${path}`, { key })
    const none = await house.ask(method, `/v1/jobs/${nobody}${path}`, { key })
    const plain = (text: string): string => text.replaceAll(/(job|req)_[0-9A-Z]{26}/g, '$1')
    assertProblem(theirs, 404, 'not_found')
    assert.equal(plain(theirs.text), plain(none.text), 'no difference to what is not there at all')
  }
  assertProblem(await house.ask('GET', `/v1/runs/${run.body.id}`, { key }), 404, 'not_found')
  assertProblem(await house.ask('GET', '/v1/jobs?project=default', { key }), 404, 'not_found')
  assert.deepEqual((await house.ask('GET', '/v1/jobs', { key })).body.items, [])
  assert.equal((await house.ask('POST', '/v1/jobs', { key, body: { ...PING, project: 'mine' } })).status, 201)
})

test('keys: made once, shown once, rotated, revoked', async () => {
  await using house = await openHouse()
  const { status, body, text } = await house.ask<KeyWithSecret>('POST', '/v1/keys', {
    body: { name: 'ci', scopes: ['jobs:read'] },
  })
  assert.equal(status, 201)
  assert.ok(!text.includes('"hash"'))
  assert.equal((await house.ask('GET', '/v1/jobs', { key: body.secret })).status, 200)
  const list = await house.ask('GET', '/v1/keys')
  assert.ok(!list.text.includes(body.secret) && !list.text.includes('hash'))

  const rotated = await house.ask<KeyWithSecret>('POST', `/v1/keys/${body.id}/rotate`, {
    body: { overlap: '1h' },
  })
  assert.equal(rotated.body.previousUntil, '2027-01-01T01:00:00.000Z')
  for (const key of [body.secret, rotated.body.secret])
    assert.equal((await house.ask('GET', '/v1/jobs', { key })).status, 200)
  house.clock.advance(3_600_000)
  assert.equal((await house.ask('GET', '/v1/jobs', { key: body.secret })).status, 401)

  const revoked = await house.ask<KeyWithSecret>('DELETE', `/v1/keys/${body.id}`)
  assert.equal(revoked.body.revokedAt, '2027-01-01T01:00:00.000Z')
  assert.equal((await house.ask('GET', '/v1/jobs', { key: rotated.body.secret })).status, 401)
})

test('keys by role, alone or with scopes; none by neither', async () => {
  await using house = await openHouse()
  const made = (body: object) =>
    house.ask<KeyWithSecret>('POST', '/v1/keys', { body: { name: 'a', ...body } })
  assert.deepEqual((await made({ roles: ['viewer'] })).body.scopes, ['jobs:read', 'runs:read'])
  const both = await made({ roles: ['viewer', 'operator'], scopes: ['jobs:write'] })
  assert.deepEqual(both.body.scopes.toSorted(), ['jobs:read', 'jobs:write', 'runs:read', 'runs:write'])
  for (const body of [
    {},
    { scopes: [] },
    { scopes: [], roles: [] },
    { roles: ['root'] },
    { roles: 'viewer' },
  ])
    assertProblem(await made(body), 422, 'invalid')
  // A role is no way around what a key may hand on.
  await house.ask('POST', '/v1/projects', { body: { name: 'mine' } })
  const admin = await house.key({ scopes: ['admin'], projects: ['mine'] })
  const narrow = await house.ask<KeyWithSecret>('POST', '/v1/keys', {
    key: admin,
    body: { name: 'b', roles: ['admin'] },
  })
  assert.equal(narrow.body.projectIds?.length, 1)
})

test('keys end after the lifetime the operator has set, and none lives longer than may be', async () => {
  const DAY = 86_400_000
  const [start, hour] = ['2027-01-01T00:00:00.000Z', 3_600_000]
  const end = (ms: number): string => new Date(Date.parse(start) + ms).toISOString()
  const made = async (commands: object, body: object = {}) => {
    await using house = await openHouse({ commands })
    const reply = await house.ask<KeyWithSecret>('POST', '/v1/keys', {
      body: { name: 'a', roles: ['viewer'], ...body },
    })
    return reply.status === 201 ? reply.body.expiresAt : reply.status
  }
  assert.equal(await made({}), null)
  assert.equal(await made({ keyLifetimeMs: DAY }), end(DAY))
  assert.equal(await made({ keyLifetimeMaxMs: DAY }), end(DAY))
  assert.equal(await made({ keyLifetimeMs: 2 * DAY, keyLifetimeMaxMs: DAY }), end(DAY))
  assert.equal(await made({ keyLifetimeMs: DAY }, { expiresAt: null }), null, 'said to have no end')
  assert.equal(await made({ keyLifetimeMs: hour }, { expiresAt: end(DAY) }), end(DAY))
  assert.equal(await made({ keyLifetimeMaxMs: DAY }, { expiresAt: end(DAY) }), end(DAY))
  assert.equal(await made({ keyLifetimeMaxMs: DAY }, { expiresAt: end(DAY + 1) }), 422)
  assert.equal(await made({ keyLifetimeMaxMs: DAY }, { expiresAt: null }), 422)
  assert.equal(await made({ keyLifetimeMs: DAY }, { expiresAt: 'soon' }), 422)
})

describe('rates', () => {
  const status = async (house: House, asking: Asking = {}, url = '/v1/jobs'): Promise<number> =>
    (await house.ask('GET', url, asking)).status

  test('a key has a minute’s worth of requests, which come back evenly', async () => {
    await using house = await openHouse({ limits: { requestsPerMinute: 6 } })
    const key = await house.key({})
    for (let n = 5; n >= 0; n -= 1) {
      const { headers } = await house.ask('GET', '/v1/jobs', { key })
      assert.equal(headers['ratelimit-policy'], '"default";q=6;w=60')
      assert.match(headers.ratelimit ?? '', new RegExp(`^"default";r=${n};t=`))
    }
    const refused = await house.ask('GET', '/v1/jobs', { key })
    assertProblem(refused, 429, 'rate_limited')
    assert.equal(refused.headers['retry-after'], '10')
    assert.equal(await status(house), 200, 'another key has its own')
    house.clock.advance(9_999)
    assert.equal(await status(house, { key }), 429)
    house.clock.advance(1)
    assert.equal(await status(house, { key }), 200)
    assert.equal(await status(house, { key }), 429)
  })

  test('who shows no key is counted by address', async () => {
    await using house = await openHouse({ limits: { requestsPerMinute: 2 } })
    const livez = () => status(house, { key: null }, '/livez')
    assert.deepEqual([await livez(), await livez(), await livez()], [200, 200, 429])
    assert.equal(await status(house), 200)
  })

  test('wrong keys are counted by address: then nothing new is looked up from there, and what was good before still is', async () => {
    const asked: string[] = []
    const limits = { authFailuresPerMinute: 2 }
    await using house = await openHouse({ limits, store: (store) => counted(store, asked) })
    const wrong = { key: 'wrong' }
    const right = { key: await house.key({ scopes: ['jobs:read'] }) }
    assert.equal(await status(house), 200)
    assert.deepEqual([await status(house, wrong), await status(house, wrong)], [401, 401])
    asked.length = 0
    for (const guess of [wrong, { key: 'wrong too' }, right]) assert.equal(await status(house, guess), 429)
    assert.deepEqual(asked, [], 'a guess costs no look into the store')
    const cookie = { key: null, headers: { cookie: `carillon_visit=${'a'.repeat(64)}` } }
    assert.equal(await status(house, cookie), 429)
    assert.equal(await status(house, { key: null }), 429)
    assert.equal(await status(house, wrong, '/livez'), 200, 'where everybody may come they still may')
    assert.equal(await status(house), 200)
    house.clock.advance(30_000)
    assert.equal(await status(house, right), 200)
    assert.equal(await status(house, wrong), 401)
    assert.equal(await status(house, wrong), 429)
    assert.equal(await status(house, right), 200)
  })

  test('a key that was good and is revoked is worth no more than a guess', async () => {
    await using house = await openHouse({ limits: { authFailuresPerMinute: 3 } })
    const key = await house.key({ scopes: ['jobs:read'] })
    assert.equal(await status(house, { key }), 200)
    const { items } = (await house.ask<{ items: { id: string; name: string }[] }>('GET', '/v1/keys')).body
    await house.ask('DELETE', `/v1/keys/${items.find(({ name }) => name === 'test')!.id}`)
    const answers: number[] = []
    for (let n = 0; n < 4; n += 1) answers.push(await status(house, { key }))
    assert.deepEqual(answers, [401, 401, 401, 429])
  })

  test('0 is no limit', async () => {
    await using house = await openHouse({ limits: { requestsPerMinute: 0 } })
    for (let n = 0; n < 50; n += 1) assert.equal(await status(house), 200)
  })
})
