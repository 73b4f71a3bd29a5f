// A request leaves only while the node's lease holds, judged when its connection stands and not before.

import assert from 'node:assert/strict'
import test from 'node:test'
import { LeaseCell } from '../../src/adapters/system/lease-cell.ts'
import { systemClock } from '../../src/adapters/system/system-clock.ts'
import { createThreadDispatcher } from '../../src/dispatch/thread/thread-dispatcher.ts'
import { startHttpThread } from '../../src/main/start-http-thread.ts'
import { dispatcherFor, httpServer, never, OPEN, workOf } from './support.ts'

const UNSENT = {
  kind: 'lost',
  message: 'the node lost its lease before anything was sent',
  reached: 'no',
}

test('what waits for a connection while the lease ends is not sent, and says so', async (t) => {
  let holds = true
  const heard: string[] = []
  const { url } = await httpServer(t, (request, response) => {
    heard.push(request.url!)
    holds = false
    response.end('ok')
  })
  const dispatcher = dispatcherFor(t, { connectionsPerOrigin: 1, mayLeave: () => holds })
  const [first, second] = await Promise.all(
    ['/1', '/2'].map((path) => dispatcher.dispatch(workOf({ url: url + path }), never)),
  )
  assert.equal(first?.kind, 'ok')
  assert.deepEqual(second, UNSENT)
  assert.deepEqual(heard, ['/1'])
})

test('the thread that sends goes by the lease of the node', async (t) => {
  const cell = new LeaseCell()
  let heard = 0
  const { url } = await httpServer(t, (_, response) => {
    heard += 1
    response.end('ok')
  })
  const settings = {
    addresses: OPEN,
    userAgent: 'carillon-test',
    connectionsPerOrigin: 8,
    lease: cell.memory,
  }
  const dispatcher = createThreadDispatcher({
    clock: systemClock,
    start: () => startHttpThread(settings),
    userAgent: settings.userAgent,
    onDefect: (error) => assert.ifError(error),
  })
  t.after(() => dispatcher[Symbol.asyncDispose]())
  const send = () => dispatcher.dispatch(workOf({ url }), never)
  assert.deepEqual(await send(), UNSENT)
  cell.holdFor(60_000)
  assert.equal((await send()).kind, 'ok')
  cell.holdFor(0)
  assert.deepEqual(await send(), UNSENT)
  assert.equal(heard, 1)
})
