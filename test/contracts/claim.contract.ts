import assert from 'node:assert/strict'
import { test } from 'node:test'
import { again, at, DAY, done, MINUTE, NODE, owes, queued, type StoreKind, T0, World } from './world.ts'

export function claimContract(kind: StoreKind): void {
  test('ready runs are leased oldest first, never early, up to the slots', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    await world.plan(() => owes({ runs: [at(T0 + 2), at(T0 + 1), at(T0 + 3), at(T0 + MINUTE)] }))
    assert.equal(await world.store.runs.nextReadyAt(), T0 + 1)
    assert.deepEqual(await world.claim(), [])
    world.now = T0 + 10
    assert.deepEqual(
      (await world.claim(2)).map(({ run }) => run.dueAt),
      [T0 + 1, T0 + 2],
    )
    assert.deepEqual(
      (await world.claim(2)).map(({ run }) => run.dueAt),
      [T0 + 3],
    )
    assert.deepEqual(await world.claim(2), [])
    assert.equal(await world.store.runs.nextReadyAt(), T0 + MINUTE)
    const [first] = await world.allRuns(job.id)
    assert.ok(first !== undefined && 'lease' in first)
    assert.deepEqual(
      [first.attempts, first.fence, first.startedAt, first.lease.leasedAt],
      [1, 1, T0 + 10, T0 + 10],
    )
  })

  test('what a node holds can be asked for, until it is reported', async () => {
    await using world = await World.open(kind)
    await world.register('nod_b')
    await world.job()
    await world.plan(() => owes({ runs: [at(T0), at(T0 + 1)] }))
    world.now = T0 + 1
    const works = await world.claim(2)
    assert.deepEqual(await world.store.runs.held(NODE, 9), works)
    assert.equal((await world.store.runs.held(NODE, 1)).length, 1)
    assert.deepEqual(await world.store.runs.held('nod_b', 9), [])
    await world.settle(done(works[0]!))
    assert.deepEqual(await world.store.runs.held(NODE, 9), works.slice(1))
    await world.settle(again(works[1]!, T0 + 1, 'node_lost'))
    assert.deepEqual(await world.store.runs.held(NODE, 9), [])
  })

  test('no slots, no lease', async () => {
    await using world = await World.open(kind)
    await world.job()
    await world.plan(() => owes({ runs: [at(T0)] }))
    assert.deepEqual(await world.claim(0), [])
    assert.equal((await world.claim(1)).length, 1)
  })

  test('work carries the definition its run was planned under', async () => {
    await using world = await World.open(kind)
    const job = await world.job({ description: 'one' })
    await world.plan(() => owes({ runs: [at(T0)] }))
    const edited = { ...job, version: 2, spec: { ...job.spec, description: 'two' } }
    await world.store.jobs.change(job.id, () => ({ plan: null, job: edited }), { now: T0, by: 'me' })
    const [work] = await world.claim()
    assert.deepEqual(work?.spec, job.spec)
    assert.equal(work?.run.jobVersion, 1)
  })

  test('past its start deadline a run ends as missed, and its slot goes to the next', async () => {
    await using world = await World.open(kind)
    await world.job({ callback: { url: 'http://127.0.0.1/' } })
    await world.plan(() => owes({ runs: [at(T0, { startBy: T0 + 5 }), at(T0 + 1, { startBy: T0 + 10 })] }))
    world.now = T0 + 10
    const { works, missed } = await world.store.runs.claimReady({ now: world.now, nodeId: NODE, slots: 1 })
    assert.deepEqual(
      missed.map((run) => [run.dueAt, run.status, run.reason, run.attempts]),
      [[T0, 'missed', 'too_late', 0]],
    )
    assert.deepEqual(
      works.map(({ run }) => run.dueAt),
      [T0 + 1],
    )
    assert.deepEqual(await world.run(missed[0]!.id), missed[0])
    assert.equal((await world.store.outbox.list({}, { limit: 9 })).items[0]?.runId, missed[0]?.id)
  })

  test('expire ends overdue runs, also queued ones, and no others', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    const runs = [
      at(T0),
      queued(T0 + 1, { startBy: T0 + 5 }),
      queued(T0 + 2, { startBy: T0 + 50 }),
      queued(T0 + 3),
    ]
    await world.plan(() => owes({ runs }), 1)
    assert.deepEqual(await world.store.runs.expire(T0 + 5, 9), [])
    const ended = await world.store.runs.expire(T0 + 6, 9)
    assert.deepEqual(
      ended.map((run) => [run.dueAt, run.status, run.reason]),
      [[T0 + 1, 'missed', 'too_late']],
    )
    assert.deepEqual(
      (await world.allRuns(job.id)).map((run) => run.status),
      ['running', 'missed', 'pending', 'pending'],
    )
    assert.equal((await world.store.runs.expire(T0 + DAY, 1)).length, 1)
    assert.equal((await world.store.runs.expire(T0 + DAY, 9)).length, 0)
  })

  test('an expired queued run does not let the next one start beside the one under way', async () => {
    await using world = await World.open(kind)
    await world.job()
    await world.plan(() => owes({ runs: [at(T0), queued(T0 + 1, { startBy: T0 + 5 }), queued(T0 + 2)] }), 1)
    await world.store.runs.expire(T0 + 6, 9)
    world.now = T0 + 6
    assert.deepEqual(await world.claim(), [])
  })

  test('a retry has no start deadline: it started in time', async () => {
    await using world = await World.open(kind)
    await world.job()
    await world.plan(() => owes({ runs: [0, 1].map((n) => at(T0 + n, { readyAt: T0, startBy: T0 + 5 })) }), 1)
    const works = [
      ...(await world.store.runs.list({ status: ['running'] }, { limit: 1 })).items,
      ...(await world.claim()).map(({ run }) => run),
    ]
    assert.equal(works.length, 2)
    await world.settle(...works.map((run) => again({ run } as never, T0 + MINUTE)))
    assert.deepEqual(await world.store.runs.expire(T0 + DAY, 9), [])
    world.now = T0 + MINUTE
    assert.equal((await world.claim()).length, 2)
  })

  test('cancelling a waiting run ends it at once and tells its callback', async () => {
    await using world = await World.open(kind)
    await world.job({ callback: { url: 'http://127.0.0.1/' } })
    const { runs } = await world.plan(() => owes({ runs: [at(T0)] }))
    const cancelled = await world.store.runs.cancel(runs[0]!.id, T0 + 7, 'by me')
    assert.equal(cancelled?.changed, true)
    assert.deepEqual(cancelled?.run, await world.run(runs[0]!.id))
    assert.ok(cancelled?.run.status === 'cancelled')
    assert.deepEqual([cancelled.run.finishedAt, cancelled.run.message], [T0 + 7, 'by me'])
    assert.deepEqual(await world.claim(), [])
    assert.equal((await world.store.outbox.list({}, { limit: 9 })).items.length, 1)
  })

  test('cancelling a run under way asks its holder, who still reports', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    const { id } = work.run
    assert.deepEqual(await world.store.runs.cancelling(NODE), [])
    assert.equal((await world.store.runs.cancel(id, T0, 'stop'))?.run.status, 'cancelling')
    assert.deepEqual(await world.store.runs.cancelling(NODE), [id])
    assert.deepEqual(await world.store.runs.cancelling('nod_none'), [])
    const twice = await world.store.runs.cancel(id, T0, 'stop again')
    assert.deepEqual([twice?.changed, twice?.run.status], [false, 'cancelling'])
    const outcome = { kind: 'cancelled', message: 'stopped' } as const
    const { runs } = await world.settle(done(work, 'cancelled', outcome))
    assert.equal(runs[0]?.status, 'cancelled')
    assert.deepEqual(await world.store.runs.cancelling(NODE), [])
  })

  test('a final run cannot be cancelled, an unknown one is null', async () => {
    await using world = await World.open(kind)
    const run = await world.ended()
    assert.deepEqual(await world.store.runs.cancel(run.id, T0, 'late'), { run, changed: false })
    assert.equal(await world.store.runs.cancel('run_none', T0, 'x'), null)
  })
}
