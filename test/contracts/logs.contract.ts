import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EMPTY_MARK, type LogMark } from '../../src/domain/log/run-log.ts'
import type { Work } from '../../src/ports/store.ts'
import { again, DAY, done, MINUTE, SECOND, type StoreKind, T0, World } from './world.ts'

const mark = (chunks: number): LogMark => ({
  chunks,
  bytes: chunks * 100,
  textBytes: chunks * 80,
  lines: chunks * 3,
  dropped: 0,
})

const logOf = ({ run, attempt }: Work, part = 0) => ({
  runId: run.id,
  attempt: attempt.number,
  part,
  fence: run.fence,
})

export function logsContract(kind: StoreKind): void {
  test('a log moves on from where its writer believes it to be', async () => {
    await using world = await World.open(kind)
    const log = logOf(await world.running())
    const { logs } = world.store
    assert.equal(await logs.get(log), null)
    assert.equal(await logs.advance(log, EMPTY_MARK, mark(1), T0), true)
    assert.equal(await logs.advance(log, mark(1), mark(2), T0 + 1), true)
    assert.equal(await logs.advance(log, mark(1), mark(2), T0 + 2), false, 'a repeat')
    assert.equal(await logs.advance(log, EMPTY_MARK, mark(1), T0 + 2), false, 'a second beginning')
    assert.equal(await logs.advance(log, mark(3), mark(4), T0 + 2), false, 'a gap')
    const { attempt, part, runId, fence } = log
    assert.deepEqual(await logs.get(log), {
      ...{ runId, attempt, part, fence, ...mark(2) },
      ...{ createdAt: T0, seal: null, attemptEndedAt: null },
    })
  })

  test('a log moves on over several chunks in one step, all of them or none', async () => {
    await using world = await World.open(kind)
    const log = logOf(await world.running())
    const { logs } = world.store
    assert.equal(await logs.advance(log, EMPTY_MARK, mark(3), T0), true)
    assert.equal(await logs.advance(log, mark(3), mark(5), T0), true)
    assert.equal(await logs.advance(log, mark(4), mark(6), T0), false)
    assert.equal((await logs.get(log))?.bytes, mark(5).bytes)
  })

  test('another fence writes nothing', async () => {
    await using world = await World.open(kind)
    const log = logOf(await world.running())
    const { logs } = world.store
    await logs.advance(log, EMPTY_MARK, mark(1), T0)
    const other = { ...log, fence: log.fence + 1 }
    assert.equal(await logs.advance(other, mark(1), mark(2), T0), false)
    assert.equal(await logs.advance(other, EMPTY_MARK, mark(1), T0), false)
    assert.equal(await logs.seal(other, 1, { whole: true }, T0), false)
    assert.equal((await logs.get(log))?.chunks, 1)
  })

  test('a sealed log takes nothing more', async () => {
    await using world = await World.open(kind)
    const log = logOf(await world.running())
    const { logs } = world.store
    await logs.advance(log, EMPTY_MARK, mark(1), T0)
    assert.equal(await logs.seal(log, 2, { whole: true }, T0), false, 'it is not there yet')
    assert.equal(await logs.seal(log, 1, { whole: true }, T0 + 5), true)
    assert.equal(await logs.seal(log, 1, { whole: false }, T0 + 6), false)
    assert.equal(await logs.advance(log, mark(1), mark(2), T0), false)
    assert.deepEqual((await logs.get(log))?.seal, { at: T0 + 5, whole: true })
  })

  test('a log of no words is sealed too', async () => {
    await using world = await World.open(kind)
    const log = logOf(await world.running())
    assert.equal(await world.store.logs.seal(log, 0, { whole: true }, T0), true)
    assert.equal(await world.store.logs.seal(log, 0, { whole: true }, T0), false)
    assert.equal(await world.store.logs.advance(log, EMPTY_MARK, mark(1), T0), false)
    const found = await world.store.logs.get(log)
    assert.deepEqual([found?.chunks, found?.seal], [0, { at: T0, whole: true }])
  })

  test('a run that is not there has no log', async () => {
    await using world = await World.open(kind)
    const log = { runId: 'run_none', attempt: 1, part: 0, fence: 1 }
    assert.equal(await world.store.logs.advance(log, EMPTY_MARK, mark(1), T0), false)
    assert.equal(await world.store.logs.seal(log, 0, { whole: true }, T0), false)
    assert.deepEqual(await world.store.logs.ofRun('run_none'), [])
  })

  test('the logs of a run are told by attempt and part, with the end of their attempts', async () => {
    await using world = await World.open(kind)
    const first = await world.running()
    const { logs } = world.store
    for (const part of [2, 0, 1]) await logs.advance(logOf(first, part), EMPTY_MARK, mark(1), T0)
    world.now = T0 + SECOND
    await world.settle(again(first, T0))
    const [second] = await world.claim()
    await logs.advance(logOf(second!), EMPTY_MARK, mark(1), T0)
    const told = (await logs.ofRun(first.run.id)).map((log) => [log.attempt, log.part, log.attemptEndedAt])
    const ended = T0 + SECOND
    assert.deepEqual(told, [
      [1, 0, ended],
      [1, 1, ended],
      [1, 2, ended],
      [2, 0, null],
    ])
  })

  test('what nobody sealed is found after the store has ended its run, whenever the attempt had ended', async () => {
    await using world = await World.open(kind)
    const [under, ended, sealed, retried] = [
      await world.running(),
      await world.running(),
      await world.running(),
      await world.running(),
    ]
    const { logs } = world.store
    for (const work of [under, ended, sealed, retried]) {
      await logs.advance(logOf(work), EMPTY_MARK, mark(1), T0)
    }
    await logs.seal(logOf(sealed), 1, { whole: true }, T0)
    world.now = T0 + MINUTE
    const batch = [done(ended), done(sealed), again(retried, T0)]
    await world.store.runs.settle(batch, world.now)
    const found = async (endedBy: number, limit = 9): Promise<string[]> => {
      return (await logs.unsealed({ endedBy, limit })).map(({ runId }) => runId).toSorted()
    }
    assert.deepEqual(await found(T0 + MINUTE - 1), [])
    assert.deepEqual(await found(T0 + MINUTE), [ended.run.id])
    const [second] = await world.claim()
    await world.settle(done(second!))
    assert.deepEqual(await found(T0 + MINUTE), [ended.run.id, retried.run.id].toSorted())
    assert.equal((await found(T0 + MINUTE, 1)).length, 1)
    await logs.seal(logOf(ended), 1, { whole: false }, T0)
    assert.deepEqual(await found(T0 + MINUTE), [retried.run.id])
  })

  test('with a forgotten run its logs are, and their blobs are named until they are cleared', async () => {
    await using world = await World.open(kind)
    const gone = await world.running()
    const silent = await world.running()
    const { logs, housekeeping } = world.store
    for (const part of [0, 1]) await logs.advance(logOf(gone, part), EMPTY_MARK, mark(1), T0)
    await world.settle(done(gone), done(silent))
    const retention = { defaultDays: 30 }
    await housekeeping.forget({ now: T0 + 31 * DAY, limit: 99, retention })
    assert.equal(await world.store.runs.get(gone.run.id), null)
    assert.deepEqual(await logs.ofRun(gone.run.id), [])
    const discarded = await housekeeping.discarded(9)
    assert.deepEqual(
      discarded.map(({ prefix }) => prefix),
      [`logs/${gone.run.id}/`],
    )
    assert.deepEqual(await housekeeping.discarded(9), discarded)
    await housekeeping.cleared(discarded.map(({ no }) => no))
    assert.deepEqual(await housekeeping.discarded(9), [])
  })
}
