// The example of scheduler0's document, with fewer jobs: every job is called back once a minute, none less, none more.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countCalls } from './count-calls.ts'

const ARRAYS = 5
const JOBS_PER_ARRAY = 1_000
const ROUNDS = 2
const WITHIN_MS = 200_000

test('every job is called back once a minute, none less, none more', { timeout: WITHIN_MS }, async () => {
  await using children = new AsyncDisposableStack()
  const { taken, counts } = await countCalls(children, ARRAYS, JOBS_PER_ARRAY)
  assert.match(taken, /config\.yml: Port → doorScheduler0Listen = 127\.0\.0\.1:\d+/)
  const jobs = ARRAYS * JOBS_PER_ARRAY
  for await (const count of counts) {
    const told = JSON.stringify(count)
    assert.match(count.chunk, /^\d+$/)
    // No job is a whole round ahead of another.
    if (count.jobs === jobs) assert.ok(count.max - count.min <= 1, told)
    if (count.jobs === jobs && count.min === ROUNDS) {
      assert.equal(count.max, ROUNDS, told)
      return
    }
  }
  assert.fail('the client ended before it had counted to the end')
})
