import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LATENESS_BOUNDS_MS, LATENESS_SLOTS, latenessSlot, latenessWithin } from './lateness.ts'

test('a start lies in the first slot whose bound it does not pass', () => {
  assert.deepEqual([0, 1, 3, 60_000, 60_001, Number.MAX_SAFE_INTEGER].map(latenessSlot), [
    0,
    0,
    2,
    14,
    15,
    LATENESS_BOUNDS_MS.length,
  ])
})

test('a share of all starts lies within a bound', () => {
  const counts = Array.from({ length: LATENESS_SLOTS }, () => 0)
  assert.equal(latenessWithin(counts, 0.5), null)
  counts[2] = 98
  counts[9] = 2
  assert.equal(latenessWithin(counts, 0.5), 5)
  assert.equal(latenessWithin(counts, 0.99), 1_000)
  counts[LATENESS_SLOTS - 1] = 900
  assert.equal(latenessWithin(counts, 0.99), null)
})
