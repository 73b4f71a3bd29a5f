// How long a call took to get a connection and to be answered is told with its outcome.

import assert from 'node:assert/strict'
import test from 'node:test'
import type { CallTiming, Outcome } from '../../src/domain/outcome.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { systemClock } from '../support/system-clock.ts'
import { dispatcherFor, httpServer, never, workOf } from './support.ts'

function timingOf(outcome: Outcome): CallTiming | undefined {
  return 'timing' in outcome ? outcome.timing : undefined
}

/** A clock that goes on only by hand; timers are real. */
function handClock(): Clock & { advance(ms: number): void } {
  let now = 1_000
  return {
    now: systemClock.now,
    monotonic: () => now,
    after: systemClock.after,
    advance: (ms) => {
      now += ms
    },
  }
}

test('the wait for a connection and the wait for the answer, each by itself', async (t) => {
  const clock = handClock()
  const { url } = await httpServer(t, (request, response) => {
    clock.advance(250)
    response.statusCode = request.url === '/fails' ? 500 : 200
    response.end('x')
  })
  const dispatcher = dispatcherFor(t, {
    clock,
    lookup: (_host, _options, callback) => {
      clock.advance(40)
      callback(null, [{ address: '127.0.0.1', family: 4 }])
    },
  })
  const named = url.replace('127.0.0.1', 'somewhere.example')
  const first = await dispatcher.dispatch(workOf({ url: named }), never)
  assert.deepEqual([first.kind, timingOf(first)], ['ok', { connectMs: 40, firstByteMs: 250 }])
  const kept = await dispatcher.dispatch(workOf({ url: `${named}/fails` }), never)
  assert.deepEqual([kept.kind, timingOf(kept)], ['error', { connectMs: 0, firstByteMs: 250 }])
})

test('who never answers had a connection; who is not there had none', async (t) => {
  const { url } = await httpServer(t, () => {})
  const dispatcher = dispatcherFor(t)
  const silent = await dispatcher.dispatch(workOf({ url, timeout: '60ms' }), never)
  assert.equal(silent.kind, 'timeout')
  assert.equal(timingOf(silent)?.firstByteMs, null)
  assert.ok((timingOf(silent)?.connectMs ?? 1_000) < 60)
  const nobody = await dispatcher.dispatch(workOf({ url: 'http://127.0.0.1:1/' }), never)
  assert.equal(nobody.kind, 'error')
  assert.equal(timingOf(nobody), undefined)
})
