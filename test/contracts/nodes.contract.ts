import assert from 'node:assert/strict'
import { test } from 'node:test'
import { again, at, done, MINUTE, NODE, owes, type StoreKind, T0, World } from './world.ts'

export function nodesContract(kind: StoreKind): void {
  test('each start has a higher epoch', async () => {
    await using world = await World.open(kind)
    const first = await world.register('nod_b')
    const second = await world.register('nod_c')
    assert.ok(second.epoch > first.epoch)
  })

  test('while its node lives, a run is not lost', async () => {
    await using world = await World.open(kind)
    await world.running()
    assert.deepEqual(await world.store.runs.lost(T0 + MINUTE, 9), [])
  })

  test('runs of a node whose lease has lapsed are lost, until they are settled', async () => {
    await using world = await World.open(kind)
    await world.register('nod_b', MINUTE)
    await world.job()
    const { leased } = await world.plan(() => owes({ runs: [at(T0)] }), 1, 'nod_b')
    assert.deepEqual(await world.store.nodes.renew('nod_b', T0 + MINUTE, MINUTE), { now: T0 + MINUTE })
    assert.deepEqual(await world.store.runs.lost(T0 + 2 * MINUTE, 9), [])
    assert.deepEqual(await world.store.runs.lost(T0 + 2 * MINUTE + 1, 9), leased)
    assert.equal(await world.store.nodes.renew('nod_b', T0 + 2 * MINUTE + 2, MINUTE), null)
    assert.deepEqual(await world.store.runs.lost(T0 + 2 * MINUTE + 3, 9), leased)
    await world.settle(again(leased[0]!, T0, 'node_lost'))
    assert.deepEqual(await world.store.runs.lost(T0 + 3 * MINUTE, 9), [])
  })

  test('a lost run goes to another node, and the late report of the first changes nothing', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    await world.store.nodes.leave(NODE, T0)
    await world.register('nod_b')
    const [lost] = await world.store.runs.lost(T0, 9)
    assert.deepEqual(lost, work)
    await world.settle(again(lost!, T0, 'node_lost'))
    const [second] = await world.claim(1, 'nod_b')
    assert.deepEqual(
      [second?.run.lease.nodeId, second?.attempt.cause, second?.run.fence],
      ['nod_b', 'node_lost', 2],
    )
    assert.deepEqual((await world.settle(done(work))).runs, [null])
    await world.settle(done(second!))
    assert.deepEqual(
      (await world.store.runs.attempts(work.run.id)).map(({ nodeId }) => nodeId),
      [NODE, 'nod_b'],
    )
  })

  test('a run that was being cancelled when its node went is lost as such', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    await world.store.runs.cancel(work.run.id, T0, 'stop')
    await world.store.nodes.leave(NODE, T0)
    assert.equal((await world.store.runs.lost(T0, 9))[0]?.run.status, 'cancelling')
  })

  test('no more are told than asked for; waiting and final runs are never lost', async () => {
    await using world = await World.open(kind)
    await world.ended()
    for (let n = 0; n < 3; n += 1) await world.running()
    await world.job()
    await world.plan(() => owes({ runs: [at(T0)] }))
    await world.store.nodes.leave(NODE, T0)
    assert.equal((await world.store.runs.lost(T0, 2)).length, 2)
    const all = await world.store.runs.lost(T0, 9)
    assert.equal(all.length, 3)
    await world.settle(...all.map((work) => done(work, 'failed')))
    assert.deepEqual(await world.store.runs.lost(T0, 9), [])
  })

  test('a node that left leases nothing more', async () => {
    await using world = await World.open(kind)
    await world.job()
    await world.store.nodes.leave(NODE, T0)
    const report = await world.plan(() => owes({ runs: [at(T0)] }), 9)
    assert.deepEqual([report.runs.length, report.leased.length], [1, 0])
    assert.deepEqual(await world.claim(), [])
    assert.equal(await world.store.nodes.renew(NODE, T0, MINUTE), null)
  })

  test('a node nobody knows cannot lease', async () => {
    await using world = await World.open(kind)
    await world.job()
    await world.plan(() => owes({ runs: [at(T0)] }))
    await assert.rejects(world.claim(1, 'nod_none'), /nod_none/)
  })
}
