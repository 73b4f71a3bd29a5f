// What comes back and what the ledger keeps of it.

import assert from 'node:assert/strict'
import test from 'node:test'
import { gzipSync } from 'node:zlib'
import { RECORDED_HEADER_BYTES_MAX, RECORDED_HEADERS_MAX } from '../../src/dispatch/response-record.ts'
import { asError, asOk, dispatcherFor, httpServer, never, tcpServer, workOf } from './support.ts'

test('a good answer is kept: status, headers, text', async (t) => {
  const { url } = await httpServer(t, (_, response) => {
    response.writeHead(201, { 'X-Own': 'yes', 'content-type': 'text/plain' }).end('fünf')
  })
  const record = asOk(await dispatcherFor(t).dispatch(workOf({ url }), never))
  assert.equal(record.status, 201)
  assert.equal(record.headers['x-own'], 'yes')
  assert.equal(record.body, 'fünf')
  assert.equal(record.bodyBytes, 5)
  assert.equal(record.truncated, false)
})

for (const status of [300, 304, 400, 404, 418, 429, 500, 503, 599, 799]) {
  test(`${status} is an error by default`, async (t) => {
    const { url } = await httpServer(t, (_, response) => response.writeHead(status).end())
    const outcome = asError(await dispatcherFor(t).dispatch(workOf({ url }), never))
    assert.equal(outcome.code, 'http_status')
    assert.match(outcome.message, new RegExp(`^answered ${status}`))
    assert.equal(outcome.reached, 'yes')
    assert.equal(outcome.retryable, undefined)
    assert.equal(outcome.retryAfterMs, undefined)
    assert.equal(outcome.response?.status, status)
  })
}

test('the message says the status as people know it', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.writeHead(503).end('no'))
  const outcome = asError(await dispatcherFor(t).dispatch(workOf({ url }), never))
  assert.equal(outcome.message, 'answered 503 Service Unavailable')
  assert.equal(outcome.response?.body, 'no')
})

test('acceptStatus decides what is good', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    response.writeHead(Number(request.url!.slice(1))).end()
  })
  const dispatcher = dispatcherFor(t)
  const kind = async (status: number) =>
    (
      await dispatcher.dispatch(
        workOf({ url: `${url}/${status}`, acceptStatus: [404, '3xx', '200-202'] }),
        never,
      )
    ).kind
  for (const status of [404, 302, 200, 202]) assert.equal(await kind(status), 'ok', String(status))
  for (const status of [203, 204, 405, 500]) assert.equal(await kind(status), 'error', String(status))
})

test('Retry-After in seconds and as a date, bounded', async (t) => {
  let retryAfter = ''
  const { url } = await httpServer(t, (_, response) => {
    response.writeHead(429, { 'retry-after': retryAfter }).end()
  })
  const dispatcher = dispatcherFor(t)
  const asked = async (value: string) => {
    retryAfter = value
    return asError(await dispatcher.dispatch(workOf({ url }), never)).retryAfterMs
  }
  assert.equal(await asked('7'), 7_000)
  const dated = await asked(new Date(Date.now() + 60_000).toUTCString())
  assert.ok(dated !== undefined && dated > 55_000 && dated <= 60_000, String(dated))
  assert.equal(await asked('99999999'), 86_400_000)
  assert.equal(await asked('later'), undefined)
})

test('the body is kept up to the cap, whole characters only, the rest is counted', async (t) => {
  const text = '€'.repeat(100_000)
  const { url } = await httpServer(t, (_, response) => response.end(text))
  const dispatcher = dispatcherFor(t)
  const short = asOk(await dispatcher.dispatch(workOf({ url, responseBytesMax: 1_000 }), never))
  assert.equal(short.body, '€'.repeat(333))
  assert.equal(short.bodyBytes, 300_000)
  assert.equal(short.truncated, true)
  const byDefault = asOk(await dispatcher.dispatch(workOf({ url }), never))
  assert.equal(byDefault.body, '€'.repeat(5_461))
  const all = asOk(await dispatcher.dispatch(workOf({ url, responseBytesMax: 1_048_576 }), never))
  assert.equal(all.body, text)
  assert.equal(all.truncated, false)
  const none = asOk(await dispatcher.dispatch(workOf({ url, responseBytesMax: 0 }), never))
  assert.deepEqual([none.body, none.truncated, none.bodyBytes], ['', true, 300_000])
})

test('a body in many small pieces, cut inside characters, comes out whole', async (t) => {
  const bytes = Buffer.from('😀é€'.repeat(50))
  const { url } = await httpServer(t, (_, response) => {
    let at = 0
    const step = () => {
      if (at >= bytes.length) {
        response.end()
        return
      }
      response.write(bytes.subarray(at, at + 1))
      at += 1
      setImmediate(step)
    }
    step()
  })
  const record = asOk(await dispatcherFor(t).dispatch(workOf({ url }), never))
  assert.equal(record.body, '😀é€'.repeat(50))
})

