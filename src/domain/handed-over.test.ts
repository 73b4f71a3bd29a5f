import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CATCH_UP_MS, ELSEWHERE_MS, type Listening, overdue, type Unheard } from './handed-over.ts'

const HOUR = 3_600_000
const NOW = 10 * HOUR
const LONG_AGO = NOW - 5 * HOUR

const target = { message: { queue: 'q', finish: 'status' } } as const

function looked(more: Partial<Unheard>, listening: Listening, policy = {}): string | null {
  const handed: Unheard = {
    spec: { target, policy: { heartbeatTimeout: '30s', timeout: '2h', ...policy } },
    startedAt: NOW - HOUR,
    acceptedAt: NOW - HOUR,
    heardAt: NOW - 40_000,
    lookAt: NOW - 10_000,
    stopping: 'no',
    ...more,
  }
  return overdue(handed, listening, NOW)?.kind ?? null
}

test('silence counts from when somebody listens', () => {
  assert.equal(looked({}, LONG_AGO), 'silent')
  assert.equal(looked({}, NOW - 39_000), 'silent')
  assert.equal(looked({ heardAt: NOW - HOUR }, NOW - 30_000), 'silent')
  assert.equal(looked({ heardAt: NOW - HOUR }, NOW - 29_999), null)
  assert.equal(looked({}, 'deaf'), null)
  assert.equal(looked({ lookAt: LONG_AGO }, 'elsewhere'), null)
})

test('where the heartbeat is fast, whoever lost the way to us has a moment to come back', () => {
  const fast = { heartbeatTimeout: '1s' }
  assert.equal(looked({ heardAt: NOW - HOUR }, NOW - CATCH_UP_MS + 1, fast), null)
  assert.equal(looked({ heardAt: NOW - HOUR }, NOW - CATCH_UP_MS, fast), 'silent')
  // It is back already.
  assert.equal(looked({ heardAt: NOW - 1_000 }, NOW - 2_000, fast), 'silent')
})

test('a time that is up is judged when what was said of it has been heard', () => {
  const up = { timeout: '30m' }
  assert.equal(looked({}, LONG_AGO, up), 'overtime')
  assert.equal(looked({}, NOW - CATCH_UP_MS, up), 'overtime')
  assert.equal(looked({}, NOW - CATCH_UP_MS + 1, up), null)
  assert.equal(looked({}, 'deaf', up), null)
  // All of the attempt was listened to.
  assert.equal(looked({ startedAt: NOW - 2_000 }, NOW - 2_000, { timeout: '1s' }), 'overtime')
  assert.equal(looked({ lookAt: NOW - ELSEWHERE_MS + 1 }, 'elsewhere', up), null)
  assert.equal(looked({ lookAt: NOW - ELSEWHERE_MS }, 'elsewhere', up), 'overtime')
})

test('whoever is to stop is told first', () => {
  for (const listening of [LONG_AGO, 'deaf'] as const) {
    assert.equal(looked({ stopping: 'asked', lookAt: LONG_AGO }, listening), null)
    assert.equal(looked({ stopping: 'told' }, listening), 'stopped')
  }
  assert.equal(looked({ stopping: 'asked', lookAt: NOW - ELSEWHERE_MS + 1 }, 'elsewhere'), null)
  assert.equal(looked({ stopping: 'asked', lookAt: NOW - ELSEWHERE_MS }, 'elsewhere'), 'stopped')
})
