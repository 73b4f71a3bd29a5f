// How calls break: the code and the words, whether the other end can have begun, and that the next call works.

import assert from 'node:assert/strict'
import { createServer as createTlsServer } from 'node:https'
import test from 'node:test'
import { SELF_SIGNED } from './self-signed.ts'
import {
  asError,
  asOk,
  closedPort,
  dispatcherFor,
  httpServer,
  listen,
  never,
  portOf,
  tcpServer,
  workOf,
} from './support.ts'

test('nobody listens', async (t) => {
  const port = await closedPort()
  const outcome = await dispatcherFor(t).dispatch(workOf({ url: `http://127.0.0.1:${port}/` }), never)
  assert.deepEqual(outcome, {
    kind: 'error',
    code: 'connect_refused',
    message: `could not connect to 127.0.0.1:${port}: connection refused`,
    reached: 'no',
  })
})

test('nobody listens on any address of the name', async (t) => {
  const port = await closedPort()
  const dispatcher = dispatcherFor(t, {
    lookup: (_, __, callback) =>
      callback(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]),
  })
  const outcome = asError(await dispatcher.dispatch(workOf({ url: `http://two.example:${port}/` }), never))
  assert.deepEqual([outcome.code, outcome.reached], ['connect_refused', 'no'])
})

test('the name is not known, or the name service is silent', async (t) => {
  for (const [code, words] of [
    ['ENOTFOUND', 'could not connect to gone.example:80: name not found'],
    ['EAI_AGAIN', 'could not connect to gone.example:80: the name service did not answer'],
  ]) {
    const error = Object.assign(new Error(`getaddrinfo ${code}`), { code, syscall: 'getaddrinfo' })
    const dispatcher = dispatcherFor(t, { lookup: (_, __, callback) => callback(error, []) })
    const outcome = await dispatcher.dispatch(workOf({ url: 'http://gone.example/' }), never)
    assert.deepEqual(outcome, { kind: 'error', code: 'dns', message: words, reached: 'no' })
  }
})

test('a name service that never answers ends with the deadline', async (t) => {
  const dispatcher = dispatcherFor(t, { lookup: () => {} })
  const outcome = await dispatcher.dispatch(workOf({ url: 'http://slow.example/', timeout: '60ms' }), never)
  assert.deepEqual(outcome, {
    kind: 'timeout',
    message: 'could not connect to slow.example:80 within 60ms',
    reached: 'no',
  })
})

test('closed before an answer, in the middle of one, and by reset', async (t) => {
  const behaviours: [string, string, string][] = [
    ['', 'the connection was closed before an answer', 'reset'],
    ['HTTP/1.1 200 O', 'the connection was closed before an answer', 'reset'],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive.',
      'the connection was closed in the middle of the answer',
      'reset',
    ],
    [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfive.',
      'the connection was closed in the middle of the answer',
      'reset',
    ],
  ]
  for (const [bytes, message, code] of behaviours) {
    for (const hard of [false, true]) {
      const { url } = await tcpServer(t, (socket) => {
        socket.once('data', () => {
          if (hard) socket.write(bytes, () => setImmediate(() => socket.resetAndDestroy()))
          else socket.end(bytes)
        })
      })
      const outcome = asError(await dispatcherFor(t).dispatch(workOf({ url, body: 'x' }), never))
      assert.deepEqual(
        [outcome.code, outcome.message, outcome.reached],
        [code, message, 'maybe'],
        JSON.stringify([bytes, hard]),
      )
      assert.equal(outcome.response?.body, bytes.includes('five') ? 'five.' : undefined)
      if (outcome.response !== undefined) assert.equal(outcome.response.truncated, true)
    }
  }
})

test('a body that ends with its connection is whole', async (t) => {
  const { url } = await tcpServer(t, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'))
  })
  const record = asOk(await dispatcherFor(t).dispatch(workOf({ url }), never))
  assert.deepEqual([record.body, record.truncated], ['until the end', false])
})

test('what is not HTTP', async (t) => {
  for (const bytes of [
    'SSH-2.0-OpenSSH_9.6\r\n',
    '220 mail ready\r\n',
    'HTTP/1.1 banana\r\n\r\n',
    '\0\0\0\0',
  ]) {
    const { url } = await tcpServer(t, (socket) => {
      socket.once('data', () => socket.write(bytes))
    })
    const outcome = asError(await dispatcherFor(t).dispatch(workOf({ url }), never))
    assert.deepEqual(
      [outcome.code, outcome.message, outcome.reached],
      ['bad_answer', 'the answer is not valid HTTP', 'maybe'],
    )
  }
})

test('an upgrade nobody asked for', async (t) => {
  const { url } = await tcpServer(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n')
    })
  })
  const outcome = asError(await dispatcherFor(t).dispatch(workOf({ url }), never))
  assert.equal(outcome.code, 'bad_answer')
})

