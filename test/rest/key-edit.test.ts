// A key that is there gets other rights, another name, another end: at once, by whoever may, and never more than they have.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ensureAdminKey, ensureDoorKey } from '../../src/commands/keys.ts'
import { assertProblem, type House, openHouse } from './house.ts'

type Made = { readonly id: string; readonly secret: string }

async function made(house: House, body: object, key?: string): Promise<Made> {
  const reply = await house.ask<Made>('POST', '/v1/keys', { body, ...(key === undefined ? {} : { key }) })
  assert.equal(reply.status, 201, reply.text)
  return reply.body
}

test('it may do what it was given, from the next request on', async () => {
  await using house = await openHouse()
  const { id, secret: key } = await made(house, { name: 'k', scopes: ['admin'] })
  assert.equal((await house.ask('GET', '/v1/keys', { key })).status, 200)
  const edited = await house.ask('PATCH', `/v1/keys/${id}`, { body: { roles: ['viewer'], name: 'watcher' } })
  assert.equal(edited.status, 200, edited.text)
  assert.deepEqual(edited.body['scopes'], ['jobs:read', 'runs:read'])
  assert.equal(edited.body['name'], 'watcher')
  assert.equal(edited.body['secret'], undefined)
  assertProblem(await house.ask('GET', '/v1/keys', { key }), 403, 'forbidden')
  assert.equal((await house.ask('GET', '/v1/jobs', { key })).status, 200)
})

test('what is left out stays, and the secret works on', async () => {
  await using house = await openHouse()
  const { id, secret: key } = await made(house, { name: 'k', scopes: ['jobs:read'] })
  const expiresAt = new Date(house.clock.now() + 60_000).toISOString()
  const edited = await house.ask('PATCH', `/v1/keys/${id}`, { body: { expiresAt } })
  assert.deepEqual(
    [edited.body['name'], edited.body['scopes'], edited.body['expiresAt']],
    ['k', ['jobs:read'], expiresAt],
  )
  assert.equal((await house.ask('GET', '/v1/jobs', { key })).status, 200)
  await house.clock.advance(60_000)
  assertProblem(await house.ask('GET', '/v1/jobs', { key }), 401, 'unauthenticated')
  assertProblem(await house.ask('PATCH', `/v1/keys/${id}`, { body: { expiresAt: null } }), 409, 'in_use')
})

test('only admins change keys, those of their own projects, and none takes admin from itself', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/projects', { body: { name: 'others' } })
  const theirs = await made(house, { name: 'theirs', scopes: ['jobs:read'], projects: ['others'] })
  const everywhere = await made(house, { name: 'everywhere', scopes: ['jobs:read'] })
  const narrow = await made(house, { name: 'narrow', scopes: ['admin'], projects: ['default'] })
  const weak = await made(house, { name: 'weak', scopes: ['jobs:write'] })
  const body = { scopes: ['admin'] }
  for (const { id } of [theirs, everywhere])
    assertProblem(await house.ask('PATCH', `/v1/keys/${id}`, { key: narrow.secret, body }), 404, 'not_found')
  assertProblem(await house.ask('PATCH', `/v1/keys/${weak.id}`, { key: weak.secret, body }), 403, 'forbidden')
  const self = await house.ask('PATCH', `/v1/keys/${narrow.id}`, {
    key: narrow.secret,
    body: { roles: ['viewer'] },
  })
  assert.equal(assertProblem(self, 422, 'invalid').errors[0]?.code, 'own_admin')
  assert.equal(
    (await house.ask('PATCH', `/v1/keys/${narrow.id}`, { body: { roles: ['viewer'] } })).status,
    200,
  )
})

