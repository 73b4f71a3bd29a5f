import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../../src/domain/run.ts'
import { again, at, done, gap, MINUTE, owes, queued, type StoreKind, T0, World } from './world.ts'

async function waiting(world: World): Promise<Run[]> {
  const job = await world.job()
  await world.plan(() => owes({ runs: [at(T0), queued(T0 + 1), queued(T0 + 2)] }), 1)
  return world.allRuns(job.id)
}

export function queueContract(kind: StoreKind): void {
  test('the end of a run lets the oldest queued one start, one at a time', async () => {
    await using world = await World.open(kind)
    await world.job()
    const { leased } = await world.plan(() => owes({ runs: [at(T0), queued(T0 + 1), queued(T0 + 2)] }), 9)
    let work = leased[0]!
    for (const dueAt of [T0 + 1, T0 + 2]) {
      assert.deepEqual(await world.claim(), [])
      world.now += 10
      assert.equal((await world.settle(done(work))).released, 1)
      const next = await world.claim()
      assert.deepEqual(
        next.map(({ run }) => run.dueAt),
        [dueAt],
      )
      work = next[0]!
    }
    assert.equal((await world.settle(done(work))).released, 0)
  })

  test('queued runs go in the order they were planned in', async () => {
    await using world = await World.open(kind)
    await world.job()
    const { leased } = await world.plan(() => owes({ runs: [at(T0), queued(T0 - 10), queued(T0 - 20)] }), 9)
    await world.settle(done(leased[0]!))
    assert.deepEqual(
      (await world.claim()).map(({ run }) => run.dueAt),
      [T0 - 10],
    )
  })

  test('a retry keeps the queue waiting', async () => {
    await using world = await World.open(kind)
    await world.job()
    const { leased } = await world.plan(() => owes({ runs: [at(T0), queued(T0 + 1)] }), 9)
    assert.equal((await world.settle(again(leased[0]!, T0 + MINUTE))).released, 0)
    world.now = T0 + 10
    assert.deepEqual(await world.claim(), [])
  })

  test('a released run is not ready before its own time', async () => {
    await using world = await World.open(kind)
    await world.job()
    const runs = [at(T0), queued(T0 + 1, { notBefore: T0 + MINUTE })]
    const { leased } = await world.plan(() => owes({ runs }), 9)
    await world.settle(done(leased[0]!))
    assert.equal(await world.store.runs.nextReadyAt(), T0 + MINUTE)
  })

  test('cancelling a queued run starts nobody', async () => {
    await using world = await World.open(kind)
    const [first, second, third] = await waiting(world)
    world.now += 10
    await world.store.runs.cancel(second!.id, world.now, 'not this one')
    assert.deepEqual(await world.claim(), [])
    await world.settle(done({ run: first } as never))
    assert.deepEqual(
      (await world.claim()).map(({ run }) => run.id),
      [third?.id],
    )
  })

  test('cancelling the one they wait for, before it starts, lets the next one start', async () => {
    await using world = await World.open(kind)
    await world.job()
    const { runs } = await world.plan(() => owes({ runs: [at(T0), queued(T0 + 1)] }))
    world.now += 10
    await world.store.runs.cancel(runs[0]!.id, world.now, 'not this one')
    assert.deepEqual(
      (await world.claim()).map(({ run }) => run.id),
      [runs[1]?.id],
    )
  })

  test('a run that waits for its turn only behind an expired one may start', async () => {
    await using world = await World.open(kind)
    await world.job()
    await world.plan(() => owes({ runs: [at(T0, { startBy: T0 + 5 }), queued(T0 + 1)] }))
    await world.store.runs.expire(T0 + 6, 9)
    assert.equal(await world.store.runs.nextReadyAt(), T0 + 6)
  })

  test('a claim that ends the overdue head leases the one behind it', async () => {
    await using world = await World.open(kind)
    await world.job()
    await world.plan(() => owes({ runs: [at(T0, { startBy: T0 + 5 }), queued(T0 + 1)] }))
    world.now = T0 + 6
    assert.deepEqual(
      (await world.claim(1)).map(({ run }) => run.dueAt),
      [T0 + 1],
    )
  })

  test('a queued run whose forerunner has its entry already is not left behind', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    const { leased } = await world.plan(() => owes({ runs: [at(T0)], nextDueAt: T0 }), 9)
    await world.settle(done(leased[0]!))
    world.now += 10
    await world.plan(() => owes({ runs: [at(T0), queued(T0 + 1)], gaps: [gap(T0 - 9, T0 - 1, 9)] }))
    assert.deepEqual(
      (await world.claim()).map(({ run }) => run.dueAt),
      [T0 + 1],
    )
    assert.equal((await world.allRuns(job.id)).length, 2)
  })

  test('jobs do not release each other', async () => {
    await using world = await World.open(kind)
    const [first] = await waiting(world)
    const other = await world.running()
    assert.equal((await world.settle(done(other))).released, 0)
    assert.equal((await world.run(first!.id)).status, 'running')
    assert.deepEqual(await world.claim(), [])
  })
}