test('certificates', async (t) => {
  const server = createTlsServer({ key: SELF_SIGNED.key, cert: SELF_SIGNED.cert }, (_, response) =>
    response.end('safe'),
  )
  await listen(t, server)
  t.after(() => server.closeAllConnections())
  const url = `https://127.0.0.1:${portOf(server)}/`

  const stranger = asError(await dispatcherFor(t).dispatch(workOf({ url }), never))
  assert.deepEqual([stranger.code, stranger.reached], ['tls', 'no'])
  assert.match(
    stranger.message,
    /^could not connect to 127\.0\.0\.1:\d+: certificate problem: its certificate is self-signed$/,
  )

  // Known issuer, but it is not the one that was called: its name is wrong.
  const tls = { ca: SELF_SIGNED.cert }
  const lookup = (
    _: string,
    __: object,
    callback: (error: null, addresses: { address: string; family: number }[]) => void,
  ) => callback(null, [{ address: '127.0.0.1', family: 4 }])
  const dispatcher = dispatcherFor(t, { tls, lookup })
  const other = asError(
    await dispatcher.dispatch(workOf({ url: url.replace('127.0.0.1', 'other.example') }), never),
  )
  assert.deepEqual([other.code, other.reached], ['tls', 'no'])
  assert.match(other.message, /its certificate is for another name$/)

  const known = await dispatcher.dispatch(
    workOf({ url: url.replace('127.0.0.1', 'carillon.example') }),
    never,
  )
  assert.equal(asOk(known).body, 'safe')
})

test('TLS where none is spoken, and a close during the handshake', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end())
  const plain = asError(await dispatcherFor(t).dispatch(workOf({ url: url.replace('http', 'https') }), never))
  assert.deepEqual([plain.code, plain.reached], ['tls', 'no'])
  assert.match(plain.message, /it does not speak TLS on this port$/)
  const closing = await tcpServer(t, (socket) => socket.once('data', () => socket.destroy()))
  const outcome = asError(
    await dispatcherFor(t).dispatch(workOf({ url: closing.url.replace('http', 'https') }), never),
  )
  assert.equal(outcome.reached, 'no')
  assert.ok(['tls', 'reset'].includes(outcome.code), outcome.code)
})

test('after every kind of failure the next call to the same place works', async (t) => {
  let mode = ''
  const { url, sockets } = await tcpServer(t, (socket) => {
    socket.on('data', () => {
      if (mode === 'reset') socket.resetAndDestroy()
      else if (mode === 'close') socket.end()
      else if (mode === 'noise') socket.write('noise\r\n\r\n')
      else if (mode === 'half') socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx')
      else if (mode === 'ok') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  })
  const dispatcher = dispatcherFor(t, { connectionsPerOrigin: 1 })
  const call = (next: string) => {
    mode = next
    return dispatcher.dispatch(workOf({ url, timeout: next === 'silence' ? '30ms' : '10s' }), never)
  }
  for (const bad of ['reset', 'close', 'noise', 'half', 'silence', 'reset', 'silence']) {
    assert.notEqual((await call(bad)).kind, 'ok', bad)
    assert.equal(asOk(await call('ok')).body, 'ok', `after ${bad}`)
  }
  const before = sockets.length
  for (let n = 0; n < 20; n += 1) asOk(await call('ok'))
  assert.equal(sockets.length, before, 'and the connection is kept')
})

test('an idle connection that the server closed is not taken for an answer', async (t) => {
  const { url, sockets } = await tcpServer(t, (socket) => {
    socket.on('data', () => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  })
  const dispatcher = dispatcherFor(t, { connectionsPerOrigin: 1 })
  for (let n = 0; n < 10; n += 1) {
    asOk(await dispatcher.dispatch(workOf({ url }), never))
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.ok(sockets.length > 1)
})

test('a stored target that cannot be sent is an outcome', async (t) => {
  for (const url of ['no url', 'http://[', '']) {
    const dispatcher = dispatcherFor(t)
    const outcome = asError(await dispatcher.dispatch(workOf({ url }), never))
    assert.deepEqual([outcome.code, outcome.reached, outcome.retryable], ['target_invalid', 'no', false])
    assert.equal(dispatcher.batchKey(workOf({ url, batch: {} })), null)
    const batch = await dispatcher.dispatchBatch(
      [workOf({ url, batch: {} }), workOf({ url, batch: {} })],
      never,
    )
    assert.deepEqual(
      batch.map((each) => asError(each).code),
      ['target_invalid', 'target_invalid'],
    )
  }
})

test('a method that the client refuses is an outcome, however many wait', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end())
  const dispatcher = dispatcherFor(t, { connectionsPerOrigin: 2 })
  const calls = Array.from({ length: 5_000 }, () =>
    dispatcher.dispatch(workOf({ url, method: 'GE T' }), never),
  )
  const outcomes = await Promise.all(calls)
  assert.ok(outcomes.every((outcome) => asError(outcome).code === 'target_invalid'))
  assert.equal((await dispatcher.dispatch(workOf({ url }), never)).kind, 'ok')
})
