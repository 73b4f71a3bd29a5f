// What the guard does to connections: the one that was checked is the one that is called, and whoever answers is judged
// again. Every forbidden address on every way out is in ways-out.test.ts.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import test, { type TestContext } from 'node:test'
import { createAddressGuard } from '../../src/dispatch/address-guard.ts'
import type { Lookup } from '../../src/dispatch/shared-lookup.ts'
import {
  asError,
  asOk,
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
