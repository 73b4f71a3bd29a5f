import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tooSeldom } from './at-least.ts'
import { judgeSeeds } from './judge-seeds.ts'

test('a cluster keeps its promises for an hour under each of the seeds 1 to 100', async (t) => {
  const { broken, coverage } = await judgeSeeds(1, 100)
  assert.deepEqual(broken, [])
  assert.deepEqual(tooSeldom(coverage), [])
  t.diagnostic(JSON.stringify(coverage.toRecord()))
})
