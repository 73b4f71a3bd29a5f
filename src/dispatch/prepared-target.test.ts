import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HttpSpec } from './http-work.ts'
import { PreparedTargets } from './prepared-target.ts'

const targets = () => new PreparedTargets('test')
const spec = (changes: Partial<HttpSpec> = {}): HttpSpec => ({
  name: 'a',
  schedule: { every: '1m' },
  target: { http: { url: 'http://127.0.0.1:1/a' } },
  policy: {},
  ...changes,
})

test('jobs that share a target and a policy share what is prepared', () => {
  const known = targets()
  const one = spec()
  const prepared = known.of({ spec: one })
  assert.equal(known.of({ spec: { ...one, name: 'b' } }), prepared)
  known.of({ spec: spec() })
  assert.equal(known.of({ spec: one }), prepared)
})

test('another policy has its own say in how long a call may take', () => {
  const known = targets()
  const { target } = spec()
  const timeoutOf = (timeout: string) =>
    known.of({ spec: { ...spec(), target, policy: { timeout } } }).timeoutMs
  assert.deepEqual(['5s', '7s', '5s'].map(timeoutOf), [5_000, 7_000, 5_000])
})

test('runs of jobs that run once are alike too, one after the other', () => {
  const known = targets()
  const one = spec({ schedule: { at: '2027-01-01T00:00:00Z' } })
  const prepared = known.of({ spec: one })
  assert.equal(known.of({ spec: { ...one, name: 'b' } }), prepared)
  assert.notEqual(known.of({ spec: { ...one, target: spec().target } }), prepared)
})

test('a filled in secret is not kept for a call after its own', () => {
  const known = targets()
  const one = spec({ schedule: { at: '2027-01-01T00:00:00Z' } })
  const prepared = known.of({ spec: one, secrets: { key: 'hidden' } })
  assert.notEqual(known.of({ spec: one }), prepared)
})
