import assert from 'node:assert/strict'
import type { ServerHttp2Stream } from 'node:http2'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { asRequest } from './grpc-stream.ts'

test('of a call that is over already nothing is waited for', { timeout: 5_000 }, async () => {
  const over = new PassThrough()
  over.destroy()
  await new Promise((resolve) => over.once('close', resolve))
  const { body, signal } = asRequest(over as unknown as ServerHttp2Stream, {}, [], 100)
  assert.equal(signal.aborted, true)
  const read = body as AsyncIterable<Uint8Array>
  await assert.rejects(async () => {
    for await (const _ of read) assert.fail('there is nothing to read')
  }, /The caller has left/)
})
