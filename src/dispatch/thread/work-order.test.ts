import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HttpWork } from '../http-work.ts'
import { OrderReader, OrderWriter, type WorkOrder } from './work-order.ts'

const TARGET = { http: { url: 'http://127.0.0.1:1/a', body: { hello: 'world' } } }
const OTHER = { http: { url: 'http://127.0.0.1:1/b' } }
const POLICY = { timeout: '5s' }

function work(n: number, spec: Partial<HttpWork['spec']> = {}): HttpWork {
  const run = {
    ...{ id: `run_${n}`, projectId: 'prj', jobId: `job_${n}`, jobName: `name ${n}`, jobVersion: 1 },
    ...{ trigger: 'schedule' as const, dueAt: n, late: false, fence: 1, params: null },
  }
  return {
    run,
    spec: { name: run.jobName, schedule: {}, target: TARGET, policy: POLICY, ...spec },
    attempt: { number: 1 },
  }
}

function overTheWire(writer: OrderWriter, works: readonly HttpWork[]): HttpWork[] {
  writer.begin()
  const text = JSON.stringify(works.map((one) => writer.write(one)))
  const reader = new OrderReader()
  return (JSON.parse(text) as WorkOrder[]).map((order) => reader.read(order))
}

test('works arrive as they were sent, message after message', () => {
  const writer = new OrderWriter()
  const works = [
    work(1),
    work(2),
    work(3, { target: OTHER }),
    work(4, { target: OTHER, policy: {} }),
    work(5, { schedule: { at: '2027-01-01T00:00:00Z' } }),
    { ...work(6), token: 'token', secrets: true, targets: { allow: ['10.0.0.0/8'] } },
    work(7),
  ] as HttpWork[]
  assert.deepEqual(overTheWire(writer, works), works)
  assert.deepEqual(overTheWire(writer, works.slice(1, 3)), works.slice(1, 3))
})

test('a target that several share is said once, and is shared again', () => {
  const back = overTheWire(new OrderWriter(), [work(1), work(2), work(3, { target: OTHER }), work(4)])
  assert.equal(back[0]!.spec.target, back[1]!.spec.target)
  assert.equal(back[0]!.spec.policy, back[3]!.spec.policy)
  const writer = new OrderWriter()
  const [first, second] = [work(1), work(2)].map((one) => JSON.stringify(writer.write(one)))
  assert.ok(first!.includes('world') && !second!.includes('world'))
})
