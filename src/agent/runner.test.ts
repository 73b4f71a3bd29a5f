import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../ports/clock.ts'
import type { Dispatcher } from '../ports/dispatcher.ts'
import type { WorkSource } from '../ports/work-source.ts'
import { Runner } from './runner.ts'

const clock: Clock = { now: () => 0, monotonic: () => 0, after: () => () => {} }
const dispatcher: Dispatcher = {
  dispatch: () => new Promise(() => {}),
  dispatchBatch: () => new Promise(() => {}),
  batchKey: () => null,
}

test('without its lease and with nothing taken a runner has no reason to come round at once', async () => {
  const source: WorkSource = {
    nodeId: 'nod_a',
    holds: () => false,
    lease: async () => [],
    held: async () => [],
    nextIn: async () => null,
    report: async () => {},
    cancelling: async () => [],
  }
  let nudges = 0
  const nudge = (): void => {
    nudges += 1
  }
  const runner = new Runner({ source, dispatcher, clock, slots: 1, nudge, onDefect: () => {} })
  await runner.lease(async () => ({ leased: [] }))
  assert.equal(nudges, 0)
})
