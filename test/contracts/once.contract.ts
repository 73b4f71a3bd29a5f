import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Once } from '../../src/ports/store.ts'
import { at, DAY, rejectsWith, type StoreKind, T0, World } from './world.ts'

const mark = (over: Partial<Once> = {}): Once => ({
  scope: 'key_1',
  key: 'k',
  hash: 'h',
  result: { ids: ['a'], n: null },
  at: T0,
  ...over,
})

export function onceContract(kind: StoreKind): void {
  test('a mark is stored with what its request did', async () => {
    await using world = await World.open(kind)
    const job = world.draft()
    await world.store.jobs.add([job], 'me', mark())
    assert.deepEqual(await world.store.once.find('key_1', 'k'), mark())
    assert.equal(await world.store.once.find('key_2', 'k'), null)
    assert.equal(await world.store.once.find('key_1', 'K'), null)
  })

  test('a second request with the same mark does nothing at all', async () => {
    await using world = await World.open(kind)
    const first = world.draft()
    const second = world.draft()
    await world.store.jobs.add([first], 'me', mark())
    await rejectsWith('idempotency_in_flight', world.store.jobs.add([second], 'me', mark({ result: 2 })))
    assert.equal(await world.store.jobs.get(second.id), null)
    const manual = at(T0, {}, { trigger: 'manual' })
    const trigger = world.store.jobs.change(first.id, ({ job }) => ({ plan: null, job, runs: [manual] }), {
      now: T0,
      by: 'me',
      once: mark(),
    })
    await rejectsWith('idempotency_in_flight', trigger)
    assert.deepEqual(await world.allRuns(first.id), [])
    assert.deepEqual(await world.store.once.find('key_1', 'k'), mark())
  })

  test('a request that changed nothing leaves no mark', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    const other = await world.job()
    await world.store.jobs.add([world.draft({ name: job.spec.name })], 'me', mark())
    const taken = { ...job, version: 2, spec: { ...job.spec, name: other.spec.name } }
    await world.store.jobs.change(job.id, () => ({ plan: null, job: taken }), {
      now: T0,
      by: 'me',
      once: mark(),
    })
    await world.store.jobs.change('job_none', () => assert.fail(), { now: T0, by: 'me', once: mark() })
    assert.equal(await world.store.once.find('key_1', 'k'), null)
  })

  test('a mark is kept for a day', async () => {
    await using world = await World.open(kind)
    await world.store.jobs.add([world.draft()], 'me', mark())
    const sweep = (now: number) =>
      world.store.housekeeping.forget({ now, limit: 99, retention: { defaultDays: 30 } })
    await sweep(T0 + DAY - 1)
    assert.notEqual(await world.store.once.find('key_1', 'k'), null)
    await sweep(T0 + DAY)
    assert.equal(await world.store.once.find('key_1', 'k'), null)
  })
}
