// Secrets through the door: set, named, never read.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyRing, makeSealingKey } from '../../src/adapters/system/key-ring.ts'
import { withRevealed } from '../../src/commands/secret/reveal-secrets.ts'
import { DEFAULT_PROJECT_ID } from '../../src/domain/project.ts'
import type { Work } from '../../src/ports/work.ts'
import type { Secret, SecretPage } from '../../src/protocol/secret.ts'
import { HeldStep } from '../support/held-step.ts'
import { assertProblem, type House, openHouse, PING, START } from './house.ts'

const VALUE = 'correct horse battery staple'

const set = (house: House, name: string, value: unknown = VALUE, query = '') =>
  house.ask<Secret>('PUT', `/v1/secrets/${name}${query}`, { body: { value } })

test('a secret is set, replaced, listed and deleted, and its value is in no answer', async () => {
  await using house = await openHouse()
  const made = await set(house, 'token')
  assert.equal(made.status, 201)
  house.clock.advance(1_000)
  const again = await set(house, 'token', 'another value')
  assert.equal(again.status, 200)
  assert.equal(again.body.createdAt, new Date(START).toISOString())
  assert.equal(again.body.updatedAt, new Date(START + 1_000).toISOString())
  const list = await house.ask<SecretPage>('GET', '/v1/secrets')
  assert.deepEqual(list.body.items, [again.body])
  assert.deepEqual((await house.ask('GET', '/v1/secrets/token')).body, again.body)
  for (const { text } of [made, again, list]) assert.doesNotMatch(text, /another|correct|sealed/)
  assert.equal((await house.ask('DELETE', '/v1/secrets/token')).status, 204)
  assertProblem(await house.ask('GET', '/v1/secrets/token'), 404, 'not_found')
  assertProblem(await house.ask('DELETE', '/v1/secrets/token'), 404, 'not_found')
})

test('names and values have bounds', async () => {
  await using house = await openHouse()
  for (const name of ['1st', 'a-b', 'a.b', `a${'b'.repeat(64)}`, '%20', 'ä'])
    assertProblem((await set(house, name)) as never, 422, 'invalid')
  for (const value of ['short', '', 'x'.repeat(65_537), 'ü'.repeat(40_000), 7, null, 'nul \0 nul nul'])
    assertProblem((await set(house, 'token', value)) as never, 422, 'invalid')
  assert.deepEqual((await house.ask<SecretPage>('GET', '/v1/secrets')).body.items, [])
})

test('a job names a secret that is there, where it is not shown', async () => {
  await using house = await openHouse()
  const asking = (http: object): object => ({
    ...PING,
    target: { http: { url: 'https://example.com/', ...http } },
  })
  const headers = { Authorization: 'Bearer {{secret.token}}' }
  const missing = assertProblem(
    await house.ask('POST', '/v1/jobs', { body: asking({ headers }) }),
    422,
    'invalid',
  )
  assert.match(missing.detail, /no secret "token"/)
  await set(house, 'token')
  assert.equal((await house.ask('POST', '/v1/jobs', { body: asking({ headers }) })).status, 201)
  const place = await house.ask('PUT', '/v1/jobs/ping', {
    body: asking({ url: 'https://example.com/?t={{secret.token}}' }),
  })
  assert.equal(assertProblem(place, 422, 'invalid').errors?.[0]?.code, 'secret_place')
  const other = await house.ask('PUT', '/v1/jobs/ping', { body: asking({ body: '{{secret.other}}' }) })
  assert.equal(assertProblem(other, 422, 'invalid').errors?.[0]?.code, 'secret_missing')
  const batch = await house.ask('POST', '/v1/jobs/batch', {
    body: { jobs: [{ ...asking({ body: '{{secret.other}}' }), name: 'b' }] },
  })
  assertProblem(batch, 422, 'invalid')
  assert.match(assertProblem(await house.ask('DELETE', '/v1/secrets/token'), 409, 'in_use').detail, /ping/)
  await house.ask('DELETE', '/v1/jobs/ping')
  assert.equal((await house.ask('DELETE', '/v1/secrets/token')).status, 204)
})

test('a project uses its own secrets and no other’s', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/projects', { body: { name: 'other' } })
  await set(house, 'token', VALUE, '?project=other')
  const body = { ...PING, target: { http: { url: 'https://example.com/', body: '{{secret.token}}' } } }
  assertProblem(await house.ask('POST', '/v1/jobs', { body }), 422, 'invalid')
  assert.equal((await house.ask('POST', '/v1/jobs', { body: { ...body, project: 'other' } })).status, 201)
})

