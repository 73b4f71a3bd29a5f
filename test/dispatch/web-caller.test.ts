// Requests the server makes for itself: whole answers of a bounded size, or a text that says what is wrong.

import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { createAddressGuard } from '../../src/dispatch/address-guard.ts'
import { createGuardedFetch } from '../../src/dispatch/guarded-fetch.ts'
import { createWebCaller } from '../../src/dispatch/web-caller.ts'
import type { WebCall } from '../../src/ports/web-caller.ts'
import { systemClock } from '../support/system-clock.ts'
import { httpServer, OPEN } from './support.ts'

function callerFor(t: TestContext) {
  const services = createGuardedFetch(createAddressGuard(OPEN))
  t.after(() => services[Symbol.asyncDispose]())
  const web = createWebCaller(services, { clock: systemClock, userAgent: 'test' })
  return (call: Partial<WebCall> & { url: string }) =>
    web.call({ method: 'GET', headers: {}, timeoutMs: 5_000, bytesMax: 1_000, ...call })
}

test('an answer comes whole, with its status; a redirect is one', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    if (request.url === '/moved') response.writeHead(302, { location: '/else' }).end()
    else request.pipe(response.writeHead(201, { 'x-method': request.method! }))
  })
  const call = callerFor(t)
  const answer = await call({ url, method: 'POST', body: 'hello' })
  assert.deepEqual([answer.status, answer.headers['x-method']], [201, 'POST'])
  assert.equal(new TextDecoder().decode(answer.body), 'hello')
  assert.equal((await call({ url: `${url}/moved` })).status, 302)
})

test('too long an answer is none', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end('x'.repeat(1_001)))
  await assert.rejects(callerFor(t)({ url }), /longer than 1000 bytes/)
})

test('one that does not come in time is none', async (t) => {
  const { url } = await httpServer(t, () => {})
  await assert.rejects(callerFor(t)({ url, timeoutMs: 50 }), /no answer within 50ms/)
})
