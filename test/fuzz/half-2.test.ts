// One half of a hundred thousand requests with something wrong in each; `npm run fuzz` goes on for as long as one likes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from './fuzz.ts'

test('whatever is sent, the answer is a good one', async (t) => {
  const { requests, slowestMs, statuses } = await fuzz({ requests: 50_000, seed: 2 })
  t.diagnostic(`${requests} requests, the slowest ${Math.round(slowestMs)} ms: ${JSON.stringify(statuses)}`)
  assert.ok((statuses[422] ?? 0) > 20_000)
})
