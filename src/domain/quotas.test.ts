import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inTurn, latestTurn, nextTurn, QUOTA_WAIT_MAX_MS, type QuotaUse } from './quotas.ts'

const MINUTE = 60_000
const NOW = 10 * MINUTE + 7_000
const WEB = { target: { http: { url: 'http://127.0.0.1/' } }, policy: {} }

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
  assert.deepEqual(inTurn(ready, WEB, at).state, { ...ready.state, readyAt: at, notBefore: at })
  assert.deepEqual(inTurn(queued, WEB, at).state, { ...queued.state, notBefore: at })
  assert.deepEqual(inTurn(ready, WEB, null).state, { status: 'skipped', reason: 'quota' })
  assert.equal(inTurn(final, WEB, null), final)
})

test('a turn that was given while the clock was a day ahead keeps nobody waiting', () => {
  const now = 1_000 * 60_000
  assert.deepEqual(nextTurn({ since: now + 86_400_000, used: 1 }, 5, now), {
    use: { since: now, used: 1 },
    at: now,
  })
})

test('patience with an agent begins with the turn, and a start deadline stays where it is', () => {
  const planned = {
    trigger: 'schedule',
    dueAt: NOW,
    late: false,
    state: { status: 'pending', readyAt: NOW, notBefore: NOW, startBy: NOW + 30_000 },
  } as const
  const command = { command: { argv: ['true'] } }
  const patient = { target: command, policy: { queueTimeout: '30s' } }
  const at = NOW + 40 * MINUTE
  const startBy = (spec: Parameters<typeof inTurn>[1]): unknown => {
    const { state } = inTurn(planned, spec, at)
    return state.status === 'pending' ? state.startBy : state.reason
  }
  assert.equal(startBy(patient), at + 30_000)
  assert.equal(startBy({ ...patient, policy: { ...patient.policy, startWithin: '50m' } }), at + 30_000)
  assert.equal(startBy({ ...WEB, policy: { startWithin: '50m' } }), NOW + 50 * MINUTE)
  const replaces = false
  assert.equal(latestTurn({ planned, spec: WEB, replaces }, NOW), NOW + QUOTA_WAIT_MAX_MS)
  const urgent = { ...WEB, policy: { startWithin: '2m' } }
  assert.equal(latestTurn({ planned, spec: urgent, replaces }, NOW), NOW + 2 * MINUTE)
  assert.equal(latestTurn({ planned, spec: WEB, replaces: true }, NOW), NOW)
})

test('who can use no turn that is left takes none', () => {
  const use = { since: 10 * MINUTE, used: 2 }
  assert.equal(nextTurn(use, 2, NOW, NOW), null)
  assert.equal(nextTurn(use, 2, NOW, 11 * MINUTE - 1), null)
  assert.equal(nextTurn(use, 2, NOW, 11 * MINUTE)?.at, 11 * MINUTE)
  assert.equal(nextTurn(use, 3, NOW, NOW)?.at, NOW)
})
