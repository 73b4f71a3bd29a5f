import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryRoom } from './memory-room.ts'

test('there is room below 70 % of the limit, and always without one', () => {
  let used = 69
  const room = memoryRoom(100, () => used)
  assert.equal(room(), true)
  used = 70
  assert.equal(room(), false)
  used = 10
  assert.equal(room(), true)
  assert.equal(memoryRoom(0, () => Number.MAX_SAFE_INTEGER)(), true)
  assert.equal(memoryRoom(1_024)(), false)
})
