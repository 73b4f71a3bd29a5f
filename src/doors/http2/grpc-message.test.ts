import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { ServerHttp2Stream } from 'node:http2'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { heldBytes } from '../../../test/support/held-memory.ts'
import { framed, percentEncoded, readMessage, timeoutMs } from './grpc-message.ts'

const asStream = (stream: PassThrough): ServerHttp2Stream => stream as unknown as ServerHttp2Stream

test('a message comes out of its frame as it went in, in however many pieces', async () => {
  for (const message of ['', 'x', 'hello'.repeat(100)]) {
    for (const size of [1, 4, 5, 6, 1_000]) {
      const stream = new PassThrough()
      const read = readMessage(asStream(stream), 1_000)
      const frame = framed(Buffer.from(message))
      for (let from = 0; from < frame.length; from += size) stream.write(frame.subarray(from, from + size))
      stream.end()
      assert.equal(Buffer.from(await read).toString(), message)
    }
  }
})

test('of a call that is over already, or ends in between, nothing is waited for', {
  timeout: 5_000,
}, async () => {
  const over = new PassThrough()
  over.destroy()
  await new Promise((resolve) => over.once('close', resolve))
  await assert.rejects(readMessage(asStream(over), 100), /The caller has left/)
  const leaving = new PassThrough()
  const read = readMessage(asStream(leaving), 100)
  leaving.write(Buffer.from([0, 0, 0, 0, 9, 1]))
  leaving.destroy()
  await assert.rejects(read, /The caller has left/)
})

test('a message in a great many pieces takes no more room than its bytes', async () => {
  const bytes = 300_000
  const stream = new EventEmitter()
  const read = readMessage(stream as ServerHttp2Stream, bytes)
  const before = heldBytes()
  const frame = framed(Buffer.alloc(bytes, 7))
  for (const byte of frame) stream.emit('data', Buffer.of(byte))
  assert.ok(heldBytes() - before < 10 * bytes, `${heldBytes() - before} bytes are held for ${bytes}`)
  stream.emit('end')
  assert.deepEqual(Buffer.from(await read), Buffer.alloc(bytes, 7))
})

test('what is announced as too long is refused before it comes', { timeout: 5_000 }, async () => {
  const stream = new PassThrough()
  const read = readMessage(asStream(stream), 100)
  stream.write(Buffer.from([0, 0, 0, 0, 101]))
  await assert.rejects(read, /at most 100 bytes; this one has 101/)
})

test('how long a caller waits', () => {
  assert.equal(timeoutMs(undefined), null)
  for (const [text, ms] of [
    ['2H', 7_200_000],
    ['3M', 180_000],
    ['20S', 20_000],
    ['1500m', 1_500],
    ['5000u', 5],
    ['99999999n', 99.999_999],
  ] as const)
    assert.ok(Math.abs(timeoutMs(text)! - ms) < 1e-6, text)
  for (const text of ['', '5', 'S', '-1S', '1.5S', '123456789S', '1s']) {
    assert.throws(() => timeoutMs(text), /eight digits/, text)
  }
})

test('text in a header: what is no visible ASCII is escaped', () => {
  assert.equal(percentEncoded('100 % “ok”\n'), '100 %25 %E2%80%9Cok%E2%80%9D%0A')
  assert.equal(percentEncoded('\ud800'), '%EF%BF%BD')
})
