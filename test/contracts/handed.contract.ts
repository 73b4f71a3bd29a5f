import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTSIDE_NODE_ID } from '../../src/domain/handed-over.ts'
import type { Handing, OverdueMark } from '../../src/ports/handed-store.ts'
import type { Work } from '../../src/ports/store.ts'
import { again, done, MINUTE, NODE, SECOND, type StoreKind, T0, World } from './world.ts'

const over = (work: Work, more: Partial<Handing> = {}): Handing => ({
  run: work.run,
  accepted: false,
  lookAt: null,
  ...more,
})

export function handedContract(kind: StoreKind): void {
  test('what was handed over is under no lease of a node, and no end of a node takes it along', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    const { handed, runs, nodes } = world.store
    assert.deepEqual(await handed.hand([over(work, { byNode: true })], world.now), [true])
    assert.deepEqual(await runs.held(NODE, 9), [])
    await nodes.leave(NODE, world.now)
    assert.deepEqual(await runs.lost(world.now + 100 * MINUTE, 9), [])
    await world.register('nod_b', MINUTE, { sole: true })
    assert.deepEqual(await runs.lost(world.now + 100 * MINUTE, 9), [])
    const run = await world.run(work.run.id)
    assert.equal(run.status === 'running' && run.lease.nodeId, OUTSIDE_NODE_ID)
    assert.deepEqual(
      (await runs.attempts(run.id)).map(({ number, nodeId, endedAt, agent }) => ({
        number,
        nodeId,
        endedAt,
        agent,
      })),
      [{ number: 1, nodeId: OUTSIDE_NODE_ID, endedAt: null, agent: null }],
    )
    assert.deepEqual(
      (await nodes.list(9)).map(({ id }) => id),
      ['nod_b', NODE],
    )
  })

  test('it ends under its fence like any other, and may be tried again', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    const { handed } = world.store
    await handed.hand([over(work, { lookAt: T0 + SECOND })], world.now)
    await world.settle(again(work, world.now))
    assert.deepEqual(await handed.active([work.run.id]), [null])
    assert.deepEqual(await handed.overdue(T0 + MINUTE, 9), [])
    const [next] = (await world.store.runs.claimReady({ now: world.now, nodeId: NODE, slots: 9 })).works
    assert.equal(next?.attempt.number, 2)
    // The word about the first attempt comes too late, and takes nothing from the second.
    assert.deepEqual(await handed.hand([over(work), over(next!)], world.now), [false, true])
    await world.settle(done(next!, 'succeeded'))
    assert.deepEqual(await handed.hand([over(next!)], world.now), [false])
    assert.equal((await world.run(work.run.id)).status, 'succeeded')
  })

  test('what is told of it is kept until it has ended, and a node takes nothing of that back', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    const { handed } = world.store
    const seen = async () => {
      const [active] = await handed.active([work.run.id])
      return active === null || active === undefined ? null : [active.endsBy, active.told]
    }
    const news = { progress: 0.25, message: 'a quarter\0' }
    await handed.hand([over(work, { accepted: true, news })], world.now)
    await handed.hand([over(work, { byNode: true })], world.now)
    const [, told] = (await seen())!
    assert.equal((told as { progress: number }).progress, 0.25)
    world.now += SECOND
    const more = { endsBy: T0 + 1.5 * MINUTE, progress: 0.5 }
    await handed.hand([over(work, { accepted: true, lookAt: T0, news: more })], world.now)
    const [endsBy, last] = (await seen())!
    assert.equal(endsBy, more.endsBy)
    assert.deepEqual({ ...(last as object), message: null }, { at: world.now, progress: 0.5, message: null })
    assert.match((last as { message: string }).message, /^a quarter/)
    assert.equal((await handed.overdue(T0, 9))[0]?.endsBy, more.endsBy)
    await world.settle(again(work, world.now))
    const [next] = (await world.store.runs.claimReady({ now: world.now, nodeId: NODE, slots: 9 })).works
    await handed.hand([over(next!, { byNode: true })], world.now)
    assert.deepEqual(await seen(), [null, null])
  })

  test('all servers of a store share the value that was first given', async () => {
    await using world = await World.open(kind)
    const { housekeeping } = world.store
    assert.equal(await housekeeping.secret('a', 'one'), 'one')
    assert.equal(await housekeeping.secret('a', 'two'), 'one')
    assert.equal(await housekeeping.secret('b', 'two'), 'two')
    assert.equal(await housekeeping.rewriteSecret('a', 'two', 'three'), false)
    assert.equal(await housekeeping.rewriteSecret('a', 'one', 'sealed'), true)
    assert.deepEqual(
      [await housekeeping.secret('a', 'x'), await housekeeping.secret('b', 'x')],
      ['sealed', 'two'],
    )
    const all = await housekeeping.secrets()
    assert.deepEqual(
      all.map(({ name, value }) => [name, value]),
      [
        ['a', 'sealed'],
        ['b', 'two'],
      ],
    )
  })

  test('a node that does not know how it went ends nothing that someone outside goes on with', async () => {
    await using world = await World.open(kind)
    const [spoken, silent] = [await world.running(), await world.running()]
    const { handed } = world.store
    await handed.hand([over(spoken, { accepted: true })], world.now)
    const inDoubt = [spoken, silent].map((work) => ({ ...again(work, world.now), inDoubt: true }) as const)
    const { runs, stale } = await world.settle(...inDoubt)
    assert.deepEqual([runs.map((run) => run?.status ?? null), stale], [[null, 'pending'], 1])
    assert.equal((await world.run(spoken.run.id)).status, 'running')
    await world.settle(done(spoken, 'succeeded'))
    assert.equal((await world.run(spoken.run.id)).status, 'succeeded')
  })

  test('when the moment has come it is looked at, and each word puts it off', async () => {
    await using world = await World.open(kind)
    const [one, two, three] = [await world.running(), await world.running(), await world.running()]
    const { handed } = world.store
    await handed.hand(
      [over(one, { lookAt: T0 + 20 }), over(two, { lookAt: T0 + 10 }), over(three)],
      world.now,
    )
    world.now = T0 + 9
    assert.deepEqual(await handed.overdue(world.now, 9), [])
    world.now = T0 + 20
    const ids = async (limit = 9): Promise<string[]> =>
      (await handed.overdue(world.now, limit)).map(({ work }) => work.run.id)
    assert.deepEqual(await ids(), [two.run.id, one.run.id])
    assert.deepEqual(await ids(1), [two.run.id])
    await handed.hand([over(two, { accepted: true, lookAt: T0 + 30 })], world.now)
    assert.deepEqual(await ids(), [one.run.id])
    world.now = T0 + 30
    const [, found] = await handed.overdue(world.now, 9)
    assert.deepEqual([found?.work.run.id, found?.acceptedAt], [two.run.id, T0 + 20])
    assert.deepEqual(found?.work.spec, two.spec)
  })

  test('the first word from outside may come before that of its node, which then changes nothing', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    const { handed } = world.store
    await handed.hand([over(work, { accepted: true, lookAt: T0 + 50 })], world.now)
    world.now = T0 + 5
    assert.deepEqual(await handed.hand([over(work, { lookAt: T0 + 9, byNode: true })], world.now), [true])
    const [active] = await handed.active([work.run.id])
    assert.equal(active?.acceptedAt, T0)
    assert.deepEqual(await handed.overdue(T0 + 49, 9), [])
    assert.equal((await handed.overdue(T0 + 50, 9)).length, 1)
  })

  test('what is under way is found by its run, at its node too', async () => {
    await using world = await World.open(kind)
    const [here, outside] = [await world.running(), await world.running()]
    const { handed } = world.store
    await handed.hand([over(outside)], world.now)
    const found = await handed.active([outside.run.id, 'run_none', here.run.id])
    assert.deepEqual(
      found.map((one) => one?.work.run.id ?? null),
      [outside.run.id, null, here.run.id],
    )
    assert.equal(found[2]?.work.run.lease.nodeId, NODE)
    assert.equal(found[0]?.work.attempt.startedAt, T0)
  })

  test('asked to end, whoever works on it is told once, and then looked at', async () => {
    await using world = await World.open(kind)
    const [work, other] = [await world.running(), await world.running()]
    const { handed, runs } = world.store
    await handed.hand([over(work), over(other)], world.now)
    assert.deepEqual(await handed.stopping(9), [])
    await runs.cancel(work.run.id, world.now, 'enough')
    assert.deepEqual(await runs.cancelling(NODE), [])
    const [stopping, ...none] = await handed.stopping(9)
    assert.deepEqual([stopping?.run.id, stopping?.run.status, none.length], [work.run.id, 'cancelling', 0])
    await handed.told([{ runId: work.run.id, fence: work.run.fence, lookAt: T0 + 40 }])
    assert.deepEqual(await handed.stopping(9), [])
    // A word meanwhile does not put off the end.
    await handed.hand([over(work, { accepted: true, lookAt: T0 + 900 })], world.now)
    const [overdue] = await handed.overdue(T0 + 40, 9)
    assert.deepEqual([overdue?.work.run.status, overdue?.toldToStop], ['cancelling', true])
    await world.settle(done(overdue!.work, 'cancelled'))
    assert.equal((await world.run(work.run.id)).status, 'cancelled')
  })

  test('told to stop, it has its time, however near its moment was', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    const { handed, runs } = world.store
    await handed.hand([over(work, { lookAt: T0 + 5 })], world.now)
    await runs.cancel(work.run.id, world.now, 'enough')
    const [before] = await handed.overdue(T0 + 5, 9)
    assert.deepEqual([before?.lookAt, before?.toldToStop], [T0 + 5, false])
    await handed.told([{ runId: work.run.id, fence: work.run.fence, lookAt: T0 + 40 }])
    assert.deepEqual(await handed.overdue(T0 + 39, 9), [])
    const [after] = await handed.overdue(T0 + 40, 9)
    assert.deepEqual([after?.lookAt, after?.toldToStop], [T0 + 40, true])
  })

  test('what nothing can be done about now is not in the way of what comes after it', async () => {
    await using world = await World.open(kind)
    const works = [await world.running(), await world.running(), await world.running()]
    const { handed, runs } = world.store
    const lookAt = [T0 + 1, T0 + 2, T0 + 2]
    await handed.hand(
      works.map((work, n) => over(work, { lookAt: lookAt[n]! })),
      world.now,
    )
    const ids = works.map(({ run }) => run.id)
    const seen: string[] = []
    for (let after: OverdueMark | null = null; ; ) {
      const [one] = await handed.overdue(T0 + 9, 1, after)
      if (one === undefined) break
      seen.push(one.work.run.id)
      after = { lookAt: one.lookAt!, runId: one.work.run.id }
    }
    assert.deepEqual(seen, ids)
    for (const id of ids) await runs.cancel(id, world.now, 'enough')
    const stopping: string[] = []
    for (let after = ''; ; ) {
      const [one] = await handed.stopping(1, after)
      if (one === undefined) break
      stopping.push(one.run.id)
      after = one.run.id
    }
    assert.deepEqual(stopping, ids.toSorted())
  })

  test('many at once, some of them twice', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    const { handed } = world.store
    const words = [over(work, { accepted: true, lookAt: 7 }), over(work, { accepted: true, lookAt: T0 + 60 })]
    assert.deepEqual(await handed.hand(words, world.now), [true, true])
    assert.deepEqual(await handed.overdue(T0 + 59, 9), [])
    assert.equal((await handed.overdue(T0 + 60, 9)).length, 1)
    assert.deepEqual(await handed.hand([], world.now), [])
    await handed.told([])
    assert.deepEqual(await handed.active([]), [])
  })
}
