// kill -9 at random moments, again and again: nothing owed is lost, nothing rings that the book cannot explain.
// The long form of this test is `npm run soak:kill -- --rounds 50 --seed 1`.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { killRounds } from './kill-rounds.ts'

test('a server that is killed again and again owes nothing in the end', async () => {
  const figures = await killRounds({ rounds: 6, seed: 20_270_101 })
  assert.deepEqual(figures.faults, [])
  assert.ok(figures.dueInstants > 300 && figures.rings > 300, JSON.stringify(figures))
  assert.ok(figures.lost > 0, `no kill hit a run under way: ${JSON.stringify(figures)}`)
  assert.ok(figures.missed > 0 && figures.caughtUp > 0, `no downtime showed: ${JSON.stringify(figures)}`)
  assert.ok(figures.repeats > 0, `no request was cut off: ${JSON.stringify(figures)}`)
})
