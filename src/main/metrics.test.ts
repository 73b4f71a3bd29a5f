import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSqliteStore } from '../adapters/sqlite/open.ts'
import { createMetrics, type OwnFigures } from './metrics.ts'

test('quotas are told by project, and no longer when they are gone', async () => {
  const chance = { id: (prefix: string) => `${prefix}_1`, random: () => 0.5, hex: () => 'ab' }
  await using store = openSqliteStore({ path: ':memory:', chance })
  let monotonic = 0
  const clock = { now: () => 1_000_000, monotonic: () => monotonic, after: () => () => {} }
  const node = { epoch: 1, lapses: 0, draining: false, figures: () => ({ held: 0, skewMs: 0 }) }
  const metrics = createMetrics(store, clock, node as unknown as OwnFigures)
  const told = async (): Promise<string[]> =>
    (await metrics.text()).text.split('\n').filter((line) => /^carillon_quota_/.test(line))
  assert.deepEqual(await told(), [])
  const project = (await store.projects.get('prj_default'))!
  await store.projects.update({ ...project, quotas: { jobs: 5 }, version: 2 })
  monotonic += 60_000
  assert.deepEqual(await told(), [
    'carillon_quota_limit{project="default",quota="jobs"} 5',
    'carillon_quota_used{project="default",quota="jobs"} 0',
  ])
  await store.projects.update({ ...project, quotas: {}, version: 3 })
  monotonic += 60_000
  assert.deepEqual(await told(), [])
})
