// People at the page: in by key or by a link that works once, out for good, and no writes from elsewhere.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ensureAdminKey } from '../../src/commands/keys.ts'
import { ticketOfAdmin } from '../../src/commands/visits.ts'
import { type Asking, assertProblem, type House, openHouse, PING } from './house.ts'

const SAME = { 'sec-fetch-site': 'same-origin' }

async function signIn(house: House, how: object, headers: Record<string, string> = SAME) {
  return house.ask('POST', '/v1/visit', { key: null, body: how, headers })
}

function cookieOf(reply: { headers: Record<string, string> }): string {
  return String(reply.headers['set-cookie']).split(';')[0]!
}

function as(cookie: string, more: Asking = {}): Asking {
  return { key: null, ...more, headers: { cookie, ...SAME, ...more.headers } }
}

test('a key becomes a cookie that scripts cannot read', async () => {
  await using house = await openHouse()
  const reply = await signIn(house, { key: house.admin })
  assert.equal(reply.status, 201)
  const cookie = String(reply.headers['set-cookie'])
  assert.match(cookie, /^carillon_visit=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/)
  assert.ok(!reply.text.includes(cookieOf(reply).split('=')[1]!))
  const me = await house.ask<{ name: string; visit: object }>('GET', '/v1/visit', as(cookieOf(reply)))
  assert.equal(me.body.name, 'admin')
  assert.deepEqual(me.body.visit, { expiresAt: '2027-01-08T00:00:00.000Z' })
  assert.equal((await house.ask('POST', '/v1/jobs', as(cookieOf(reply), { body: PING }))).status, 201)
})

test('a link works once, and only for a quarter of an hour', async () => {
  await using house = await openHouse()
  const link = async (): Promise<string> =>
    (await house.ask<{ url: string }>('POST', '/v1/visit/tickets')).body.url.split('#')[1]!
  const ticket = await link()
  assert.equal((await signIn(house, { ticket })).status, 201)
  assertProblem(await signIn(house, { ticket }), 401, 'unauthenticated')
  const late = await link()
  house.clock.advance(15 * 60_000)
  assertProblem(await signIn(house, { ticket: late }), 401, 'unauthenticated')
  const atStart = await ticketOfAdmin(house.ctx)
  assert.equal((await signIn(house, { ticket: atStart!.token })).status, 201)
})

test('a ticket is no visit, and its cookie opens nothing', async () => {
  await using house = await openHouse()
  const ticket = (await ticketOfAdmin(house.ctx))!.token
  assertProblem(await house.ask('GET', '/v1/jobs', as(`carillon_visit=${ticket}`)), 401, 'unauthenticated')
})

test('signing out ends the visit whoever has its cookie; so do a week, and the end of its key', async () => {
  await using house = await openHouse()
  const out = cookieOf(await signIn(house, { key: house.admin }))
  const gone = await house.ask('DELETE', '/v1/visit', as(out))
  assert.equal(gone.status, 204)
  assert.match(String(gone.headers['set-cookie']), /Max-Age=0/)
  assertProblem(await house.ask('GET', '/v1/visit', as(out)), 401, 'unauthenticated')

  const secret = await house.key({ scopes: ['jobs:read'] })
  const reader = cookieOf(await signIn(house, { key: secret }))
  assert.equal((await house.ask('GET', '/v1/jobs', as(reader))).status, 200)
  const { body } = await house.ask<{ keyId: string }>('GET', '/v1/visit', as(reader))
  await house.ask('DELETE', `/v1/keys/${body.keyId}`)
  assertProblem(await house.ask('GET', '/v1/jobs', as(reader)), 401, 'unauthenticated')

  const old = cookieOf(await signIn(house, { key: house.admin }))
  house.clock.advance(7 * 86_400_000)
  assertProblem(await house.ask('GET', '/v1/jobs', as(old)), 401, 'unauthenticated')
})

