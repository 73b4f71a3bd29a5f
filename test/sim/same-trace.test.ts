import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './simulate.ts'

const HOURS = 0.5

test('the same seed gives the same trace, another seed another', async () => {
  const hashes: string[] = []
  for (const seed of [8, 8, 13, 13, 20, 20]) hashes.push((await simulate({ seed, hours: HOURS })).hash)
  assert.equal(hashes[0], hashes[1])
  assert.equal(hashes[2], hashes[3])
  assert.equal(hashes[4], hashes[5])
  assert.equal(new Set(hashes).size, 3)
})
