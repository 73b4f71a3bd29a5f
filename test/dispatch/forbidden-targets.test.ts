// No way in: the jobs, callbacks and redirects of a stranger reach no listener of this machine.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import test, { type TestContext } from 'node:test'
import { createAddressGuard } from '../../src/dispatch/address-guard.ts'
import { createCallbackNotifier } from '../../src/dispatch/callback-notifier.ts'
import type { Lookup } from '../../src/dispatch/shared-lookup.ts'
import { systemClock } from '../support/system-clock.ts'
import { FORBIDDEN_HOSTS } from './address-vectors.ts'
import {
  asError,
  asOk,
  CLOSED,
  dispatcherFor,
  httpServer,
  listen,
  never,
  OPEN,
  portOf,
  tcpServer,
  workOf,
} from './support.ts'

/** A listener on every address of this machine that counts who comes. */
async function trap(t: TestContext): Promise<{ port: number; connects: () => number }> {
  let connects = 0
  const onConnect = (socket: { destroy(): void }) => {
    connects += 1
    socket.destroy()
  }
  const onAll = createServer(onConnect)
  try {
    await listen(t, onAll, 0, '::')
  } catch {
    await listen(t, onAll, 0, '0.0.0.0')
  }
  return { port: portOf(onAll), connects: () => connects }
}

test('jobs: every vector is refused with one text and no connection', async (t) => {
  const { port, connects } = await trap(t)
  const dispatcher = dispatcherFor(t, { policy: CLOSED })
  const messages = new Set<string>()
  for (const [host] of FORBIDDEN_HOSTS) {
    const outcome = asError(
      await dispatcher.dispatch(workOf({ url: `http://${host}:${port}/`, timeout: '5s' }), never),
    )
    assert.equal(outcome.code, 'target_forbidden', host)
    assert.equal(outcome.reached, 'no')
    assert.equal(outcome.retryable, false)
    messages.add(outcome.message)
  }
  assert.equal(messages.size, 1)
  assert.match([...messages][0]!, /not allowed here; add it to targets\.allow .*--allow-private-targets$/)
  assert.equal(connects(), 0)
})

test('callbacks: every vector is refused without a connection', async (t) => {
  const { port, connects } = await trap(t)
  const notifier = createCallbackNotifier({
    clock: systemClock,
    guard: createAddressGuard(CLOSED),
    userAgent: 'test',
  })
  t.after(() => notifier[Symbol.asyncDispose]())
  for (const [host] of FORBIDDEN_HOSTS) {
    const callback = { url: `http://${host}:${port}/` }
    const result = await notifier.notify({ id: 'eff_1', callback, body: '{}', timeoutMs: 5_000 }, never)
    assert.equal(result.ok, false, host)
    assert.match(result.message, /not allowed here/, host)
  }
  assert.equal(connects(), 0)
})

test('redirects: no vector is followed', async (t) => {
  const { port, connects } = await trap(t)
  let location = ''
  const { url } = await httpServer(t, (_, response) => {
    response.writeHead(302, { location }).end()
  })
  // The first hop is allowed by its port's owner: only its name is trusted.
  const lookup: Lookup = (_, __, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }])
  const policy = { allowPrivate: false, allow: ['front.example'], deny: [] }
  const dispatcher = dispatcherFor(t, { policy, lookup })
  const front = url.replace('127.0.0.1', 'front.example')
  for (const [host] of FORBIDDEN_HOSTS) {
    location = new URL(`http://${host}:${port}/`).href
    const outcome = asError(await dispatcher.dispatch(workOf({ url: front, redirectsMax: 3 }), never))
    assert.equal(outcome.code, 'target_forbidden', host)
    assert.equal(outcome.reached, 'maybe', 'the first hop did answer')
  }
  assert.equal(connects(), 0)
})

