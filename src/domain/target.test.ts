import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slotShare } from './target.ts'

test('a run alone takes a slot, those of a batch share one, 64 at most', () => {
  const shares: readonly (readonly [number | undefined, number])[] = [
    [1, 1],
    [2, 1 / 2],
    [3, 1 / 2],
    [50, 1 / 32],
    [64, 1 / 64],
    [10_000, 1 / 64],
    [undefined, 1 / 64],
  ]
  const url = 'https://example.com/'
  assert.equal(slotShare({ http: { url } }), 1)
  assert.equal(slotShare({ command: { argv: ['true'] } }), 1)
  for (const [maxItems, share] of shares) {
    const batch = maxItems === undefined ? {} : { maxItems }
    assert.equal(slotShare({ http: { url, batch } }), share, `${maxItems}`)
  }
})
