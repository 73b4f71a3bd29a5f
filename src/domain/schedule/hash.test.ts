import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashNumber } from './hash.ts'

test('a key keeps its number for ever', () => {
  // A change of these moves every job that uses H.
  assert.equal(hashNumber('job-1/minute'), 562_770_437)
  assert.notEqual(hashNumber('job-1/hour'), hashNumber('job-1/minute'))
})

test('like keys spread evenly over a small range', () => {
  const buckets = new Array<number>(60).fill(0)
  for (let i = 0; i < 60_000; i++) buckets[hashNumber(`job-${i}/minute`) % 60]! += 1
  assert.ok(Math.min(...buckets) > 850, `least ${Math.min(...buckets)}`)
  assert.ok(Math.max(...buckets) < 1_150, `most ${Math.max(...buckets)}`)
})
