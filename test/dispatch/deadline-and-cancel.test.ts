// The deadline is for the whole call, whatever the other end does, and what is given up is really closed.

import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import type { Socket } from 'node:net'
import test from 'node:test'
import { systemClock } from '../support/system-clock.ts'
import { asOk, closed, dispatcherFor, httpServer, never, tcpServer, workOf } from './support.ts'

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'

/** Servers that never come to an end, each in its own way. */
const ENDLESS: Record<string, (socket: Socket) => void> = {
  'says nothing': () => {},
  'says half a status line': (socket) => socket.write('HTTP/1.1 2'),
  'drips headers': (socket) => {
    socket.write(HEAD)
    drip(socket, () => 'X-A: b\r\n')
  },
  'stops after the headers': (socket) => socket.write(`${HEAD}Content-Length: 100\r\n\r\n`),
  'drips the body': (socket) => {
    socket.write(`${HEAD}Content-Length: 100000\r\n\r\n`)
    drip(socket, () => 'x')
  },
  'drips chunks': (socket) => {
    socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`)
    drip(socket, () => '1\r\nx\r\n')
  },
  'drips interim answers': (socket) => drip(socket, () => 'HTTP/1.1 102 Processing\r\n\r\n'),
}

function drip(socket: Socket, next: () => string): void {
  const timer = setInterval(() => socket.write(next()), 5)
  socket.on('close', () => clearInterval(timer))
}

for (const [name, behave] of Object.entries(ENDLESS)) {
  test(`a server that ${name} meets the deadline`, async (t) => {
    const { url, sockets } = await tcpServer(t, (socket) => {
      socket.once('data', () => behave(socket))
    })
    const started = performance.now()
    const outcome = await dispatcherFor(t).dispatch(workOf({ url, timeout: '150ms' }), never)
    const took = performance.now() - started
    assert.equal(outcome.kind, 'timeout')
    assert.equal(outcome.kind === 'timeout' && outcome.reached, 'maybe')
    const words =
      name.includes('body') || name.includes('chunks') || name.includes('after')
        ? 'the answer did not end'
        : 'no answer'
    assert.equal(outcome.kind === 'timeout' && outcome.message, `${words} within 150ms`)
    assert.ok(took >= 149 && took < 400, `${took} ms`)
    assert.equal(sockets.length, 1)
    await closed(sockets[0]!)
  })
}

test('the deadline says how far it came', async (t) => {
  const { url } = await tcpServer(t, (socket) => {
    socket.once('data', (request) => {
      if (String(request).includes('/body')) socket.write(`${HEAD}Content-Length: 9\r\n\r\nx`)
    })
  })
  const dispatcher = dispatcherFor(t)
  const message = async (path: string) => {
    const outcome = await dispatcher.dispatch(workOf({ url: url + path, timeout: '40ms' }), never)
    return outcome.kind === 'timeout' ? outcome.message : outcome.kind
  }
  assert.equal(await message('/silent'), 'no answer within 40ms')
  assert.equal(await message('/body'), 'the answer did not end within 40ms')
})

test('the policy caps the timeout of the target', async (t) => {
  const { url } = await tcpServer(t, () => {})
  const dispatcher = dispatcherFor(t)
  const took = async (target: string | undefined, policy: string) => {
    const http = target === undefined ? { url } : { url, timeout: target }
    const started = performance.now()
    const outcome = await dispatcher.dispatch(workOf(http, { policy: { timeout: policy } }), never)
    assert.equal(outcome.kind, 'timeout')
    return performance.now() - started
  }
  assert.ok((await took('1h', '50ms')) < 5_000)
  assert.ok((await took('50ms', '1h')) < 5_000)
  assert.ok((await took(undefined, '50ms')) < 5_000)
})

test('a thousand deadlines at once are all met, and leave no connection', async (t) => {
  const { url, sockets } = await tcpServer(t, () => {})
  const dispatcher = dispatcherFor(t, { connectionsPerOrigin: 64 })
  const started = performance.now()
  const late: number[] = []
  await Promise.all(
    Array.from({ length: 1_000 }, async (_, n) => {
      const timeout = 200 + (n % 5) * 20
      const outcome = await dispatcher.dispatch(workOf({ url, timeout: `${timeout}ms` }), never)
      assert.equal(outcome.kind, 'timeout')
      late.push(performance.now() - started - timeout)
    }),
  )
  assert.equal(late.length, 1_000)
  assert.ok(Math.min(...late) >= -1, `${Math.min(...late)} ms`)
  assert.ok(Math.max(...late) < 5_000, `${Math.max(...late)} ms`)
  await Promise.all(sockets.map(closed))
})

test('who waits for a connection is not reached, and its turn is passed on', async (t) => {
  const seen: string[] = []
  let release = () => {}
  const { url } = await httpServer(t, (request, response) => {
    seen.push(request.url!)
    if (request.url === '/first') release = () => response.end()
    else response.end()
  })
  const dispatcher = dispatcherFor(t, { connectionsPerOrigin: 1 })
  const first = dispatcher.dispatch(workOf({ url: `${url}/first` }), never)
  const controller = new AbortController()
  const second = dispatcher.dispatch(workOf({ url: `${url}/second`, timeout: '40ms' }), never)
  const third = dispatcher.dispatch(workOf({ url: `${url}/third` }), controller.signal)
  const fourth = dispatcher.dispatch(workOf({ url: `${url}/fourth` }), never)
  assert.deepEqual(await second, {
    kind: 'timeout',
    message: `no connection to ${new URL(url).host} was free within 40ms`,
    reached: 'no',
  })
  controller.abort()
  assert.equal((await third).kind, 'cancelled')
  release()
  assert.equal((await first).kind, 'ok')
  assert.equal((await fourth).kind, 'ok')
  assert.deepEqual(seen, ['/first', '/fourth'])
})

test('an abort ends the call as cancelled and closes its connection', async (t) => {
  const arrived = Promise.withResolvers<Socket>()
  const { url } = await tcpServer(t, (socket) => {
    socket.once('data', () => arrived.resolve(socket))
  })
  const controller = new AbortController()
  const call = dispatcherFor(t).dispatch(workOf({ url }), controller.signal)
  const socket = await arrived.promise
  controller.abort()
  assert.deepEqual(await call, { kind: 'cancelled', message: 'the call was cancelled' })
  await closed(socket)
})

test('an abort while the name is resolved, and one before the start', async (t) => {
  const asked = Promise.withResolvers<void>()
  const dispatcher = dispatcherFor(t, { lookup: () => asked.resolve() })
  const controller = new AbortController()
  const call = dispatcher.dispatch(workOf({ url: 'http://slow.example/' }), controller.signal)
  await asked.promise
  controller.abort()
  assert.equal((await call).kind, 'cancelled')
  assert.equal(
    (await dispatcher.dispatch(workOf({ url: 'http://slow.example/' }), controller.signal)).kind,
    'cancelled',
  )
})

test('one signal cancels all calls that hang on it, and no other', async (t) => {
  let open = 0
  const all = Promise.withResolvers<void>()
  const { url } = await httpServer(t, (request, response) => {
    if (request.url === '/free') return void setImmediate(() => response.end())
    open += 1
    if (open === 20) all.resolve()
  })
  const dispatcher = dispatcherFor(t)
  const controller = new AbortController()
  const calls = Array.from({ length: 20 }, () => dispatcher.dispatch(workOf({ url }), controller.signal))
  const free = dispatcher.dispatch(workOf({ url: `${url}/free` }), never)
  await all.promise
  controller.abort()
  assert.ok((await Promise.all(calls)).every(({ kind }) => kind === 'cancelled'))
  assert.equal((await free).kind, 'ok')
})

test('a dispatcher that closes gives up what is under way and takes nothing new', async (t) => {
  const arrived = Promise.withResolvers<Socket>()
  const { url } = await tcpServer(t, (socket) => {
    socket.once('data', () => arrived.resolve(socket))
  })
  const dispatcher = dispatcherFor(t)
  const call = dispatcher.dispatch(workOf({ url }), never)
  const socket = await arrived.promise
  await dispatcher[Symbol.asyncDispose]()
  assert.equal((await call).kind, 'cancelled')
  await closed(socket)
  assert.equal((await dispatcher.dispatch(workOf({ url }), never)).kind, 'cancelled')
})

test('calls beyond the connections wait and all come through, on kept connections', async (t) => {
  const { url, server } = await httpServer(t, (_, response) => response.end('x'))
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  const dispatcher = dispatcherFor(t, { connectionsPerOrigin: 8 })
  const outcomes = await Promise.all(
    Array.from({ length: 5_000 }, () => dispatcher.dispatch(workOf({ url, body: 'b' }), never)),
  )
  for (const outcome of outcomes) asOk(outcome)
  assert.equal(connections, 8)
})

test('a handshake that never ends is given up at the deadline, its connection closed', async (t) => {
  const connection = Promise.withResolvers<Socket>()
  const { url } = await tcpServer(t, (socket) => connection.resolve(socket))
  const work = workOf({ url: url.replace('http', 'https'), timeout: '80ms' })
  const outcome = await dispatcherFor(t).dispatch(work, never)
  const ended = performance.now()
  assert.equal(outcome.kind === 'timeout' && outcome.reached, 'no')
  // Who listens may hear of the connection later than of its end.
  await closed(await connection.promise)
  assert.ok(performance.now() - ended < 2_000)
})

test('those who wait behind failing calls get their turn', async (t) => {
  let calls = 0
  const { url } = await tcpServer(t, (socket) => {
    socket.on('data', () => {
      calls += 1
      if (calls % 3 === 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      else socket.resetAndDestroy()
    })
  })
  const dispatcher = dispatcherFor(t, { connectionsPerOrigin: 2 })
  const works = Array.from({ length: 60 }, () => dispatcher.dispatch(workOf({ url, timeout: '10s' }), never))
  const kinds = (await Promise.all(works)).map(({ kind }) => kind)
  assert.equal(kinds.filter((kind) => kind === 'ok').length, 20)
  assert.equal(kinds.filter((kind) => kind === 'error').length, 40)
})

test('a call that has ended leaves nothing on the signal', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end())
  const dispatcher = dispatcherFor(t)
  const { signal } = new AbortController()
  asOk(await dispatcher.dispatch(workOf({ url }), signal))
  assert.equal(getEventListeners(signal, 'abort').length, 0)
  for (let n = 0; n < 50; n += 1) asOk(await dispatcher.dispatch(workOf({ url }), signal))
  assert.ok(getEventListeners(signal, 'abort').length <= 1)
})

test('connections that nobody used for minutes are forgotten', async (t) => {
  let leap = 0
  const clock = { ...systemClock, monotonic: () => performance.now() + leap }
  const answer = (socket: Socket) => {
    socket.on('data', () =>
      socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=300\r\nContent-Length: 0\r\n\r\n'),
    )
  }
  const [old, other] = [await tcpServer(t, answer), await tcpServer(t, answer)]
  const dispatcher = dispatcherFor(t, { clock })
  asOk(await dispatcher.dispatch(workOf({ url: old.url }), never))
  asOk(await dispatcher.dispatch(workOf({ url: old.url }), never))
  assert.equal(old.sockets.length, 1)
  const third = await tcpServer(t, answer)
  const call = async (seconds: number, url: string) => {
    leap = seconds * 1_000
    asOk(await dispatcher.dispatch(workOf({ url }), never))
  }
  await call(70, other.url)
  await closed(old.sockets[0]!)
  await call(100, old.url)
  await call(132, third.url)
  await closed(other.sockets[0]!)
  await call(132, old.url)
  assert.equal(old.sockets.length, 2, 'used half a minute ago: kept')
})
