import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type StoreKind, T0, World } from './world.ts'

export function jobsContract(kind: StoreKind): void {
  test('an added job comes back as it was, by id, by name and as version 1', async () => {
    await using world = await World.open(kind)
    const pause = { at: T0, until: T0 + 5, note: 'ü', by: 'me' }
    const callback = { url: 'http://127.0.0.1/told', on: ['failed'] }
    const job = await world.job(
      { description: 'said', labels: { team: 'a' }, callback, policy: { keep: { days: 3 } } },
      { status: 'paused', pause },
    )
    assert.deepEqual(await world.store.jobs.get(job.id), job)
    assert.deepEqual(await world.store.jobs.byName(job.projectId, job.spec.name), job)
    assert.deepEqual(await world.store.jobs.versions(job.id), [
      { jobId: job.id, version: 1, spec: job.spec, createdAt: job.createdAt, createdBy: 'key_1' },
    ])
    assert.equal(await world.store.jobs.version(job.id, 2), null)
  })

  test('what does not exist is null', async () => {
    await using world = await World.open(kind)
    assert.equal(await world.store.jobs.get('job_none'), null)
    assert.equal(await world.store.jobs.byName('prj_none', 'x'), null)
    assert.equal(await world.store.jobs.version('job_none', 1), null)
    assert.deepEqual(await world.store.jobs.versions('job_none'), [])
  })

  test('add is all or nothing: taken names are told by position, and nothing is written', async () => {
    await using world = await World.open(kind)
    const taken = await world.job()
    const [a, b, c] = [world.draft(), world.draft({ name: taken.spec.name }), world.draft()]
    const result = await world.store.jobs.add([a, b, { ...c, spec: a.spec }], 'key_1')
    assert.deepEqual(result, { kind: 'names_taken', positions: [1, 2] })
    assert.equal(await world.store.jobs.get(a.id), null)
    assert.equal(await world.store.runs.nextDueAt(), T0)
  })

  test('a name is unique within its project only', async () => {
    await using world = await World.open(kind)
    const other = await world.project('other')
    const first = await world.job({ name: 'same' })
    const second = await world.job({ name: 'same' }, { projectId: other.id })
    assert.equal((await world.store.jobs.byName(first.projectId, 'same'))?.id, first.id)
    assert.equal((await world.store.jobs.byName(other.id, 'same'))?.id, second.id)
  })

  test('takenNames answers by position', async () => {
    await using world = await World.open(kind)
    const { projectId, spec } = await world.job()
    const names = [
      { projectId, name: 'free' },
      { projectId, name: spec.name },
      { projectId: 'prj_none', name: spec.name },
    ]
    assert.deepEqual(await world.store.jobs.takenNames(names), [1])
  })
}