test('a name that leads inside is refused, one bad answer among good ones too', async (t) => {
  const { port, connects } = await trap(t)
  for (const answers of [
    ['127.0.0.1'],
    ['93.184.216.34', '127.0.0.1'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['fe80::1'],
    [],
  ]) {
    const lookup: Lookup = (_, __, callback) =>
      callback(
        null,
        answers.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
    const dispatcher = dispatcherFor(t, { policy: CLOSED, lookup })
    const outcome = asError(await dispatcher.dispatch(workOf({ url: `http://evil.example:${port}/` }), never))
    assert.equal(outcome.code, 'target_forbidden', String(answers))
  }
  assert.equal(connects(), 0)
})

test('rebinding: the address that was checked is the one that is called', async (t) => {
  // First answer: allowed. Every later one: the trap. Were the name asked twice, the trap would see it.
  const { port, connects } = await trap(t)
  const allowed = '127.0.0.2'
  let connected = 0
  const good = createServer((socket) => {
    connected += 1
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
  // The trap holds the port on every address, so the good one needs its own.
  await listen(t, good, 0, allowed)
  let asked = 0
  const lookup: Lookup = (_, __, callback) => {
    asked += 1
    callback(null, [{ address: asked % 2 === 1 ? allowed : '127.0.0.1', family: 4 }])
  }
  const policy = { allowPrivate: false, allow: [allowed], deny: [] }
  const dispatcher = dispatcherFor(t, { policy, lookup })
  const codes: string[] = []
  for (let n = 0; n < 100; n += 1) {
    const outcome = await dispatcher.dispatch(workOf({ url: `http://evil.example:${portOf(good)}/` }), never)
    codes.push(outcome.kind === 'error' ? outcome.code : outcome.kind)
    const inside = await dispatcher.dispatch(workOf({ url: `http://127.0.0.1:${port}/` }), never)
    assert.equal(asError(inside).code, 'target_forbidden')
  }
  assert.equal(asked, 100, 'one question for each connection')
  assert.deepEqual([...new Set(codes)], ['ok', 'target_forbidden'])
  assert.equal(connected, 50)
  assert.equal(connects(), 0)
})

test('with allowPrivate loopback is called, metadata services are not', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end('in'))
  const dispatcher = dispatcherFor(t)
  assert.equal(asOk(await dispatcher.dispatch(workOf({ url }), never)).body, 'in')
  assert.equal(
    asOk(await dispatcher.dispatch(workOf({ url: url.replace('127.0.0.1', 'localhost') }), never)).body,
    'in',
  )
  for (const host of ['169.254.169.254', '[fd00:ec2::254]', '[fe80::1]']) {
    const outcome = await dispatcher.dispatch(workOf({ url: `http://${host}/latest/meta-data/` }), never)
    assert.equal(asError(outcome).code, 'target_forbidden', host)
  }
})

test('many calls that start together ask the name service once', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end())
  let asked = 0
  const lookup: Lookup = (_, __, callback) => {
    asked += 1
    setImmediate(() => callback(null, [{ address: '127.0.0.1', family: 4 }]))
  }
  const dispatcher = dispatcherFor(t, { lookup })
  const target = { url: url.replace('127.0.0.1', 'many.example') }
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, () => dispatcher.dispatch(workOf(target), never)),
  )
  assert.ok(outcomes.every(({ kind }) => kind === 'ok'))
  assert.equal(asked, 1)
})

test('the peer that was reached is judged again', async (t) => {
  let bytes = 0
  const { url } = await tcpServer(t, (socket) => socket.on('data', (chunk) => (bytes += chunk.length)))
  // A guard that is lied to by everything below it.
  const guard = { ...createAddressGuard(OPEN), admitsPeer: () => false }
  const outcome = asError(await dispatcherFor(t, { guard }).dispatch(workOf({ url }), never))
  assert.deepEqual([outcome.code, outcome.reached], ['target_forbidden', 'no'])
  assert.equal(bytes, 0)
})
