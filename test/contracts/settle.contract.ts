import assert from 'node:assert/strict'
import { test } from 'node:test'
import { again, at, done, MINUTE, NODE, owes, type StoreKind, T0, World } from './world.ts'

export function settleContract(kind: StoreKind): void {
  test('a run that is done stays as it ended, with its outcome', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    world.now = T0 + 50
    const response = { status: 200, headers: { a: 'b' }, body: 'fine', bodyBytes: 4, truncated: false }
    const { runs, stale } = await world.settle(done(work, 'succeeded', { kind: 'ok', response }))
    assert.equal(stale, 0)
    assert.deepEqual(runs, [await world.run(work.run.id)])
    const [run] = runs
    assert.ok(run?.status === 'succeeded')
    assert.deepEqual(
      [run.finishedAt, run.message, run.reason, run.startedAt],
      [T0 + 50, 'succeeded', null, T0],
    )
    const [attempt] = await world.store.runs.attempts(run.id)
    assert.deepEqual(
      [attempt?.endedAt, attempt?.outcome, attempt?.detail],
      [T0 + 50, 'ok', { kind: 'ok', response }],
    )
  })

  test('an attempt ends no earlier than it began, whatever the clock of its node says', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    world.now = T0 + 50
    const early = { ...done(work), endedAt: work.attempt.startedAt - 7 }
    await world.store.runs.settle([early], world.now)
    const [attempt] = await world.store.runs.attempts(work.run.id)
    assert.equal(attempt?.endedAt, attempt?.startedAt)
  })

  test('an outcome that is nothing but ok comes back as that', async () => {
    await using world = await World.open(kind)
    const run = await world.ended()
    assert.deepEqual((await world.store.runs.attempts(run.id))[0]?.detail, { kind: 'ok' })
  })

  test('each way to be done is kept', async () => {
    await using world = await World.open(kind)
    for (const status of ['succeeded', 'failed', 'cancelled', 'unknown'] as const) {
      const work = await world.running()
      await world.settle(done(work, status))
      assert.equal((await world.run(work.run.id)).status, status)
    }
  })

  test('retry, then success: two attempts, each with its cause', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    const { runs } = await world.settle(again(work, T0 + MINUTE))
    assert.deepEqual(runs[0], await world.run(work.run.id))
    assert.ok(runs[0]?.status === 'pending')
    assert.deepEqual([runs[0].readyAt, runs[0].attempts, runs[0].message], [T0 + MINUTE, 1, 'later'])
    assert.deepEqual(await world.claim(), [])

    world.now = T0 + MINUTE
    const [second] = await world.claim()
    assert.deepEqual(second?.attempt, { number: 2, cause: 'retry_policy', startedAt: world.now })
    assert.deepEqual([second?.run.fence, second?.run.startedAt], [2, T0])
    assert.deepEqual(second?.run, await world.run(work.run.id))
    world.now += 1
    await world.settle(done(second!))
    const attempts = await world.store.runs.attempts(work.run.id)
    assert.deepEqual(
      attempts.map(({ number, fence, cause, outcome, startedAt, endedAt }) => [
        number,
        fence,
        cause,
        outcome,
        startedAt - T0,
        endedAt! - T0,
      ]),
      [
        [1, 1, 'first', 'timeout', 0, 0],
        [2, 2, 'retry_policy', 'ok', MINUTE, MINUTE + 1],
      ],
    )
  })

  test('a report with an old fence writes nothing', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    await world.settle(again(work, T0))
    const [second] = await world.claim()
    const late = await world.settle(done(work, 'failed'))
    assert.deepEqual([late.runs, late.stale], [[null], 1])
    assert.equal((await world.run(work.run.id)).status, 'running')
    assert.equal((await world.store.runs.attempts(work.run.id)).length, 2)
    assert.equal((await world.settle(done(second!))).runs[0]?.status, 'succeeded')
  })

  test('reports of an old and of the live attempt of a run may come together, in any order', async () => {
    for (const turn of ['old first', 'live first']) {
      await using world = await World.open(kind)
      const work = await world.running()
      await world.settle(again(work, T0))
      const [second] = await world.claim()
      for (let n = 0; n < 12; n += 1) await world.job()
      const others = await world.ring()
      const both = [done(work, 'failed'), done(second!)]
      const told = turn === 'old first' ? both : both.reverse()
      const { runs, stale } = await world.settle(...told, ...others.map((other) => done(other)))
      const expected = turn === 'old first' ? [null, 'succeeded'] : ['succeeded', null]
      assert.deepEqual(
        runs.map((run) => run?.status ?? null),
        [...expected, ...others.map(() => 'succeeded')],
      )
      assert.equal(stale, 1)
      assert.equal((await world.run(work.run.id)).status, 'succeeded')
    }
  })

  test('the same report twice counts once', async () => {
    await using world = await World.open(kind)
    const work = await world.running({ callback: { url: 'http://127.0.0.1/' } })
    const { runs, stale } = await world.settle(done(work), done(work, 'failed'))
    assert.deepEqual([runs[0]?.status, runs[1], stale], ['succeeded', null, 1])
    assert.deepEqual((await world.settle(done(work, 'failed'))).runs, [null])
    assert.equal((await world.run(work.run.id)).status, 'succeeded')
    assert.equal((await world.store.outbox.list({}, { limit: 9 })).items.length, 1)
  })

  test('a report while the run waits for its retry is stale', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    await world.settle(again(work, T0 + MINUTE))
    assert.deepEqual((await world.settle(done(work))).runs, [null])
    assert.equal((await world.run(work.run.id)).status, 'pending')
  })

  test('a report for a run that does not exist is stale', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    const ghost = { ...work, run: { ...work.run, id: 'run_ghost' } }
    assert.deepEqual(
      (await world.settle(done(ghost), done(work))).runs.map((run) => run?.status ?? null),
      [null, 'succeeded'],
    )
  })

  test('a run that is being cancelled is never tried again', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    await world.store.runs.cancel(work.run.id, T0, 'stop')
    const { runs } = await world.settle(again(work, T0))
    assert.equal(runs[0]?.status, 'cancelled')
    assert.deepEqual(runs[0], await world.run(work.run.id))
    assert.deepEqual(await world.claim(), [])
    assert.deepEqual(
      (await world.store.runs.attempts(work.run.id)).map(({ outcome }) => outcome),
      ['timeout'],
    )
  })

  test('a run that succeeds while it is being cancelled has succeeded', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    await world.store.runs.cancel(work.run.id, T0, 'stop')
    assert.equal((await world.settle(done(work))).runs[0]?.status, 'succeeded')
  })

  test('many settle together, in order', async () => {
    await using world = await World.open(kind)
    for (let n = 0; n < 20; n += 1) await world.job()
    const works = await world.ring()
    const { runs } = await world.settle(
      ...works.map((work, n) => (n % 2 === 0 ? done(work) : again(work, T0 + MINUTE))),
    )
    assert.deepEqual(
      runs.map((run) => run?.id),
      works.map(({ run }) => run.id),
    )
    assert.deepEqual(new Set(runs.map((run) => run?.status)), new Set(['succeeded', 'pending']))
    const counts = Object.fromEntries(
      (await world.store.runs.counts()).map(({ status, count }) => [status, count]),
    )
    assert.deepEqual(counts, { pending: 10, running: 0, cancelling: 0 })
    assert.equal(await world.store.runs.nextReadyAt(), T0 + MINUTE)
  })

  test('among many that settle together, one told of twice counts once, and each ends as it was told', async () => {
    await using world = await World.open(kind)
    for (let n = 0; n < 25; n += 1) await world.job()
    const works = await world.ring()
    const told = works.map((work, n) =>
      n % 7 === 3 ? again(work, T0 + MINUTE) : done(work, n % 5 === 0 ? 'failed' : 'succeeded'),
    )
    const late = { ...done(works[2]!, 'unknown'), run: { ...works[2]!.run, fence: 0 } }
    const batch = [...told.slice(0, 13), done(works[11]!, 'cancelled'), late, ...told.slice(13)]
    const { runs, stale } = await world.settle(...batch)
    assert.equal(stale, 2)
    assert.deepEqual([runs[13], runs[14]], [null, null])
    for (const [n, { run }] of works.entries()) {
      const now = await world.run(run.id)
      assert.equal(now.status, n % 7 === 3 ? 'pending' : n % 5 === 0 ? 'failed' : 'succeeded')
      assert.deepEqual(now, runs[n < 13 ? n : n + 2])
      assert.equal((await world.store.runs.attempts(run.id)).length, 1)
    }
  })

  test('counts tell the open runs by status', async () => {
    await using world = await World.open(kind)
    await world.running()
    const work = await world.running()
    await world.store.runs.cancel(work.run.id, T0, 'stop')
    await world.job()
    await world.plan(() => owes({ runs: [at(T0), at(T0 + 1, { readyAt: null })] }))
    const counts = Object.fromEntries(
      (await world.store.runs.counts()).map(({ status, count }) => [status, count]),
    )
    assert.deepEqual(counts, { pending: 2, running: 1, cancelling: 1 })
    assert.equal((await world.store.housekeeping.stats()).openRuns, 4)
    assert.deepEqual((await world.claim(9, NODE)).length, 1)
  })
}