test('what makes no key makes no change', async () => {
  await using house = await openHouse({ commands: { keyLifetimeMaxMs: 3_600_000 } })
  const expiresAt = new Date(house.clock.now() + 60_000).toISOString()
  const { id } = await made(house, { name: 'k', scopes: ['jobs:read'], expiresAt })
  const before = (await house.ask('GET', '/v1/keys')).text
  for (const [body, pointer] of [
    [{ scopes: [] }, '/scopes'],
    [{ roles: [] }, '/scopes'],
    [{ name: ' ' }, '/name'],
    [{ expiresAt: null }, '/expiresAt'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, '/expiresAt'],
    [{ expiresAt: new Date(house.clock.now() + 7_200_000).toISOString() }, '/expiresAt'],
    [{ projects: ['default'] }, '/projects'],
    [{ scopes: ['root'] }, '/scopes/0'],
  ] as const) {
    const { errors } = assertProblem(await house.ask('PATCH', `/v1/keys/${id}`, { body }), 422, 'invalid')
    assert.equal(errors[0]?.pointer, pointer, JSON.stringify(body))
  }
  assert.equal((await house.ask('GET', '/v1/keys')).text, before)
  assert.equal((await house.ask('PATCH', `/v1/keys/${id}`, { body: { name: 'renamed' } })).status, 200)
})

test('the audit has what it was and what it is', async () => {
  await using house = await openHouse()
  const { id } = await made(house, { name: 'k', scopes: ['admin'] })
  await house.ask('PATCH', `/v1/keys/${id}`, { body: { scopes: ['jobs:read'] } })
  const { body } = await house.ask<{ items: { subject: string; detail: object }[] }>(
    'GET',
    '/v1/audit?action=key.edit',
  )
  assert.equal(body.items[0]?.subject, id)
  assert.deepEqual(body.items[0]?.detail, {
    name: 'k',
    scopes: ['jobs:read'],
    projectIds: null,
    expiresAt: null,
    was: { name: 'k', scopes: ['admin'], expiresAt: null },
    address: '127.0.0.1',
  })
  assert.equal((await house.ask('DELETE', `/v1/keys/${id}`)).status, 200)
  assertProblem(await house.ask('PATCH', `/v1/keys/${id}`, { body: { name: 'x' } }), 409, 'in_use')
})

test('what an operator configured stays what it is, and who may do everything cannot end themselves', async () => {
  await using house = await openHouse()
  const secret = 'a key of the operator, long enough'
  await ensureAdminKey(house.ctx, secret)
  await ensureDoorKey(house.ctx, { system: 'dcron', projectId: 'prj_default' }, `${secret} too`)
  const body = { scopes: ['jobs:read'] }
  for (const id of ['key_configured', 'key_door_dcron'])
    assertProblem(await house.ask('PATCH', `/v1/keys/${id}`, { body }), 409, 'in_use')
  const own = await made(house, { name: 'own', scopes: ['admin'] })
  const expiresAt = new Date(house.clock.now() + 60_000).toISOString()
  const ended = await house.ask('PATCH', `/v1/keys/${own.id}`, { key: own.secret, body: { expiresAt } })
  assert.equal(assertProblem(ended, 422, 'invalid').errors[0]?.code, 'own_admin')
  assert.equal((await house.ask('PATCH', `/v1/keys/${own.id}`, { body: { expiresAt } })).status, 200)
})

test('how long a key may work counts from when it was made', async () => {
  await using house = await openHouse({ commands: { keyLifetimeMaxMs: 3_600_000 } })
  const inMs = (ms: number): string => new Date(house.clock.now() + ms).toISOString()
  const { id } = await made(house, { name: 'k', scopes: ['jobs:read'], expiresAt: inMs(1_800_000) })
  await house.clock.advance(900_000)
  const late = await house.ask('PATCH', `/v1/keys/${id}`, { body: { expiresAt: inMs(3_600_000) } })
  assert.equal(assertProblem(late, 422, 'invalid').errors[0]?.code, 'expires_late')
  const within = await house.ask('PATCH', `/v1/keys/${id}`, { body: { expiresAt: inMs(2_700_000) } })
  assert.equal(within.status, 200, within.text)
})
