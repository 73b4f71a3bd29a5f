import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tooSeldom } from './at-least.ts'
import { judgeSeeds } from './judge-seeds.ts'

test('a cluster keeps its promises for an hour under each of the seeds 101 to 200', async (t) => {
  const { broken, coverage } = await judgeSeeds(101, 200)
  assert.deepEqual(broken, [])
  assert.deepEqual(tooSeldom(coverage), [])
  t.diagnostic(JSON.stringify(coverage.toRecord()))
})
