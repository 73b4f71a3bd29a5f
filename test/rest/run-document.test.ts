// Runs look the same wherever they are told of, and as the wire contract says.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Compile } from 'typebox/compile'
import type { Run } from '../../src/domain/run.ts'
import { type RunDocument, runDocument } from '../../src/domain/run-document.ts'
import * as protocol from '../../src/protocol/run.ts'

const BASE = {
  id: 'run_1',
  projectId: 'prj_1',
  jobId: 'job_1',
  jobName: 'ping',
  jobVersion: 2,
  trigger: 'schedule',
  dueAt: 1_000,
  late: true,
  attempts: 1,
  fence: 3,
  createdAt: 1_001,
  startedAt: 1_002,
  message: 'answered 200',
  params: undefined,
} as const

const RUNS: readonly Run[] = [
  {
    ...BASE,
    status: 'pending',
    readyAt: 1_500,
    notBefore: 1_500,
    startBy: null,
    startedAt: null,
    message: null,
  },
  { ...BASE, status: 'pending', readyAt: null, notBefore: 0, startBy: 9 },
  { ...BASE, status: 'running', lease: { nodeId: 'nod_1', fence: 3, leasedAt: 1_002 } },
  {
    ...BASE,
    status: 'cancelling',
    lease: { nodeId: 'nod_1', fence: 3, leasedAt: 1_002 },
    params: { a: [1] },
  },
  { ...BASE, status: 'succeeded', reason: null, finishedAt: 1_009 },
  { ...BASE, status: 'missed', reason: 'too_late', finishedAt: 1_009 },
]

const schema = Compile(protocol.Run)
const fields = Object.keys(protocol.Run.properties).sort()

for (const run of RUNS) {
  test(`a ${run.status} run`, () => {
    const document: protocol.Run = runDocument(run) satisfies RunDocument
    assert.deepEqual(schema.Errors(document), [])
    assert.deepEqual(Object.keys(document).sort(), fields, 'all fields, and no inner ones')
    assert.deepEqual(JSON.parse(JSON.stringify(document)), document)
  })
}

test('instants are text, what is not there is null', () => {
  const [waiting, , running, , done, missed] = RUNS.map(runDocument)
  assert.deepEqual(
    [waiting?.dueAt, waiting?.readyAt],
    ['1970-01-01T00:00:01.000Z', '1970-01-01T00:00:01.500Z'],
  )
  assert.deepEqual(
    [running?.readyAt, running?.finishedAt, running?.reason, running?.params],
    [null, null, null, null],
  )
  assert.deepEqual([done?.finishedAt, done?.reason], ['1970-01-01T00:00:01.009Z', null])
  assert.equal(missed?.reason, 'too_late')
})
