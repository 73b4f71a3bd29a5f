import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSystemChance } from './system-chance.ts'

const COUNT = 5_000

test('ids of one millisecond, and of a clock that steps back, ascend and are all different', () => {
  let now = 1_800_000_000_000
  const chance = createSystemChance(() => now)
  const ids = Array.from({ length: COUNT }, () => chance.id('run'))
  now -= 1
  ids.push(chance.id('run'))
  now += 2
  ids.push(chance.id('run'))
  for (const id of ids) assert.match(id, /^run_[0-9A-HJKMNP-TV-Z]{26}$/)
  assert.deepEqual(ids.toSorted(), ids)
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(new Set(ids.slice(0, -1).map((id) => id.slice(0, 14))).size, 1)
  assert.notEqual(ids.at(-1)?.slice(0, 14), ids[0]?.slice(0, 14))
})

test('what two servers make in the same millisecond is not alike', () => {
  const made = Array.from({ length: COUNT }, () => createSystemChance(() => 1_800_000_000_000).id('run'))
  assert.equal(new Set(made).size, COUNT)
  // Each digit of the chance takes many values, the last ones too.
  for (let place = 15; place < 30; place += 1)
    assert.ok(new Set(made.map((id) => id[place])).size > 24, `digit ${place}`)
})