test('a sealed value moved to another row does not open', async () => {
  await using house = await openHouse()
  await set(house, 'mine')
  await set(house, 'theirs', 'a secret of somebody else')
  const { secrets } = house.store
  const theirs = (await secrets.get(DEFAULT_PROJECT_ID, 'theirs'))!
  const mine = (await secrets.get(DEFAULT_PROJECT_ID, 'mine'))!
  await secrets.reseal(mine.id, theirs.keyId, theirs.sealed)
  const target = { command: { argv: ['x'], env: { A: '{{secret.mine}}' } } }
  const work = { run: { projectId: DEFAULT_PROJECT_ID }, spec: { target } } as unknown as Work
  assert.deepEqual((await withRevealed(house.ctx, work)).secrets, {})
  await secrets.delete(DEFAULT_PROJECT_ID, 'theirs')
  await secrets.put({ ...theirs, name: 'mine' }, 9)
  assert.deepEqual((await withRevealed(house.ctx, work)).secrets, {})
})

test('all is sealed anew with the newest key, while secrets are set', async () => {
  await using house = await openHouse()
  for (let n = 0; n < 250; n += 1) await set(house, `s${n}`, `${VALUE} ${n}`)
  const [old, young] = [makeSealingKey(), makeSealingKey()]
  const first = new KeyRing([old])
  Object.assign(house.ctx, { vault: first })
  for (let n = 0; n < 250; n += 1) await set(house, `s${n}`, `${VALUE} ${n}`)
  Object.assign(house.ctx, { vault: new KeyRing([young, old]) })
  const [done] = await Promise.all([
    house.ask<{ resealed: number; keyId: string }>('POST', '/v1/secrets/reseal'),
    ...Array.from({ length: 20 }, (_, n) => set(house, `s${n}`, `changed ${n} meanwhile`)),
  ])
  assert.equal(done.status, 200, done.text)
  assert.deepEqual(await house.store.secrets.keyIds(), [done.body.keyId])
  Object.assign(house.ctx, { vault: new KeyRing([young]) })
  const target = { command: { argv: ['x'], env: { A: '{{secret.s3}} {{secret.s100}}' } } }
  const work = { run: { projectId: DEFAULT_PROJECT_ID }, spec: { target } } as unknown as Work
  const { secrets } = await withRevealed(house.ctx, work)
  assert.deepEqual(secrets, { s3: 'changed 3 meanwhile', s100: `${VALUE} 100` })
  assertProblem(await house.ask('POST', '/v1/secrets/reseal', { body: { renew: true } }), 409, 'in_use')
})

test('of secrets that are sealed anew by two at once, and set meanwhile, every one opens with the keys that are kept', async () => {
  const step = new HeldStep()
  await using house = await openHouse({ store: (store) => step.around(store, 'secrets', 'get') })
  let file = [makeSealingKey()]
  const slowly = async (texts: readonly string[]): Promise<void> => {
    await new Promise(setImmediate)
    file = [...texts]
  }
  Object.assign(house.ctx, { vault: new KeyRing(file, slowly) })
  for (let n = 0; n < 5; n += 1) await set(house, `s${n}`, `${VALUE} ${n}`)
  step.hold()
  const late = set(house, 's5', `${VALUE} 5`)
  await step.reached.promise
  const renew = () => house.ask('POST', '/v1/secrets/reseal', { body: { renew: true } })
  const done = await Promise.all([renew(), renew()])
  assert.deepEqual(
    done.map(({ status }) => status),
    [200, 200],
  )
  step.release()
  assert.equal((await late).status, 201)
  Object.assign(house.ctx, { vault: new KeyRing(file) })
  const env = { A: Array.from({ length: 6 }, (_, n) => `{{secret.s${n}}}`).join() }
  const work = { run: { projectId: DEFAULT_PROJECT_ID }, spec: { target: { command: { argv: ['x'], env } } } }
  const { secrets } = await withRevealed(house.ctx, work as unknown as Work)
  assert.deepEqual(
    Object.values(secrets ?? {}).sort(),
    Array.from({ length: 6 }, (_, n) => `${VALUE} ${n}`),
  )
})

test('a new key is written down where there is nothing yet to seal with it', async () => {
  await using house = await openHouse()
  Object.assign(house.ctx, { vault: new KeyRing([makeSealingKey()], async () => {}) })
  const done = await house.ask<{ keyId: string }>('POST', '/v1/secrets/reseal', { body: { renew: true } })
  assert.equal(done.status, 200)
  const { items } = await house.store.audit.list({ action: 'secret.reseal' }, { limit: 9 })
  assert.deepEqual(
    items.map(({ subject, detail }) => [subject, detail]),
    [[done.body.keyId, { renewed: true, address: '127.0.0.1' }]],
  )
})

test('without a key nothing is taken', async () => {
  await using house = await openHouse()
  Object.assign(house.ctx, { vault: null })
  const refused = assertProblem((await set(house, 'token')) as never, 422, 'invalid')
  assert.equal(refused.errors?.[0]?.code, 'no_sealing_key')
})
