// Floods of frames at the gRPC door: the connection they come by ends or goes on, the server and its other callers do not notice.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import { connect as dial, type Socket } from 'node:net'
import { test } from 'node:test'
import { HTTP_SERVER_LIMITS } from '../../../src/doors/http/limits.ts'
import { GRPC_LIMITS } from '../../../src/doors/http2/grpc-listener.ts'
import { DOOR_KEY } from '../compat-house.ts'
import { type DcronHouse, openDcronHouse } from './dcron-house.ts'

const MIB = 1_048_576
const HEADERS = {
  ':method': 'POST',
  ':path': '/dcron.Public/GetJob',
  'content-type': 'application/grpc',
  'x-api-key': DOOR_KEY,
  te: 'trailers',
}

/** However it ends: one that breaks is what is asked for here. */
function closing(one: { once(event: 'close', heard: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => {
    one.once('close', resolve)
  })
}

async function answers({ client, compat }: DcronHouse): Promise<void> {
  const called = await client.call('GetJob', { name: 'none' })
  assert.ok(called.ok || called.code !== 14, JSON.stringify(called))
  assert.deepEqual(compat.house.faults, [])
}

/** Bytes as they are, behind what every client begins with. */
async function raw(address: string): Promise<Socket> {
  const port = Number(address.split(':').at(-1))
  const socket = dial(port, '::1')
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'connect')
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  socket.write(frame(4, 0, 0, Buffer.alloc(0)))
  return socket
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

function draining(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('drain', resolve)
  })
}

/** Sends until everything is away or the other end has had enough. */
async function flood(socket: Socket, bytes: Buffer, times: number): Promise<void> {
  for (let n = 0; n < times && !socket.destroyed; n += 1) {
    if (!socket.write(bytes)) await Promise.race([draining(socket), closing(socket)])
  }
}

test('calls that are broken off as soon as they are made', async () => {
  await using door = await openDcronHouse()
  const session: ClientHttp2Session = connect(`http://${door.address}`)
  session.on('error', () => {})
  const closed = closing(session)
  for (let n = 0; n < 2_000 && !session.destroyed && !session.closed; n += 1) {
    const stream = session.request(HEADERS)
    stream.on('error', () => {})
    stream.close(constants.NGHTTP2_CANCEL)
  }
  await answers(door)
  // Nobody is let break off so many.
  assert.ok(session.closed || session.destroyed, 'the connection was ended')
  session.destroy()
  await closed
})

for (const [name, bytes] of [
  ['settings', frame(4, 0, 0, Buffer.from([0, 3, 0, 0, 0, 100]))],
  ['pings', frame(6, 0, 0, Buffer.alloc(8))],
  ['resets of streams that never were', frame(3, 0, 1, Buffer.from([0, 0, 0, 8]))],
  ['empty frames of data', frame(0, 0, 1, Buffer.alloc(0))],
  ['priorities', frame(2, 0, 1, Buffer.from([0, 0, 0, 0, 16]))],
  ['windows that grow', frame(8, 0, 0, Buffer.from([0, 0, 0, 1]))],
  ['frames that nobody knows', frame(0xbe, 0, 0, Buffer.alloc(64))],
] as const) {
  test(`a flood of ${name}`, async () => {
    await using door = await openDcronHouse()
    const before = process.memoryUsage().rss
    const many = Buffer.concat(Array.from({ length: 500 }, () => bytes))
    const socket = await raw(door.address)
    await flood(socket, many, 200)
    await answers(door)
    assert.ok(process.memoryUsage().rss - before < 200 * MIB, 'what it sent is not kept')
    socket.destroy()
    await answers(door)
  })
}

test('headers that never end are cut off', async () => {
  await using door = await openDcronHouse()
  const socket = await raw(door.address)
  const closed = closing(socket)
  // HEADERS without END_HEADERS, then CONTINUATION after CONTINUATION.
  socket.write(frame(1, 0, 1, Buffer.from([0x83])))
  const piece = frame(
    9,
    0,
    1,
    Buffer.concat([Buffer.from([0x00, 0x01, 0x61, 0x7f, 0x81, 0x7f]), Buffer.alloc(16_000, 0x61)]),
  )
  await flood(socket, piece, 2_000)
  await closed
  await answers(door)
})

test('metadata beyond the limit is refused, with the limit', async () => {
  await using door = await openDcronHouse()
  const session = connect(`http://${door.address}`)
  session.on('error', () => {})
  const stream = session.request({ ...HEADERS, 'x-a': 'a'.repeat(HTTP_SERVER_LIMITS.headerBytesMax) })
  stream.on('error', () => {})
  const told = await Promise.race([
    once(stream, 'response').then(([headers]) =>
      String((headers as Record<string, unknown>)['grpc-message']),
    ),
    closing(stream).then(() => `closed ${stream.rstCode}`),
  ])
  assert.match(told, /at most|closed/)
  session.destroy()
  await answers(door)
})

test('a call whose message never ends is broken off in time', async () => {
  await using door = await openDcronHouse()
  const session = connect(`http://${door.address}`)
  session.on('error', () => {})
  const calls = Array.from({ length: GRPC_LIMITS.streamsMax }, () => {
    const stream = session.request(HEADERS)
    stream.on('error', () => {})
    stream.resume()
    stream.write(Buffer.from([0, 0, 0, 1, 0]))
    return stream
  })
  await answers(door)
  const closed = Promise.all(calls.map((stream) => closing(stream)))
  await door.compat.house.clock.advance(HTTP_SERVER_LIMITS.requestTimeoutMs)
  await closed
  session.destroy()
  await answers(door)
})