test('bytes that are not text do not break the record', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end(Buffer.from([0xff, 0xfe, 0x00, 0x41])))
  const record = asOk(await dispatcherFor(t).dispatch(workOf({ url }), never))
  assert.equal(record.body, '\ufffd\ufffd\0A')
})

test('an endless answer is cut off at 64 MiB', async (t) => {
  const chunk = Buffer.alloc(1_048_576, 0x61)
  let closed = false
  const { url } = await httpServer(t, (_, response) => {
    response.on('close', () => {
      closed = true
    })
    const pour = () => {
      while (!response.destroyed && response.write(chunk)) {}
    }
    response.on('drain', pour)
    pour()
  })
  const dispatcher = dispatcherFor(t)
  const before = process.memoryUsage().rss
  const outcome = asError(await dispatcher.dispatch(workOf({ url }), never))
  assert.equal(outcome.code, 'response_too_large')
  assert.equal(outcome.retryable, false)
  assert.ok(outcome.response!.bodyBytes > 64 * 1_048_576 && outcome.response!.bodyBytes < 66 * 1_048_576)
  assert.equal(outcome.response!.body.length, 16_384)
  assert.equal(outcome.response!.truncated, true)
  assert.ok(process.memoryUsage().rss - before < 256 * 1_048_576)
  while (!closed) await new Promise((resolve) => setImmediate(resolve))
})

test('nothing is decompressed', async (t) => {
  const bomb = gzipSync(Buffer.alloc(10_000_000))
  let asked: string | undefined
  const { url } = await httpServer(t, (request, response) => {
    asked = request.headers['accept-encoding']
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
  })
  const record = asOk(
    await dispatcherFor(t).dispatch(workOf({ url, headers: { 'accept-encoding': 'gzip' } }), never),
  )
  assert.equal(asked, 'identity')
  assert.equal(record.body, `[gzip body, ${bomb.length} bytes]`)
})

test('what could log somebody in is hidden', async (t) => {
  const secrets = {
    'set-cookie': ['sid=1', 'b=2'],
    authorization: 'Bearer 1',
    'x-api-key': '1',
    'x-auth-token': '1',
    'proxy-authorization': '1',
    'x-amz-security-token': '1',
    'x-session-id': '1',
  }
  const { url } = await httpServer(t, (_, response) => {
    response.writeHead(200, { ...secrets, 'x-plain': 'seen' }).end()
  })
  const record = asOk(await dispatcherFor(t).dispatch(workOf({ url }), never))
  for (const name of Object.keys(secrets)) assert.equal(record.headers[name], '[hidden]', name)
  assert.equal(record.headers['x-plain'], 'seen')
})

test('many and long headers are kept only up to a bound', async (t) => {
  let headers: [string, string][] = []
  const { url } = await httpServer(t, (_, response) => {
    response.sendDate = false
    response.writeHead(200, headers.flat()).end()
  })
  const dispatcher = dispatcherFor(t)
  headers = Array.from({ length: 500 }, (_, n) => [`x-${n}`, 'v'])
  const many = asOk(await dispatcher.dispatch(workOf({ url }), never))
  assert.equal(Object.keys(many.headers).length, RECORDED_HEADERS_MAX)
  headers = Array.from({ length: 20 }, (_, n) => [`x-${n}`, 'v'.repeat(1_000)])
  const long = asOk(await dispatcher.dispatch(workOf({ url }), never))
  assert.ok(JSON.stringify(long.headers).length < RECORDED_HEADER_BYTES_MAX + 500)
  assert.ok(Object.keys(long.headers).length >= 7)
})

test('a header block without end is an error, not a full memory', async (t) => {
  const { url } = await tcpServer(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    const pour = () => {
      while (!socket.destroyed && socket.write(`X-${'a'.repeat(50)}: ${'b'.repeat(1_000)}\r\n`)) {}
    }
    socket.on('drain', pour)
    pour()
  })
  const outcome = asError(await dispatcherFor(t).dispatch(workOf({ url }), never))
  assert.equal(outcome.code, 'response_headers_too_large')
  assert.equal(outcome.reached, 'maybe')
})

test('interim answers are not the answer', async (t) => {
  const { url } = await tcpServer(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n')
      socket.write(
        'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nX-Real: 1\r\nContent-Length: 2\r\n\r\nok',
      )
    })
  })
  const record = asOk(await dispatcherFor(t).dispatch(workOf({ url }), never))
  assert.deepEqual(
    [record.status, record.headers['x-real'], record.headers.link, record.body],
    [200, '1', undefined, 'ok'],
  )
})

test('HEAD and 204 have no body', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    if (request.method === 'HEAD') response.writeHead(200, { 'content-length': '100' }).end()
    else response.writeHead(204).end()
  })
  const dispatcher = dispatcherFor(t)
  for (const method of ['HEAD', 'POST']) {
    const record = asOk(await dispatcher.dispatch(workOf({ url, method }), never))
    assert.deepEqual([record.body, record.bodyBytes, record.truncated], ['', 0, false])
  }
})
