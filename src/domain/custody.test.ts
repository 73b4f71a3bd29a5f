import assert from 'node:assert/strict'
import { test } from 'node:test'
import { custody } from './custody.ts'

const jobs = Array.from({ length: 300 }, (_, n) => `job_${n}`)
const nodes = (...maxima: number[]) => maxima.map((jobsMax, n) => ({ nodeId: `nod_${n}`, jobsMax }))

function shares(kept: ReadonlyMap<string, string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const node of kept.values()) counts.set(node, (counts.get(node) ?? 0) + 1)
  return counts
}

test('each job has one node, and nodes have about equal shares', () => {
  const kept = custody(jobs, nodes(0, 0, 0))
  assert.equal(kept.size, 300)
  for (const count of shares(kept).values()) assert.ok(count > 60 && count < 140, String(count))
})

test('the order of what is given does not matter', () => {
  const one = custody(jobs, nodes(0, 50, 0))
  const other = custody(jobs.toReversed(), nodes(0, 50, 0).toReversed())
  assert.deepEqual([...one].sort(), [...other].sort())
})

test('when a node goes only its jobs move, and all have a node again', () => {
  const before = custody(jobs, nodes(0, 0, 0))
  const after = custody(jobs, nodes(0, 0))
  for (const job of jobs) {
    if (before.get(job) !== 'nod_2') assert.equal(after.get(job), before.get(job))
    else assert.ok(after.has(job))
  }
})

test('no node has more than it may, and what nobody has room for is left', () => {
  const kept = custody(jobs, nodes(100, 20, 30))
  assert.deepEqual([...shares(kept)].sort(), [
    ['nod_0', 100],
    ['nod_1', 20],
    ['nod_2', 30],
  ])
  assert.equal(custody(jobs, []).size, 0)
})
