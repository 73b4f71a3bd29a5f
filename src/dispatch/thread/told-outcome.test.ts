import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../../domain/outcome.ts'
import { outcomesTold, toldOutcomes } from './told-outcome.ts'

const response = { status: 200, headers: { etag: '"a"' }, body: '{}', bodyBytes: 2, truncated: false }
const OUTCOMES: Outcome[] = [
  { kind: 'ok', response, timing: { connectMs: 0.1, firstByteMs: 3 } },
  { kind: 'ok', response: { ...response, truncated: true }, timing: { connectMs: 0, firstByteMs: null } },
  { kind: 'ok', response },
  { kind: 'ok' },
  { kind: 'ok', process: { exitCode: 0, signal: null, output: '', outputBytes: 0, truncated: false } },
  { kind: 'error', code: 'http_status', message: 'answered 500', reached: 'yes', response },
  { kind: 'timeout', message: 'no answer within 1s', reached: 'maybe' },
  { kind: 'lost', message: 'gone', reached: 'no' },
  { kind: 'cancelled', message: 'the call was cancelled' },
]

const overTheWire = (outcomes: readonly Outcome[]): Outcome[] =>
  outcomesTold(JSON.parse(JSON.stringify(toldOutcomes(outcomes))))

test('every outcome comes back as it was', () => {
  for (const outcome of OUTCOMES) assert.deepEqual(overTheWire([outcome]), [outcome])
  assert.deepEqual(overTheWire(OUTCOMES), OUTCOMES)
  assert.deepEqual(overTheWire([]), [])
})

test('what several share is told once, and is shared again', () => {
  const [one, two, three] = OUTCOMES as [Outcome, Outcome, Outcome]
  const all = [one, one, one, two, three, three, one]
  assert.equal(toldOutcomes(all).length, 6)
  const back = overTheWire(all)
  assert.deepEqual(back, all)
  assert.equal(back[0], back[2])
  assert.equal(back[4], back[5])
  assert.notEqual(back[0], back[3])
})
