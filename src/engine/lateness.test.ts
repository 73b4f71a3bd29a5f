import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HandClock } from '../../test/support/hand-clock.ts'
import { Lateness } from './lateness.ts'

const started = (dueAt: number, more: object = {}) => ({
  type: 'run.running',
  at: 0,
  projectId: 'p',
  jobId: 'j',
  runId: 'r',
  data: { dueAt, attempts: 1, late: false, ...more },
})

test('of the runs that started lately, half were less late than the one figure, nearly all than the other', () => {
  const lateness = new Lateness(new HandClock(10_000))
  assert.deepEqual(lateness.figures(), { latenessP50Ms: null, latenessP99Ms: null })
  lateness.publish(Array.from({ length: 100 }, (_, n) => started(10_000 - n)))
  assert.deepEqual(lateness.figures(), { latenessP50Ms: 50, latenessP99Ms: 99 })
})

test('catch-up runs, further attempts and other events do not count', () => {
  const lateness = new Lateness(new HandClock(10_000))
  lateness.publish([
    started(0, { late: true }),
    started(0, { attempts: 2 }),
    { ...started(0), type: 'run.pending' },
  ])
  assert.equal(lateness.figures().latenessP50Ms, null)
})

test('what started long ago is forgotten', async () => {
  const clock = new HandClock(10_000)
  const lateness = new Lateness(clock)
  lateness.publish([started(9_000)])
  await clock.advance(6 * 60_000, async () => {})
  assert.equal(lateness.figures().latenessP50Ms, null)
})
