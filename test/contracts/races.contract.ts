// Two connections to the same data. Each step is a transaction, so whatever order they come in, one of them is
// first; a lost race is a shorter list, never an error and never a second run.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '../../src/ports/store.ts'
import { again, at, done, owes, type StoreKind, seededChance, T0, World } from './world.ts'

type Pair = { readonly world: World; readonly other: Store }

async function withTwo(kind: StoreKind, story: (pair: Pair) => Promise<void>): Promise<void> {
  const chance = seededChance()
  const [first, other] = await kind.openTwo!(chance)
  await using world = await World.around(first, chance)
  await using _ = other
  await story({ world, other })
}

export function racesContract(kind: StoreKind): void {
  if (kind.openTwo === undefined) return
  const claim = (store: Store, slots: number) => store.runs.claimReady({ now: T0, nodeId: 'nod_a', slots })

  test('two planners make one run of one instant', () =>
    withTwo(kind, async ({ world, other }) => {
      for (let n = 0; n < 10; n += 1) await world.job()
      const request = { now: T0, limit: 6, nodeId: 'nod_a', slots: 6 }
      const plan = () => owes({ runs: [at(T0)] })
      const reports = await Promise.all(
        [0, 1, 2, 3].map((n) => (n % 2 ? other : world.store).runs.plan(request, plan)),
      )
      const leased = reports.flatMap((report) => report.leased.map(({ run }) => run.jobId))
      assert.equal(leased.length, 10)
      assert.equal(new Set(leased).size, 10)
    }))

  test('two claimers never lease the same run', () =>
    withTwo(kind, async ({ world, other }) => {
      await world.job()
      await world.plan(() => owes({ runs: Array.from({ length: 20 }, (_, n) => at(T0 - n)) }))
      const claims = await Promise.all([0, 1, 2, 3].map((n) => claim(n % 2 ? other : world.store, 6)))
      const ids = claims.flatMap(({ works }) => works.map(({ run }) => run.id))
      assert.equal(ids.length, 20)
      assert.equal(new Set(ids).size, 20)
    }))

  test('claimers of two nodes never exceed what a concurrency key admits', () =>
    withTwo(kind, async ({ world, other }) => {
      await world.register('nod_b')
      const policy = { concurrency: { key: 'db', max: 3 } }
      for (let n = 0; n < 4; n += 1) await world.job({ policy })
      await world.plan(() => owes({ runs: Array.from({ length: 5 }, (_, n) => at(T0 - n)) }))
      const nodes = [
        [world.store, 'nod_a'],
        [other, 'nod_b'],
      ] as const
      let ended = 0
      for (let round = 0; round < 40 && ended < 20; round += 1) {
        const claims = await Promise.all(
          [...nodes, ...nodes].map(([store, nodeId]) => store.runs.claimReady({ now: T0, nodeId, slots: 9 })),
        )
        const works = claims.flatMap((claimed) => claimed.works)
        assert.ok(works.length <= 3, `${works.length} of one key were under way`)
        await world.settle(...works.map((work) => done(work)))
        ended += works.length
      }
      assert.equal(ended, 20)
    }))

  test('claimers of two nodes never exceed what the quota of a project admits, keys or not', () =>
    withTwo(kind, async ({ world, other }) => {
      await world.register('nod_b')
      const project = await world.project('small')
      await world.store.projects.update({ ...project, quotas: { concurrency: 3 }, version: 2 })
      const policy = { concurrency: { key: 'db', max: 5 } }
      for (let n = 0; n < 4; n += 1) await world.job(n % 2 === 0 ? { policy } : {}, { projectId: project.id })
      await world.plan(() => owes({ runs: Array.from({ length: 5 }, (_, n) => at(T0 - n)) }), 9)
      const nodes = [
        [world.store, 'nod_a'],
        [other, 'nod_b'],
      ] as const
      let ended = 0
      for (let round = 0; round < 40 && ended < 20; round += 1) {
        const claims = await Promise.all(
          [...nodes, ...nodes].map(([store, nodeId]) => store.runs.claimReady({ now: T0, nodeId, slots: 9 })),
        )
        const works = claims.flatMap((claimed) => claimed.works)
        assert.ok(works.length <= 3, `${works.length} of one project were under way`)
        await world.settle(...works.map((work) => done(work)))
        ended += works.length
      }
      assert.equal(ended, 20)
    }))

  test('of two reports with one fence one counts', () =>
    withTwo(kind, async ({ world, other }) => {
      const work = await world.running({ callback: { url: 'http://127.0.0.1/' } })
      const [a, b] = await Promise.all([
        world.store.runs.settle([done(work)], T0),
        other.runs.settle([done(work, 'failed')], T0),
      ])
      assert.equal([...a.runs, ...b.runs].filter((run) => run !== null).length, 1)
      assert.equal((await other.outbox.list({}, { limit: 9 })).items.length, 1)
    }))

  test('a report after another connection took the run over is stale', () =>
    withTwo(kind, async ({ world, other }) => {
      const work = await world.running()
      await other.runs.settle([again(work, T0, 'node_lost')], T0)
      const { works } = await claim(other, 1)
      assert.equal(works[0]?.run.fence, 2)
      assert.deepEqual((await world.settle(done(work))).runs, [null])
    }))

  test('two edits from one version: each sees what the other left', () =>
    withTwo(kind, async ({ world, other }) => {
      const job = await world.job()
      const edit = (store: Store) =>
        store.jobs.change(
          job.id,
          (due) => ({ plan: null, job: { ...due.job, version: due.job.version + 1 } }),
          { now: T0, by: 'me' },
        )
      await Promise.all([edit(world.store), edit(other), edit(world.store)])
      assert.equal((await other.jobs.get(job.id))?.version, 4)
      assert.deepEqual(
        (await world.store.jobs.versions(job.id)).map(({ version }) => version),
        [4, 3, 2, 1],
      )
    }))

  test('one of two requests with the same mark is carried out', () =>
    withTwo(kind, async ({ world, other }) => {
      const once = { scope: 'k', key: 'x', hash: 'h', result: 1, at: T0 }
      const results = await Promise.allSettled([
        world.store.jobs.add([world.draft()], 'me', once),
        other.jobs.add([world.draft()], 'me', once),
      ])
      assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
      assert.equal((await world.store.jobs.list({}, { limit: 9 })).items.length, 1)
    }))

  test('an effect is taken by one courier', () =>
    withTwo(kind, async ({ world, other }) => {
      await world.ended({ callback: { url: 'http://127.0.0.1/' } })
      const take = (store: Store) => store.outbox.due({ now: T0, limit: 9, holdMs: 9, nodeId: 'nod_a' })
      const taken = await Promise.all([take(world.store), take(other)])
      assert.equal(taken.flat().length, 1)
    }))
}
