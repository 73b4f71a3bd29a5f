import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ELSEWHERE_MS, labelsText, mayTake, poolLabels, serves } from './pool.ts'

test('an agent serves a pool whose labels it has, in projects it may enter', () => {
  const agent = { labels: { role: 'db', zone: 'a', agent: 'one' }, projectIds: null }
  const pool = (labels: Record<string, string>, projectId = 'prj_a') => ({ projectId, labels })
  assert.equal(serves(agent, pool({})), true)
  assert.equal(serves(agent, pool({ role: 'db', agent: 'one' })), true)
  assert.equal(serves(agent, pool({ role: 'web' })), false)
  assert.equal(serves(agent, pool({ gpu: '' })), false)
  assert.equal(serves({ ...agent, projectIds: ['prj_b'] }, pool({})), false)
  assert.equal(serves({ ...agent, projectIds: ['prj_b'] }, pool({}, 'prj_b')), true)
  assert.equal(serves(agent, pool(JSON.parse('{"__proto__":"x"}'))), false)
})

test('labels in any order are the same pool', () => {
  assert.equal(labelsText({ b: '1', a: '2' }), labelsText({ a: '2', b: '1' }))
  assert.notEqual(labelsText({ a: '1' }), labelsText({ a: '2' }))
})

test('only commands and scripts need an agent', () => {
  assert.equal(poolLabels({ target: { http: { url: 'http://a/' } } }), null)
  assert.deepEqual(poolLabels({ target: { command: { shell: 'x' } } }), {})
  const on = { all: true, labels: { role: 'db' } } as const
  assert.deepEqual(poolLabels({ target: { script: { sha256: '', interpreter: '', on } } }), on.labels)
})

test('what an agent could not finish goes to others first, while one is free', () => {
  const offer = { readyAt: 1_000, failedBy: 'agt_a' }
  assert.equal(
    mayTake(offer, 'agt_a', () => true, 1_000),
    false,
  )
  assert.equal(
    mayTake(offer, 'agt_a', () => false, 1_000),
    true,
  )
  assert.equal(
    mayTake(offer, 'agt_b', () => true, 1_000),
    true,
  )
  assert.equal(
    mayTake(offer, 'agt_a', () => true, 1_000 + ELSEWHERE_MS),
    true,
  )
  assert.equal(
    mayTake({ ...offer, failedBy: null }, 'agt_a', () => true, 1_000),
    true,
  )
})
