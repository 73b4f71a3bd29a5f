// What comes before HTTP means anything: broken frames, endless headers, bodies that lie about their length.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { HTTP_SERVER_LIMITS } from '../../src/doors/http/limits.ts'
import { heldBytes } from '../support/held-memory.ts'
import { type House, openHouse } from './house.ts'
import { collector, exchange, listen, parseReply, type RawReply } from './raw-socket.ts'

let house: House
let port: number
before(async () => {
  house = await openHouse()
  port = await listen(house)
})
after(() => house[Symbol.asyncDispose]())

const head = (line: string, ...headers: string[]): string =>
  `${[line, 'Host: x', ...headers].join('\r\n')}\r\n\r\n`
const key = (): string => `Authorization: Bearer ${house.admin}`
const json = 'Content-Type: application/json'

async function send(...parts: (string | Buffer)[]): Promise<RawReply> {
  return parseReply(await exchange(port, ...parts))
}

function assertRefused(reply: RawReply, status: number, code: string): void {
  assert.equal(reply.status, status, `${reply.headers}\n${reply.body.slice(0, 200)}`)
  assert.match(reply.headers, /content-type: application\/problem\+json/i)
  assert.match(reply.headers, /connection: close/i)
  const document = JSON.parse(reply.body) as Record<string, unknown>
  assert.equal(document.code, code)
  assert.match(reply.headers, new RegExp(`x-request-id: ${document.requestId}`, 'i'))
}

async function assertAlive(): Promise<void> {
  assert.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200)
}

test('where nobody has to show a key, little is read', async () => {
  const bytes = HTTP_SERVER_LIMITS.openBodyBytesMax + 1
  const said = ['Sec-Fetch-Site: same-origin', json, `Content-Length: ${bytes}`]
  for (const path of ['/v1/visit', '/v1/visit/issuer', '/v1/agents/join'])
    assertRefused(await send(head(`POST ${path} HTTP/1.1`, ...said)), 413, 'body_too_large')
  await assertAlive()
})

test('a body in a great many chunks takes no more room than its bytes', async () => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(head('POST /v1/schedules/preview HTTP/1.1', key(), json, 'Transfer-Encoding: chunked'))
  const before = heldBytes()
  const some = '1\r\n \r\n'.repeat(10_000)
  const bodies = 30
  for (let n = 0; n < bodies; n += 1) {
    if (!socket.write(some)) await once(socket, 'drain')
    // What was sent was taken, while this is asked and answered.
    await assertAlive()
  }
  const held = heldBytes() - before
  const reply = collector(socket)
  socket.write('f\r\n{"schedule":{}}\r\n0\r\n\r\n')
  await reply.until(/HTTP\/1\.1 200/)
  socket.destroy()
  assert.ok(held < 10_000_000, `${held} bytes are held for ${bodies * 10_000}`)
})

test('no HTTP at all', async () => {
  assertRefused(await send('hello\r\n\r\n'), 400, 'malformed_request')
  assertRefused(await send(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00])), 400, 'malformed_request')
  await assertAlive()
})

test('Content-Length and Transfer-Encoding together', async () => {
  const lines = head('POST /v1/jobs HTTP/1.1', key(), json, 'Content-Length: 5', 'Transfer-Encoding: chunked')
  assertRefused(await send(`${lines}0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n`), 400, 'malformed_request')
  await assertAlive()
})

test('two Content-Lengths', async () => {
  const lines = head('POST /v1/jobs HTTP/1.1', key(), json, 'Content-Length: 2', 'Content-Length: 3')
  assertRefused(await send(`${lines}{}`), 400, 'malformed_request')
})

test('a bad chunk', async () => {
  const lines = head('POST /v1/jobs HTTP/1.1', key(), json, 'Transfer-Encoding: chunked')
  const reply = await exchange(port, `${lines}zz\r\n{}\r\n0\r\n\r\n`)
  // The request had begun: the answer may be the parser's or the reader's, but there is one and then an end.
  assert.match(reply, /^HTTP\/1\.1 400 /)
  await assertAlive()
})

test('64 KB of headers', async () => {
  assertRefused(
    await send(head('GET /livez HTTP/1.1', `X-A: ${'a'.repeat(65_536)}`)),
    431,
    'headers_too_large',
  )
  await assertAlive()
})

test('two thousand headers', async () => {
  const many = Array.from({ length: 2_000 }, (_, n) => `X${n}: 1`)
  const reply = await send(head('GET /livez HTTP/1.1', 'Connection: close', ...many))
  assert.equal(reply.status, 431, reply.headers)
  const few = Array.from({ length: HTTP_SERVER_LIMITS.headersMax }, (_, n) => `X${n}: 1`)
  assert.equal((await send(head('GET /livez HTTP/1.1', 'Connection: close', ...few))).status, 431)
  assert.equal((await send(head('GET /livez HTTP/1.1', 'Connection: close', ...few.slice(10)))).status, 200)
})

test('100 KB of path', async () => {
  assertRefused(await send(head(`GET /${'a'.repeat(100_000)} HTTP/1.1`)), 414, 'uri_too_long')
  await assertAlive()
})

test('a body that announces too much is refused before it comes', async () => {
  // Not one byte of the body is sent: the answer must not wait for it.
  const reply = await send(head('POST /v1/jobs HTTP/1.1', key(), json, 'Content-Length: 1048577'))
  assertRefused(reply, 413, 'body_too_large')
  assert.match(reply.body, /1048576 bytes/)
})

test('a body that does not say how much it is, is cut off at the limit', async () => {
  const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
  const lines = head('POST /v1/jobs HTTP/1.1', key(), json, 'Transfer-Encoding: chunked')
  assertRefused(await send(lines, chunk.repeat(17)), 413, 'body_too_large')
  await assertAlive()
})

test('a batch may be larger, up to its own limit', async () => {
  const body = `{"jobs":[${' '.repeat(2_000_000)}]}`
  const ask = (path: string): Promise<RawReply> =>
    send(
      head(`POST ${path} HTTP/1.1`, key(), json, 'Connection: close', `Content-Length: ${body.length}`),
      body,
    )
  const reply = await ask('/v1/jobs/batch')
  assert.equal(reply.status, 422)
  assert.match(reply.body, /at least 1 element/)
  assertRefused(
    await send(head('POST /v1/jobs/batch HTTP/1.1', key(), json, 'Content-Length: 33554433')),
    413,
    'body_too_large',
  )
})

test('two Authorization headers', async () => {
  const reply = await send(head('GET /v1/jobs HTTP/1.1', key(), key(), 'Connection: close'))
  assert.equal(reply.status, 401)
  assert.match(reply.body, /several/)
})

test('a slow request does not hold a connection for ever', () => {
  const { server } = house.app
  assert.equal(server.headersTimeout, HTTP_SERVER_LIMITS.headersTimeoutMs)
  assert.equal(server.requestTimeout, HTTP_SERVER_LIMITS.requestTimeoutMs)
  assert.equal(server.keepAliveTimeout, HTTP_SERVER_LIMITS.keepAliveTimeoutMs)
  assert.ok(server.maxConnections > 0)
})

test('nothing of this was our fault', () => assert.deepEqual(house.faults, []))
