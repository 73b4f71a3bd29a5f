import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTurn, nextTurn, QUOTA_WAIT_MAX_MS, type QuotaUse } from './quotas.ts'

const MINUTE = 60_000
const NOW = 10 * MINUTE + 7_000

test('so many within a minute of the clock, the next ones when the next minutes begin', () => {
  let use: QuotaUse | null = null
  const turns: number[] = []
  for (let n = 0; n < 5; n += 1) {
    const turn = nextTurn(use, 2, NOW)
    assert.ok(turn !== null)
    turns.push(turn.at)
    use = turn.use
  }
  assert.deepEqual(turns, [NOW, NOW, 11 * MINUTE, 11 * MINUTE, 12 * MINUTE])
  assert.equal(nextTurn(use, 2, 11 * MINUTE + 1)?.at, 12 * MINUTE)
  assert.equal(nextTurn(use, 2, 20 * MINUTE + 5)?.at, 20 * MINUTE + 5)
})

test('nobody waits longer than an hour, and with a quota of none nobody at all', () => {
  assert.equal(nextTurn(null, 0, NOW), null)
  const far = { since: NOW + QUOTA_WAIT_MAX_MS, used: 1 }
  assert.equal(nextTurn(far, 1, NOW), null)
})

test('a run that is due gets its turn; what waits behind another keeps waiting; what has no turn is skipped', () => {
  const run = { trigger: 'schedule', dueAt: NOW, late: false } as const
  const ready = { ...run, state: { status: 'pending', readyAt: NOW, notBefore: NOW, startBy: null } } as const
  const queued = {
    ...run,
    state: { status: 'pending', readyAt: null, notBefore: NOW, startBy: null },
  } as const
  const final = { ...run, state: { status: 'skipped', reason: 'overlap' } } as const
  const at = 11 * MINUTE
  assert.deepEqual(inTurn(ready, at).state, { ...ready.state, readyAt: at, notBefore: at })
  assert.deepEqual(inTurn(queued, at).state, { ...queued.state, notBefore: at })
  assert.deepEqual(inTurn(ready, null).state, { status: 'skipped', reason: 'quota' })
  assert.equal(inTurn(final, null), final)
})

test('a turn that was given while the clock was a day ahead keeps nobody waiting', () => {
  const now = 1_000 * 60_000
  assert.deepEqual(nextTurn({ since: now + 86_400_000, used: 1 }, 5, now), {
    use: { since: now, used: 1 },
    at: now,
  })
})
