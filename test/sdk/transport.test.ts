import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CarillonError, createClient } from '../../src/sdk/index.ts'
import { problem, startStubServer } from './stub-server.ts'

const DRAFT = { name: 'ping', schedule: { every: '30s' }, target: { http: { url: 'https://example.com' } } }

test('a call carries the key, the body and an idempotency key', async () => {
  await using server = await startStubServer(() => ({ status: 201, json: { name: 'ping' } }))
  const client = createClient({ url: `${server.url}/`, apiKey: 'crl_secret' })
  const job = await client.jobs.create(DRAFT)
  assert.equal(job.name, 'ping')
  const [asked] = server.asked
  assert.equal(asked?.method, 'POST')
  assert.equal(asked?.path, '/v1/jobs')
  assert.equal(asked?.headers.authorization, 'Bearer crl_secret')
  assert.deepEqual(asked?.body, DRAFT)
  assert.match(String(asked?.headers['idempotency-key']), /^[0-9a-f-]{36}$/)
})

test('a broken connection is tried again under the same idempotency key', async () => {
  await using server = await startStubServer((_, count) =>
    count < 3 ? { cut: true } : { json: { id: 'run_1' } },
  )
  const client = createClient({ url: server.url, retries: 3 })
  assert.equal((await client.jobs.trigger('ping')).id, 'run_1')
  assert.equal(server.asked.length, 3)
  assert.equal(new Set(server.asked.map(({ headers }) => headers['idempotency-key'])).size, 1)
})

test('retries are bounded, and no answer is status 0', async () => {
  await using server = await startStubServer(() => ({ cut: true }))
  const client = createClient({ url: server.url, retries: 1 })
  await assert.rejects(client.jobs.get('ping'), (error) => {
    assert.ok(error instanceof CarillonError)
    assert.equal(error.status, 0)
    assert.equal(error.code, 'unreachable')
    return true
  })
  assert.equal(server.asked.length, 2)
})

test('what must not happen twice is not sent twice after a broken connection', async () => {
  await using server = await startStubServer(() => ({ cut: true }))
  const client = createClient({ url: server.url, retries: 3 })
  const harmful = [
    () => client.keys.create({ name: 'k', scopes: ['admin'] }),
    () => client.keys.rotate('key_1'),
    () => client.jobs.replace('ping', DRAFT, { ifVersion: 1 }),
    () => client.jobs.delete('ping'),
  ]
  for (const call of harmful) await assert.rejects(call(), { code: 'unreachable' })
  assert.equal(server.asked.length, harmful.length)
})

test('429 and 503 are tried again when the server says', async () => {
  await using server = await startStubServer((_, count) =>
    count === 1
      ? { ...problem(429, 'rate_limited', 'Slower.'), headers: { 'retry-after': '0' } }
      : count === 2
        ? { ...problem(503, 'overloaded', 'Busy.'), headers: { 'retry-after': '0' } }
        : { json: { items: [], nextCursor: null } },
  )
  const client = createClient({ url: server.url })
  assert.deepEqual(await client.jobs.list(), { items: [], nextCursor: null })
  assert.equal(server.asked.length, 3)
})

test('a wait longer than a minute is left to the caller', async () => {
  await using server = await startStubServer(() => ({
    ...problem(503, 'overloaded', 'Busy.'),
    headers: { 'retry-after': '3600' },
  }))
  await assert.rejects(createClient({ url: server.url }).jobs.list(), { code: 'overloaded', status: 503 })
  assert.equal(server.asked.length, 1)
})

test('a problem becomes an error with code, detail, problems and request id, and is not repeated', async () => {
  const errors = [
    { pointer: '/schedule/cron', code: 'cron', detail: 'No such field.', suggestion: '0 * * * *' },
  ]
  await using server = await startStubServer(() => problem(422, 'invalid', 'It is invalid.', errors))
  await assert.rejects(createClient({ url: server.url }).jobs.create(DRAFT), (error) => {
    assert.ok(error instanceof CarillonError)
    assert.equal(error.status, 422)
    assert.equal(error.code, 'invalid')
    assert.equal(error.detail, 'It is invalid.')
    assert.deepEqual(error.problems, errors)
    assert.equal(error.requestId, 'req_1')
    return true
  })
  assert.equal(server.asked.length, 1)
})

for (const status of [200, 404, 502]) {
  test(`a page of HTML with status ${status} is not an answer of Carillon`, async () => {
    await using server = await startStubServer(() => ({
      status,
      text: '<html>login</html>',
      headers: { 'content-type': 'text/html; charset=utf-8' },
    }))
    await assert.rejects(createClient({ url: server.url }).jobs.get('x'), (error) => {
      assert.ok(error instanceof CarillonError)
      assert.equal(error.code, 'unexpected_answer')
      assert.match(error.detail, /text\/html/)
      return true
    })
  })
}

test('a deadline ends a try as timed_out', async () => {
  await using server = await startStubServer(() => ({ by: () => undefined }))
  const client = createClient({ url: server.url, timeoutMs: 30, retries: 0 })
  await assert.rejects(client.jobs.get('x'), { code: 'timed_out', status: 0 })
})

test("the caller's signal ends a call with the caller's reason", async () => {
  await using server = await startStubServer(() => ({ by: () => undefined }))
  const reason = new Error('enough')
  const signal = AbortSignal.abort(reason)
  await assert.rejects(createClient({ url: server.url }).jobs.get('x', { signal }), reason)
})

test('names are encoded, lists repeat their name, dates are RFC 3339', async () => {
  await using server = await startStubServer(() => ({ json: { items: [], nextCursor: null } }))
  const client = createClient({ url: `${server.url}/behind/proxy` })
  await client.jobs.get('über uns?', { project: 'web' })
  await client.runs.list({ status: ['failed', 'missed'], from: new Date(0) })
  await client.jobs.list({ labels: { team: 'a b' } })
  const [one, two, three] = server.asked
  assert.equal(one?.path, '/behind/proxy/v1/jobs/%C3%BCber%20uns%3F')
  assert.equal(one?.query.get('project'), 'web')
  assert.deepEqual(two?.query.getAll('status'), ['failed', 'missed'])
  assert.equal(two?.query.get('from'), '1970-01-01T00:00:00.000Z')
  assert.deepEqual(three?.query.getAll('label'), ['team=a b'])
})

test('an edit names the version that was read', async () => {
  await using server = await startStubServer(() => ({ json: {} }))
  await createClient({ url: server.url }).jobs.patch('ping', { description: null }, { ifVersion: 7 })
  assert.equal(server.asked[0]?.headers['if-match'], '"7"')
  assert.equal(server.asked[0]?.headers['content-type'], 'application/merge-patch+json')
})

test('an address that is none is refused at once', () => {
  assert.throws(() => createClient({ url: 'localhost:8080' }), TypeError)
})

test('not ready is an answer', async () => {
  await using server = await startStubServer(() => ({ status: 503, json: { status: 'unavailable' } }))
  assert.deepEqual(await createClient({ url: server.url, retries: 0 }).health.ready(), {
    status: 'unavailable',
  })
})
