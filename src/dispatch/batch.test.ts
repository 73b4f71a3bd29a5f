import assert from 'node:assert/strict'
import test from 'node:test'
import { BATCH_RESPONSE_CHARS_MAX, type BatchItem, batchChunks, sharedOutcome } from './batch.ts'

const item = (json: string) => ({ json }) as BatchItem
const sizes = (chunks: BatchItem[][]) => chunks.map((chunk) => chunk.length)

test('chunks hold at most so many items, in order', () => {
  const items = Array.from({ length: 7 }, (_, n) => item(`{"n":${n}}`))
  const chunks = batchChunks(items, 3, 10_000)
  assert.deepEqual(sizes(chunks), [3, 3, 1])
  assert.deepEqual(chunks.flat(), items)
})

test('no chunk is larger than the limit in bytes, to the byte', () => {
  const items = Array.from({ length: 10 }, () => item('"ééé"'))
  const bytes = (count: number) => Buffer.byteLength(`[${Array(count).fill('"ééé"').join(',')}]`)
  assert.deepEqual(sizes(batchChunks(items, 100, bytes(4))), [4, 4, 2])
  assert.deepEqual(sizes(batchChunks(items, 100, bytes(4) - 1)), [3, 3, 3, 1])
})

test('an item that is too large by itself travels alone', () => {
  const items = [item('1'), item(`"${'x'.repeat(50)}"`), item('2')]
  assert.deepEqual(sizes(batchChunks(items, 100, 20)), [1, 1, 1])
})

test('what each run keeps of the answer is short', () => {
  const response = {
    status: 200,
    headers: { a: 'b' },
    body: '😀'.repeat(2_000),
    bodyBytes: 8_000,
    truncated: false,
  }
  const outcome = sharedOutcome({ kind: 'ok', response })
  assert.ok(outcome.kind === 'ok' && outcome.response !== undefined)
  assert.equal(outcome.response.body.length, BATCH_RESPONSE_CHARS_MAX)
  assert.equal(outcome.response.truncated, true)
  assert.equal(outcome.response.bodyBytes, 8_000)
  assert.deepEqual(outcome.response.headers, {})
})
