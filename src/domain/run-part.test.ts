import assert from 'node:assert/strict'
import { test } from 'node:test'
import { poolOf, poolText } from './pool.ts'
import { type EndedPart, joinParts, type PartEnd, spreadOf } from './run-part.ts'

function parts(...ends: (PartEnd | [PartEnd, string, string])[]): EndedPart[] {
  return ends.map((end, index) => {
    const [status, agent, message] = typeof end === 'string' ? [end, null, null] : end
    return { index, status, agent, message }
  })
}

test('a run with parts has succeeded when all of them have', () => {
  assert.deepEqual(joinParts(parts('succeeded', 'succeeded'), false), {
    status: 'succeeded',
    message: 'all 2 parts done',
  })
  assert.equal(joinParts(parts('succeeded', 'failed'), false).status, 'failed')
  assert.equal(joinParts(parts('failed', 'unknown', 'cancelled'), false).status, 'unknown')
  assert.equal(joinParts(parts('cancelled', 'cancelled'), false).status, 'cancelled')
})

test('what was cancelled is cancelled, unless all of it was done already', () => {
  assert.equal(joinParts(parts('failed', 'cancelled'), true).status, 'cancelled')
  assert.equal(joinParts(parts('succeeded'), true).status, 'succeeded')
})

test('the message names who did not, and no more than a few', () => {
  const bad = ['a', 'b', 'c', 'd', 'e'].map((name): [PartEnd, string, string] => [
    'failed',
    name,
    'exit code 1',
  ])
  assert.equal(
    joinParts(parts('succeeded', ...bad), false).message,
    '5 of 6 parts did not succeed: a: exit code 1; b: exit code 1; c: exit code 1; and 2 more',
  )
})

test('shared runs wait in pools of their own', () => {
  const target = (on: object) => ({ target: { command: { argv: ['x'], on: { labels: { b: '1' }, ...on } } } })
  const texts = [{}, { all: true }, { shard: 2 }].map((on) => poolText(target(on as { all: true })))
  assert.equal(new Set(texts).size, 3)
  assert.equal(poolText(target({ shard: 3 })), texts[2])
  for (const text of texts) assert.deepEqual(poolOf('prj', text!), { projectId: 'prj', labels: { b: '1' } })
  assert.equal(spreadOf(target({ all: true }).target), 'all')
  assert.equal(spreadOf(target({ shard: 2 }).target), 2)
  assert.equal(spreadOf(target({}).target), null)
})
