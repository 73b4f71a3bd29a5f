import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KEPT_SEEDS } from './kept-seeds.ts'
import { simulate } from './simulate.ts'

for (const { seed, hours, nodes, found } of KEPT_SEEDS) {
  test(`seed ${seed}: ${found}`, async () => {
    assert.deepEqual((await simulate({ seed, hours, nodes })).faults, [])
  })
}
