// Callbacks: one POST, a clear result, and nothing thrown.

import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import test, { type TestContext } from 'node:test'
import { createAddressGuard } from '../../src/dispatch/address-guard.ts'
import { createCallbackNotifier } from '../../src/dispatch/callback-notifier.ts'
import type { Callback } from '../../src/domain/effect.ts'
import { systemClock } from '../support/system-clock.ts'
import { closed, closedPort, httpServer, never, OPEN, tcpServer } from './support.ts'

function notifierFor(t: TestContext) {
  const notifier = createCallbackNotifier({
    clock: systemClock,
    guard: createAddressGuard(OPEN),
    userAgent: 'carillon-test',
  })
  t.after(() => notifier[Symbol.asyncDispose]())
  return (callback: Callback, timeoutMs = 5_000, signal = never) =>
    notifier.notify({ id: 'eff_7', callback, body: '{"run":{"id":"run_1"}}', timeoutMs }, signal)
}

test('the receiver gets JSON and an id that stays', async (t) => {
  const got: { method: string; headers: IncomingHttpHeaders; body: string }[] = []
  const { url } = await httpServer(t, async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    got.push({ method: request.method!, headers: request.headers, body })
    response.writeHead(204).end()
  })
  const headers = { 'X-Own': '1', Host: 'forged', 'Carillon-Delivery-Id': 'forged', 'Content-Length': '1' }
  const result = await notifierFor(t)({ url, headers })
  assert.deepEqual(result, { ok: true, status: 204, message: 'answered 204 No Content' })
  const [{ method, headers: seen, body }] = got as [(typeof got)[0]]
  assert.equal(method, 'POST')
  assert.equal(body, '{"run":{"id":"run_1"}}')
  assert.equal(seen['content-type'], 'application/json')
  assert.equal(seen['carillon-delivery-id'], 'eff_7')
  assert.equal(seen['idempotency-key'], 'eff_7')
  assert.equal(seen['user-agent'], 'carillon-test')
  assert.equal(seen['x-own'], '1')
  assert.match(seen.host!, /^127/)
})

for (const status of [301, 302, 307, 400, 404, 410, 429, 500, 503]) {
  test(`${status} is not delivered`, async (t) => {
    let requests = 0
    const { url } = await httpServer(t, (_, response) => {
      requests += 1
      response.writeHead(status, { location: '/elsewhere' }).end()
    })
    const result = await notifierFor(t)({ url })
    assert.equal(result.ok, false)
    assert.equal(result.status, status)
    assert.match(result.message, new RegExp(`^answered ${status} [A-Z]`))
    assert.equal(requests, 1)
  })
}

test('failures say what happened', async (t) => {
  const notify = notifierFor(t)
  const port = await closedPort()
  assert.deepEqual(await notify({ url: `http://127.0.0.1:${port}/` }), {
    ok: false,
    status: null,
    message: `could not connect to 127.0.0.1:${port}: connection refused`,
  })
  const silent = await tcpServer(t, () => {})
  assert.deepEqual(await notify({ url: silent.url }, 50), {
    ok: false,
    status: null,
    message: 'no answer within 50ms',
  })
  const closing = await tcpServer(t, (socket) => socket.once('data', () => socket.destroy()))
  assert.deepEqual(await notify({ url: closing.url }), {
    ok: false,
    status: null,
    message: 'the connection was closed before an answer',
  })
  assert.equal((await notify({ url: 'no url' })).ok, false)
  const aborted = await notify({ url: silent.url }, 5_000, AbortSignal.abort())
  assert.deepEqual(aborted, { ok: false, status: null, message: 'the call was cancelled' })
})

test('a long or endless answer does not matter once its status is known', async (t) => {
  const done = Promise.withResolvers<number>()
  const { url } = await httpServer(t, (request, response) => {
    response.on('close', () => done.resolve(request.socket.bytesWritten))
    const pour = () => {
      while (!response.destroyed && response.write('x'.repeat(1_000))) {}
    }
    response.on('drain', pour)
    pour()
  })
  assert.deepEqual(await notifierFor(t)({ url }), { ok: true, status: 200, message: 'answered 200 OK' })
  assert.ok((await done.promise) < 16 * 1_048_576, 'cut off early')
  const slow = await tcpServer(t, (socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'))
  })
  const result = await notifierFor(t)({ url: slow.url }, 50)
  assert.equal(result.ok, true)
  await closed(slow.sockets[0]!)
})
