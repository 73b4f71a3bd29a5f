import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../ports/clock.ts'
import type { Dispatcher } from '../ports/dispatcher.ts'
import type { Work } from '../ports/store.ts'
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

test('a dispatcher that throws at once is our mistake: the run is reported as lost, and the others leave', async () => {
  const sent: string[] = []
  const defects: unknown[] = []
  const reported: { id: string; kind: string }[] = []
  const source: WorkSource = {
    nodeId: 'nod_a',
    holds: () => true,
    lease: async () => [],
    held: async () => [],
    nextIn: async () => null,
    report: async (carried) => {
      for (const { work, outcome } of carried) reported.push({ id: work.run.id, kind: outcome.kind })
    },
    cancelling: async () => [],
  }
  const breaking: Dispatcher = {
    ...dispatcher,
    dispatch(work) {
      if (work.run.id === 'run_bad') throw new Error('broken')
      sent.push(work.run.id)
      return Promise.resolve({ kind: 'ok' })
    },
  }
  const runner = new Runner({
    ...{ source, clock, dispatcher: breaking, slots: 2 },
    nudge: () => {},
    onDefect: (error) => void defects.push(error),
  })
  runner.take(['run_bad', 'run_good'].map(workOf))
  await runner.drain(0)
  assert.deepEqual(sent, ['run_good'])
  assert.equal(defects.length, 1)
  assert.deepEqual(reported, [
    { id: 'run_bad', kind: 'lost' },
    { id: 'run_good', kind: 'ok' },
  ])
})

function workOf(id: string): Work {
  return { run: { id, fence: 1 }, spec: { target: { http: { url: 'https://example.com' } } } } as Work
}
