import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heldBytes } from '../../test/support/held-memory.ts'
import { GatheredBytes } from './gathered-bytes.ts'

const whole = Buffer.from(Array.from({ length: 100_000 }, (_, n) => (n * 7 + (n >> 8)) % 256))

test('what comes in pieces comes out as it was, however it was cut', () => {
  for (const sizes of [[1], [100_000], [4_095], [4_096], [1, 5_000], [300, 16_384, 1], [65_536, 2]]) {
    const gathered = new GatheredBytes()
    for (let at = 0, n = 0; at < whole.length; n += 1) {
      const size = sizes[n % sizes.length]!
      gathered.add(whole.subarray(at, at + size))
      at += size
      if (n === 3) assert.deepEqual(gathered.bytes(), whole.subarray(0, Math.min(at, whole.length)))
    }
    assert.equal(gathered.length, whole.length)
    assert.deepEqual(gathered.bytes(), whole, sizes.join())
  }
  assert.equal(new GatheredBytes().bytes().length, 0)
})

test('a great many pieces take no more room than their bytes', () => {
  const gathered = new GatheredBytes()
  const before = heldBytes()
  for (let n = 0; n < 300_000; n += 1) gathered.add(Buffer.of(7))
  assert.ok(heldBytes() - before < 3_000_000, `${heldBytes() - before} bytes are held for 300000`)
  assert.equal(gathered.bytes().length, 300_000)
})
