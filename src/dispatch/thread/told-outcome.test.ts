import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../../domain/outcome.ts'
import { outcomeTold, toldOutcome } from './told-outcome.ts'

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

test('every outcome comes back as it was', () => {
  for (const outcome of OUTCOMES)
    assert.deepEqual(outcomeTold(JSON.parse(JSON.stringify(toldOutcome(outcome)))), outcome)
})
