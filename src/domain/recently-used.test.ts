import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecentlyUsed } from './recently-used.ts'

test('what is used stays, what was used long ago goes, and there is a bound', () => {
  const memory = new RecentlyUsed<string, number>(4)
  memory.set('kept', 0)
  for (let n = 1; n <= 10; n += 1) {
    memory.set(`n${n}`, n)
    assert.equal(memory.get('kept'), 0)
  }
  assert.equal(memory.get('n1'), undefined)
  const known = Array.from({ length: 10 }, (_, n) => memory.get(`n${n + 1}`)).filter(
    (value) => value !== undefined,
  )
  assert.ok(known.length <= 4)
})
