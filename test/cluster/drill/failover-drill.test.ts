import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failoverDrill } from './failover-drill.ts'

test('the store fails over under load: nothing acknowledged is lost, writes are back soon, the old primary is left alone', async () => {
  const { faults, acknowledged, backMaxMs } = await failoverDrill({ rounds: 2 })
  assert.deepEqual(faults, [])
  assert.ok(acknowledged > 200)
  assert.ok(backMaxMs <= 5_000, `writes came back after ${backMaxMs} ms`)
})
