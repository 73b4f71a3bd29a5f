// Whoever sends a request byte by byte is cut off, and meanwhile holds up nobody.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { EVENT_STREAM_LIMITS, HTTP_SERVER_LIMITS } from '../../src/doors/http/limits.ts'
import { until } from '../support/until.ts'
import { type House, openHouse } from './house.ts'
import { listen } from './raw-socket.ts'

const HEADERS_MS = 400
const REQUEST_MS = 800
/** Looked at once in this time; and the machine may be busy. */
const LATE_MS = HTTP_SERVER_LIMITS.timeoutCheckMs + 4_000
const CLIENTS = 200

let house: House
let port: number
before(async () => {
  house = await openHouse()
  port = await listen(house)
  // The bounds themselves are far too long to wait for; that they are set is asked below.
  const { server } = house.app
  assert.equal(server.headersTimeout, HTTP_SERVER_LIMITS.headersTimeoutMs)
  assert.equal(server.requestTimeout, HTTP_SERVER_LIMITS.requestTimeoutMs)
  server.headersTimeout = HEADERS_MS
  server.requestTimeout = REQUEST_MS
})
after(() => house[Symbol.asyncDispose]())

/** Sends a byte every so often until the other end has had enough; how long that took. */
async function dribbled(begin: string, byte: string): Promise<number> {
  const socket: Socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  const begun = performance.now()
  socket.write(begin)
  const timer = setInterval(() => socket.write(byte), 50)
  await once(socket, 'close')
  clearInterval(timer)
  return performance.now() - begun
}

async function others(): Promise<void> {
  for (let n = 0; n < 5; n += 1) assert.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200)
}

test(`${CLIENTS} clients that never end their headers are cut off, and nobody else waits`, async () => {
  const slow = Array.from({ length: CLIENTS }, () => dribbled('GET /livez HTTP/1.1\r\nX-A: ', 'a'))
  await others()
  for (const ms of await Promise.all(slow)) assert.ok(ms < HEADERS_MS + LATE_MS, `${Math.round(ms)} ms`)
})

test(`${CLIENTS} clients that never end their body are cut off, and nobody else waits`, async () => {
  const lines = ['POST /v1/jobs HTTP/1.1', 'Host: x', `Authorization: Bearer ${house.admin}`]
  const head = [...lines, 'Content-Type: application/json', 'Content-Length: 1000000', '', ''].join('\r\n')
  const slow = Array.from({ length: CLIENTS }, () => dribbled(head, ' '))
  await others()
  for (const ms of await Promise.all(slow)) assert.ok(ms < REQUEST_MS + LATE_MS, `${Math.round(ms)} ms`)
})

const ASKS_MUCH = 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(50)
const AS_AGENT = 'POST /v1/agents/x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'
const STALLING: readonly (readonly [string, string])[] = [
  ['who asks for much and reads nothing is let go', ASKS_MUCH],
  ['so is who begins as an agent does', AS_AGENT + ASKS_MUCH],
  ['and who never goes on, nor leaves when told to', 'POST /v1/agents/'],
]

for (const [name, text] of STALLING) test(name, () => letGo(text))

async function letGo(text: string): Promise<void> {
  const { server } = house.app
  assert.equal(server.timeout, HTTP_SERVER_LIMITS.stalledTimeoutMs)
  assert.ok(EVENT_STREAM_LIMITS.heartbeatMs < server.timeout / 2, 'streams say something more often')
  server.timeout = 500
  const accepted = once(server, 'connection')
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  socket.pause()
  await once(socket, 'connect')
  const [ours] = (await accepted) as [Socket]
  socket.write(text)
  await until('it was let go', LATE_MS, () => ours.destroyed)
  socket.destroy()
  server.timeout = HTTP_SERVER_LIMITS.stalledTimeoutMs
}

test('nothing of this was our fault', () => assert.deepEqual(house.faults, []))
