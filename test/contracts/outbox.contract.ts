import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Effect } from '../../src/domain/effect.ts'
import { again, done, MINUTE, NODE, SECOND, type StoreKind, T0, World } from './world.ts'

const URL = 'http://127.0.0.1/told'
const HOLD = 90 * SECOND

async function effects(world: World): Promise<readonly Effect[]> {
  return (await world.store.outbox.list({}, { limit: 99 })).items
}

async function due(world: World) {
  return world.store.outbox.due({ now: world.now, limit: 9, holdMs: HOLD, nodeId: NODE })
}

function attempt(world: World, effectId: string, ok: boolean, nextTryAt: number | null) {
  const delivery = {
    effectId,
    number: 1,
    startedAt: world.now,
    endedAt: world.now + 5,
    status: ok ? 200 : 500,
    ok,
    message: ok ? 'ok' : 'no',
  }
  return world.store.outbox.record([{ delivery, nextTryAt }])
}

export function outboxContract(kind: StoreKind): void {
  test('a final run with a callback has exactly one effect, written with its end', async () => {
    await using world = await World.open(kind)
    const callback = { url: URL, headers: { a: 'b' } }
    const work = await world.running({ callback })
    await world.settle(again(work, T0))
    assert.deepEqual(await effects(world), [])
    const [second] = await world.claim()
    await world.settle(done(second!))
    const { projectId, jobId, id: runId } = work.run
    const [effect, ...others] = await effects(world)
    assert.deepEqual(others, [])
    assert.deepEqual(effect, {
      id: effect?.id,
      kind: 'callback',
      projectId,
      jobId,
      runId,
      callback,
      status: 'pending',
      tries: 0,
      nextTryAt: T0,
      createdAt: T0,
      endedAt: null,
    })
  })

  test('only the statuses it asked for are told', async () => {
    await using world = await World.open(kind)
    await world.ended({ callback: { url: URL, on: ['failed'] } }, 'succeeded')
    await world.ended({ callback: null }, 'failed')
    assert.deepEqual(await effects(world), [])
    const failed = await world.ended({ callback: { url: URL, on: ['failed'] } }, 'failed')
    assert.deepEqual(
      (await effects(world)).map(({ runId }) => runId),
      [failed.id],
    )
  })

  test('the callback is the one the run was planned under', async () => {
    await using world = await World.open(kind)
    const work = await world.running({ callback: { url: URL } })
    const job = (await world.store.jobs.get(work.run.jobId))!
    const edited = { ...job, version: 2, spec: { ...job.spec, callback: null } }
    await world.store.jobs.change(job.id, () => ({ plan: null, job: edited }), { now: T0, by: 'me' })
    await world.settle(done(work))
    assert.equal((await effects(world))[0]?.callback.url, URL)
  })

  test('a due effect comes with its run and is held until it is reported or the hold ends', async () => {
    await using world = await World.open(kind)
    const run = await world.ended({ callback: { url: URL } })
    const [taken] = await due(world)
    assert.deepEqual(taken?.run, run)
    assert.equal(taken?.effect.nextTryAt, T0)
    assert.deepEqual(await due(world), [])
    assert.equal(await world.store.outbox.nextTryAt(), T0 + HOLD)
    world.now += HOLD
    assert.equal((await due(world)).length, 1)
  })

  test('a failed try comes back at its time, a good one ends it', async () => {
    await using world = await World.open(kind)
    await world.ended({ callback: { url: URL } })
    const { effect } = (await due(world))[0]!
    await attempt(world, effect.id, false, T0 + MINUTE)
    assert.equal(await world.store.outbox.nextTryAt(), T0 + MINUTE)
    world.now += MINUTE
    assert.equal((await due(world))[0]?.effect.tries, 1)
    await attempt(world, effect.id, true, null)
    const found = await world.store.outbox.get(effect.id)
    assert.deepEqual(
      [found?.effect.status, found?.effect.tries, found?.effect.endedAt],
      ['delivered', 2, world.now + 5],
    )
    assert.deepEqual(
      found?.deliveries.map(({ number, ok, status }) => [number, ok, status]),
      [
        [1, false, 500],
        [2, true, 200],
      ],
    )
    assert.equal(await world.store.outbox.nextTryAt(), null)
  })

  test('without a further try it is dead, and can be tried again from the start', async () => {
    await using world = await World.open(kind)
    await world.ended({ callback: { url: URL } })
    const [effect] = await effects(world)
    assert.equal(await world.store.outbox.redeliver(effect!.id, T0), false)
    await attempt(world, effect!.id, false, null)
    assert.equal((await effects(world))[0]?.status, 'dead')
    assert.deepEqual(await due(world), [])
    assert.equal(await world.store.outbox.redeliver(effect!.id, T0 + MINUTE), true)
    const [again] = await effects(world)
    assert.deepEqual(
      [again?.status, again?.tries, again?.nextTryAt, again?.endedAt],
      ['pending', 0, T0 + MINUTE, null],
    )
    world.now = T0 + MINUTE
    await attempt(world, effect!.id, true, null)
    const found = await world.store.outbox.get(effect!.id)
    assert.deepEqual(
      found?.deliveries.map(({ number }) => number),
      [1, 2],
    )
    assert.equal(await world.store.outbox.redeliver(effect!.id, T0), true)
  })

  test('late news of a try is kept, and a delivery is never undone', async () => {
    await using world = await World.open(kind)
    await world.ended({ callback: { url: URL } })
    const [effect] = await effects(world)
    await attempt(world, effect!.id, true, null)
    await attempt(world, effect!.id, false, T0 + MINUTE)
    const found = await world.store.outbox.get(effect!.id)
    assert.deepEqual([found?.effect.status, found?.deliveries.length], ['delivered', 2])
  })

  test('a try that is recorded twice, as after a commit nobody confirmed, counts once', async () => {
    await using world = await World.open(kind)
    await world.ended({ callback: { url: URL } })
    const [due1] = await due(world)
    const id = due1!.effect.id
    await attempt(world, id, false, T0 + MINUTE)
    await attempt(world, id, false, T0 + MINUTE)
    const found = await world.store.outbox.get(id)
    assert.deepEqual([found?.effect.tries, found?.deliveries.length], [1, 1])
    world.now += MINUTE
    await attempt(world, id, false, null)
    const after = await world.store.outbox.get(id)
    assert.deepEqual([after?.effect.status, after?.effect.tries, after?.deliveries.length], ['dead', 2, 2])
  })

  test('what does not exist is null or false', async () => {
    await using world = await World.open(kind)
    assert.equal(await world.store.outbox.get('eff_none'), null)
    assert.equal(await world.store.outbox.redeliver('eff_none', T0), false)
    await attempt(world, 'eff_none', true, null)
  })

  test('effects are listed newest first, by status, run, job and project', async () => {
    await using world = await World.open(kind)
    const other = await world.project('other')
    const a = await world.ended({ callback: { url: URL } })
    const b = await world.ended({ callback: { url: URL } }, 'failed')
    const list = async (filter: Parameters<typeof world.store.outbox.list>[0]): Promise<string[]> =>
      (await world.store.outbox.list(filter, { limit: 9 })).items.map(({ runId }) => runId)
    await attempt(world, (await effects(world))[1]!.id, true, null)
    assert.deepEqual(await list({}), [b.id, a.id])
    assert.deepEqual(await list({ status: 'delivered' }), [a.id])
    assert.deepEqual(await list({ status: 'pending' }), [b.id])
    assert.deepEqual(await list({ status: 'dead' }), [])
    assert.deepEqual(await list({ runId: a.id }), [a.id])
    assert.deepEqual(await list({ jobId: b.jobId }), [b.id])
    assert.deepEqual(await list({ jobId: b.jobId, runId: a.id }), [])
    assert.deepEqual(await list({ projectIds: [a.projectId] }), [b.id, a.id])
    assert.deepEqual(await list({ projectIds: [other.id] }), [])
    const first = await world.store.outbox.list({}, { limit: 1 })
    const second = await world.store.outbox.list({}, { limit: 1, cursor: first.nextCursor! })
    assert.deepEqual(
      [...first.items, ...second.items].map(({ runId }) => runId),
      [b.id, a.id],
    )
    assert.equal(second.nextCursor, null)
  })
}
