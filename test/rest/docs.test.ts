import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertProblem, openHouse } from './house.ts'

test('the page and all it loads come from here, with no script in the page', async () => {
  await using house = await openHouse()
  const page = await house.ask('GET', '/docs', { key: null, headers: { accept: 'text/html' } })
  assert.equal(page.status, 200)
  assert.match(page.headers['content-type'] ?? '', /^text\/html/)
  assert.doesNotMatch(page.text, /https?:\/\/|<script>|\son\w+=|style=/)
  const policy = page.headers['content-security-policy'] ?? ''
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /script-src 'self'(?:;|$)/)
  assert.doesNotMatch(policy, /unsafe|\*|https?:/)
  const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!)
  assert.ok(parts.length >= 4)
  for (const part of parts) {
    const reply = await house.ask('GET', part, { key: null, headers: { accept: '*/*' } })
    assert.equal(reply.status, 200, part)
    const type = part.endsWith('.css') ? /^text\/css/ : part.endsWith('.js') ? /^text\/javascript/ : /json/
    assert.match(reply.headers['content-type'] ?? '', type)
    assert.equal(reply.headers['x-content-type-options'], 'nosniff')
  }
})

test('nothing else of the package is served', async () => {
  await using house = await openHouse()
  for (const path of [
    '/docs/package.json',
    '/docs/..%2fpackage.json',
    '/docs/../package.json',
    '/docs/index.html',
  ]) {
    assertProblem(await house.ask('GET', path, { key: null }), 404, 'route_not_found')
  }
})

test('health: alive, ready, which version, figures', async () => {
  await using house = await openHouse()
  const ask = (url: string) => house.ask('GET', url, { key: null })
  assert.deepEqual((await ask('/livez')).body, { status: 'ok' })
  assert.deepEqual((await ask('/readyz')).body, { status: 'ok' })
  assertProblem(await ask('/readyz?verbose'), 401, 'unauthenticated')
  const { body } = await house.ask('GET', '/readyz?verbose')
  assert.deepEqual(body, { status: 'ok', checks: [{ name: 'store', ok: true, detail: 'answers' }] })
  assert.deepEqual((await ask('/version')).body, {
    name: 'carillon',
    version: '9.9.9',
    node: 'v24',
    tzdata: '2026a',
  })
  assertProblem(await ask('/metrics'), 401, 'unauthenticated')
  const metrics = await house.ask('GET', '/metrics', { headers: { accept: 'text/plain;version=0.0.4' } })
  assert.match(metrics.headers['content-type'] ?? '', /^text\/plain/)
  assert.equal(metrics.text, 'carillon_jobs 1\n')
})

test('every reply is guarded, and carries the id of its request', async () => {
  await using house = await openHouse()
  for (const url of ['/v1/jobs', '/nothing', '/v1/jobs/%zz', '/livez']) {
    const { headers } = await house.ask('GET', url, { headers: { 'x-request-id': 'abc-123' } })
    assert.equal(headers['x-content-type-options'], 'nosniff', url)
    assert.equal(headers['x-request-id'], 'abc-123', url)
    assert.equal(headers['cache-control'], 'no-store', url)
    assert.match(headers['content-security-policy'] ?? '', /default-src 'none'/, url)
  }
  for (const id of ['x'.repeat(129), 'a b', '<b>', '"']) {
    const { headers } = await house.ask('GET', '/livez', { headers: { 'x-request-id': id } })
    assert.match(headers['x-request-id'] ?? '', /^req_[0-9A-Z]{26}$/, id)
  }
})

test('HEAD is GET without a body', async () => {
  await using house = await openHouse()
  const head = await house.ask('HEAD', '/v1/jobs')
  assert.deepEqual([head.status, head.text], [200, ''])
  assert.ok(Number(head.headers['content-length']) > 0)
  const events = await house.ask('HEAD', '/v1/events')
  assert.equal(events.status, 405)
})