test('a new secret of a key puts out whoever came in by the old one', async () => {
  await using house = await openHouse()
  const rotate = async (id: string, overlap?: string): Promise<string> =>
    (await house.ask<{ secret: string }>('POST', `/v1/keys/${id}/rotate`, { body: { overlap } })).body.secret
  const sees = async (cookie: string): Promise<number> =>
    (await house.ask('GET', '/v1/jobs', as(cookie))).status
  const ticketFor = async (more: Asking): Promise<string> =>
    (await house.ask<{ url: string }>('POST', '/v1/visit/tickets', more)).body.url.split('#')[1]!
  const leaked = await house.key({ scopes: ['jobs:read'] })
  const thief = cookieOf(await signIn(house, { key: leaked }))
  const { body } = await house.ask<{ keyId: string }>('GET', '/v1/visit', as(thief))
  const ticket = await ticketFor(as(thief))
  const second = await rotate(body.keyId)
  assert.equal(await sees(thief), 401)
  assertProblem(await signIn(house, { ticket }), 401, 'unauthenticated')
  assertProblem(await house.ask('POST', '/v1/visit/tickets', as(thief)), 401, 'unauthenticated')

  const before = cookieOf(await signIn(house, { key: second }))
  const third = await rotate(body.keyId, '10m')
  const meanwhile = cookieOf(await signIn(house, { key: second }))
  const linked = cookieOf(await signIn(house, { ticket: await ticketFor({ key: second }) }))
  const fresh = cookieOf(await signIn(house, { key: third }))
  const all = [before, meanwhile, linked, fresh]
  assert.deepEqual(await Promise.all(all.map(sees)), [200, 200, 200, 200])
  house.clock.advance(10 * 60_000)
  assert.deepEqual(await Promise.all(all.map(sees)), [401, 401, 401, 200])
})

test('another configured key puts out whoever came in by the one before', async () => {
  await using house = await openHouse()
  const [one, other] = ['the first of them 0123456789', 'the second of them 0123456789']
  await ensureAdminKey(house.ctx, one)
  const cookie = cookieOf(await signIn(house, { key: one }))
  assert.equal((await house.ask('GET', '/v1/jobs', as(cookie))).status, 200)
  await ensureAdminKey(house.ctx, other)
  assertProblem(await house.ask('GET', '/v1/jobs', as(cookie)), 401, 'unauthenticated')
})

test('another site writes nothing in the name of a cookie', async () => {
  await using house = await openHouse()
  const cookie = cookieOf(await signIn(house, { key: house.admin }))
  const foreign: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    {},
  ]
  for (const headers of foreign) {
    const reply = await house.ask('POST', '/v1/jobs', {
      key: null,
      body: PING,
      headers: { cookie, ...headers },
    })
    assertProblem(reply, 403, 'forbidden')
    assertProblem(await signIn(house, { key: house.admin }, headers), 403, 'forbidden')
  }
  const own = { cookie, origin: 'http://here:8080', host: 'here:8080' }
  assert.notEqual((await house.ask('POST', '/v1/jobs', { key: null, body: PING, headers: own })).status, 403)
  // A key is shown on purpose: where from does not matter.
  const program = { 'sec-fetch-site': 'cross-site' }
  assert.equal(
    (await house.ask('POST', '/v1/jobs', { body: { ...PING, name: 'b' }, headers: program })).status,
    201,
  )
})

test('guessing is slowed down', async () => {
  await using house = await openHouse({ limits: { authFailuresPerMinute: 3 } })
  for (let n = 0; n < 3; n += 1)
    assertProblem(await signIn(house, { key: `wrong-${n}` }), 401, 'unauthenticated')
  assertProblem(await signIn(house, { key: 'wrong' }), 429, 'rate_limited')
})

test('exactly one way in', async () => {
  await using house = await openHouse()
  for (const how of [{}, { key: house.admin, ticket: 'a' }])
    assertProblem(await signIn(house, how), 422, 'invalid')
})
