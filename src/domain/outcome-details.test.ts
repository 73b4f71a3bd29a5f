import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from './outcome.ts'
import { OutcomeDetails } from './outcome-details.ts'

const response = { status: 200, headers: {}, body: 'a', bodyBytes: 1, truncated: false }
const answered: Outcome = { kind: 'ok', response }
const failed: Outcome = { kind: 'error', code: 'http_status', message: 'answered 500', reached: 'yes' }

test('says each outcome, whichever came before', () => {
  const details = new OutcomeDetails()
  for (const outcome of [answered, answered, failed, answered, { ...answered }, failed, failed])
    assert.equal(details.of(outcome), JSON.stringify(outcome))
})

test('nothing is kept of one that says no more than its kind', () => {
  const details = new OutcomeDetails()
  details.of(answered)
  assert.equal(details.of({ kind: 'ok' }), null)
  assert.equal(details.of(answered), JSON.stringify(answered))
})
