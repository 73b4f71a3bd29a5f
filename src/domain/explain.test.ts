import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explain } from './explain.ts'
import type { Job } from './job.ts'
import { scheduleOf } from './plan.ts'
import type { PolicySpec } from './policy.ts'
import type { PendingRun } from './run.ts'
import type { Target } from './target.ts'

const AT = Date.UTC(2030, 0, 1)

function answer(
  target: Target,
  policy: PolicySpec = {},
  waits: Partial<PendingRun> = {},
  quotas = {},
): string {
  const spec = { name: 'x', schedule: { every: '1h' }, target, policy }
  const job = { id: 'job_1', createdAt: AT, plannedThrough: AT, status: 'active', spec } as unknown as Job
  const run = {
    status: 'pending',
    readyAt: AT,
    attempts: 0,
    message: null,
    dueAt: AT,
    startedAt: null,
    ...waits,
  }
  const entry = { run: run as unknown as PendingRun }
  return explain({ job, schedule: scheduleOf(job), at: AT, now: AT, entry, attempts: [], quotas }).answer
}

test('a run that waits says for what', () => {
  assert.equal(answer({ http: { url: 'http://a/' } }), 'It waits for a free slot.')
  assert.equal(
    answer({ command: { shell: 'x' } }),
    'It waits for an agent with a free slot, for as long as it takes.',
  )
  const on = { labels: { role: 'gpu', zone: 'a' } }
  assert.equal(
    answer({ command: { shell: 'x', on } }, { queueTimeout: '10m' }),
    'It waits for an agent with role=gpu, zone=a with a free slot, for 10m at most.',
  )
})

test('a run that waits for room names the key, the quota, or both', () => {
  const http = { http: { url: 'http://a/' } }
  assert.equal(
    answer(http, {}, { waitsForQuota: true }, { concurrency: 3 }),
    'It waits: as many runs of its project as the quota `concurrency` (3) admits are under way.',
  )
  const byKey = 'It waits: as many runs with the concurrency key "db" as it admits are under way'
  assert.equal(answer(http, {}, { waitsForKey: 'db' }), `${byKey}.`)
  assert.equal(
    answer(http, {}, { waitsForKey: 'db' }, { concurrency: 3 }),
    `${byKey}, or as many of its project as the quota \`concurrency\` (3) admits.`,
  )
})
