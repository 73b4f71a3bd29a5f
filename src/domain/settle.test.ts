// Given this policy, this many attempts and this outcome → done as, or again at.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome, Reached } from './outcome.ts'
import { type PolicySpec, resolvePolicy } from './policy.ts'
import { LOST_EXTRA_MAX, type Settlement, settle } from './settle.ts'

const NOW = 1_800_000_000_000

function settled(outcome: Outcome, spec: PolicySpec = {}, attempts = 1, cancelling = false): Settlement {
  return settle({ policy: resolvePolicy(spec), attempts, cancelling, outcome, random: 0.5 }, NOW)
}

function short(settlement: Settlement): string {
  return settlement.kind === 'done' ? settlement.status : `${settlement.cause} in ${settlement.readyAt - NOW}`
}

function answered(status: number, more: Partial<Outcome & { kind: 'error' }> = {}): Outcome {
  const response = { status, headers: {}, body: '', bodyBytes: 0, truncated: false }
  return {
    kind: 'error',
    code: 'http_status',
    message: `answered ${status}`,
    reached: 'yes',
    response,
    ...more,
  }
}

const broken = (reached: Reached): Outcome => ({ kind: 'error', code: 'reset', message: 'cut', reached })
const timeout = (reached: Reached): Outcome => ({ kind: 'timeout', message: 'slow', reached })
const lost: Outcome = { kind: 'lost', message: 'gone' }
const cancelled: Outcome = { kind: 'cancelled', message: 'stopped' }

test('the plain ends', () => {
  assert.equal(short(settled({ kind: 'ok' })), 'succeeded')
  assert.equal(short(settled(cancelled)), 'cancelled')
  assert.equal(short(settled(broken('maybe'), {}, 1, true)), 'cancelled')
  assert.equal(short(settled({ kind: 'ok' }, {}, 1, true)), 'succeeded')
})

test('retry: exponential with jitter, then given up', () => {
  const retry = { max: 2, minDelay: '10s', factor: 3, jitter: 0.5, maxDelay: '20s' }
  assert.equal(short(settled(answered(503), { retry }, 1)), 'retry_policy in 7500')
  assert.equal(short(settled(answered(503), { retry }, 2)), 'retry_policy in 15000')
  const end = settled(answered(503), { retry }, 3)
  assert.deepEqual(end, { kind: 'done', status: 'failed', message: 'answered 503; gave up after 3 attempts' })
})

test('retry: a list of delays says how often and how long, to the millisecond', () => {
  const retry = { delays: ['1s', '5s', '30s'] }
  assert.equal(short(settled(timeout('maybe'), { retry }, 1)), 'retry_policy in 1000')
  assert.equal(short(settled(timeout('maybe'), { retry }, 3)), 'retry_policy in 30000')
  assert.equal(short(settled(timeout('maybe'), { retry }, 4)), 'failed')
  assert.equal(short(settled(timeout('maybe'), { retry: { delays: [] } }, 1)), 'failed')
})

test('Retry-After lengthens the wait and never shortens it', () => {
  const retry = { delays: ['5s'] }
  assert.equal(short(settled(answered(429, { retryAfterMs: 60_000 }), { retry })), 'retry_policy in 60000')
  assert.equal(short(settled(answered(429, { retryAfterMs: 1_000 }), { retry })), 'retry_policy in 5000')
})

test('what cannot be mended by trying again is not tried again', () => {
  for (const status of [400, 401, 404, 410, 422])
    assert.equal(short(settled(answered(status))), 'failed', `${status}`)
  for (const status of [408, 425, 429, 500, 502, 503]) {
    assert.match(short(settled(answered(status))), /^retry_policy/, `${status}`)
  }
  const retry = { nonRetryable: [500, '52x', '400-403'] }
  assert.equal(short(settled(answered(500), { retry })), 'failed')
  assert.match(short(settled(answered(404), { retry })), /^retry_policy/)
  assert.equal(short(settled({ ...broken('no'), retryable: false } as Outcome)), 'failed')
})

test('on: only those ends are tried again, and what never began', () => {
  const retry = { delays: ['1s'], on: ['timeout'] as const }
  assert.equal(short(settled(timeout('yes'), { retry })), 'retry_policy in 1000')
  assert.equal(short(settled(broken('yes'), { retry })), 'failed')
  assert.equal(short(settled(broken('no'), { retry })), 'retry_policy in 1000')
  assert.equal(short(settled(lost, { retry })), 'node_lost in 0')
  const failures = { delays: ['1s'], on: ['error'] as const }
  assert.equal(short(settled(timeout('yes'), { retry: failures })), 'failed')
  assert.equal(short(settled(broken('maybe'), { retry: failures })), 'retry_policy in 1000')
})

test('at most once: again only when it certainly never arrived', () => {
  const spec: PolicySpec = { delivery: 'at_most_once' }
  assert.match(short(settled(broken('no'), spec)), /^retry_policy/)
  assert.equal(short(settled(broken('maybe'), spec)), 'unknown')
  assert.equal(short(settled(timeout('maybe'), spec)), 'unknown')
  assert.equal(short(settled(lost, spec)), 'unknown')
  assert.equal(short(settled(answered(503), spec)), 'failed')
})

test('a lost attempt is our failure: at once, beyond the limit of the job, but not for ever', () => {
  const never = { retry: { max: 0 } }
  assert.equal(short(settled(lost, never, 1)), 'node_lost in 0')
  assert.equal(short(settled(lost, never, 3)), 'node_lost in 2000')
  assert.match(short(settled(lost, never, LOST_EXTRA_MAX)), /^node_lost/)
  assert.equal(short(settled(lost, never, LOST_EXTRA_MAX + 1)), 'failed')
})
