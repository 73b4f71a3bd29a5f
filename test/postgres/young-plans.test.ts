// A plan that was made while a month was empty serves its first burst too: thousands of runs that are due in one instant are
// found by their ids, never by that instant, which would be a walk through all of them for each.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { again, at, done, owes, seededChance, T0, World } from '../contracts/world.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { onStoryTime } from '../support/postgres-store.ts'

const RUNS = 3_000

const server = await PostgresServer.start({
  settings: {
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': '0',
    autovacuum: 'off',
  },
})
after(() => server[Symbol.asyncDispose]())

test('runs of one instant are found by id, also in a month that was empty when it was looked at', async () => {
  const url = await server.database()
  await using world = await World.around(await onStoryTime(url, seededChance()), seededChance())
  await server.query('ANALYZE', new URL(url).pathname.slice(1))
  const callback = { url: 'http://127.0.0.1/' }
  const drafts = Array.from({ length: RUNS }, () => world.draft({ callback }))
  assert.deepEqual(await world.store.jobs.add(drafts, 'me'), { kind: 'added' })
  for (let left = RUNS; left > 0; left -= 1_000) await world.plan(() => owes({ runs: [at(T0)] }))
  const begun = performance.now()
  for (let left = RUNS; left > 0; left -= 1_000) {
    const works = await world.claim()
    assert.equal(works.length, 1_000)
    const [first, second, ...others] = works
    await world.store.runs.cancel(first!.run.id, T0, 'stop')
    await world.settle(again(second!, T0 + 1), ...[first!, ...others].map((work) => done(work)))
  }
  const due = await world.store.outbox.due({ now: T0, limit: 500, holdMs: 9, nodeId: 'nod_a' })
  assert.equal(due.length, 500)
  await world.store.runs.list({ status: ['succeeded'] }, { limit: 50 })
  assert.ok(performance.now() - begun < 60_000)
  const byInstant = server.log.match(/Index Cond: \(due_at = .*/g) ?? []
  assert.deepEqual([...new Set(byInstant)], [])
})

test('batch after batch of jobs is created in a store that was empty, and names that are taken are told', async () => {
  const url = await server.database()
  await using world = await World.around(await onStoryTime(url, seededChance()), seededChance())
  const { jobs } = world.store
  for (let batch = 0; batch < 3; batch += 1) {
    const drafts = Array.from({ length: 10_000 }, () => world.draft({}))
    const names = drafts.map(({ projectId, spec }) => ({ projectId, name: spec.name }))
    assert.deepEqual(await jobs.takenNames(names), [])
    assert.deepEqual(await jobs.add(drafts, 'me'), { kind: 'added' })
    // A walk through all names for each would be ended by the database long before.
    assert.equal((await jobs.takenNames(names)).length, 10_000)
  }
})
