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

  test('a project has no more jobs than its quota, and nothing of what exceeds it is written', async () => {
    await using world = await World.open(kind)
    const { store } = world
    const plain = await world.project('plain')
    const project = await world.project('limited')
    await store.projects.update({ ...project, quotas: { jobs: 2 }, version: 2 })
    const job = (name: string, projectId = project.id) => world.draft({ name }, { projectId })
    const first = job('a')
    assert.deepEqual(await store.jobs.add([first, job('x', plain.id)], 'me'), { kind: 'added' })
    assert.deepEqual(await store.jobs.add([job('b'), job('y', plain.id), job('c')], 'me'), {
      kind: 'jobs_quota',
      projectId: project.id,
      max: 2,
    })
    assert.equal((await store.jobs.list({}, { limit: 9 })).items.length, 2)
    assert.deepEqual(await store.jobs.add([job('b')], 'me'), { kind: 'added' })
    assert.equal((await store.jobs.add([job('c')], 'me')).kind, 'jobs_quota')
    await store.jobs.change(first.id, () => ({ plan: null, job: null }), { now: T0, by: 'me' })
    assert.deepEqual(await store.jobs.add([job('c')], 'me'), { kind: 'added' })
  })

  test('many who add at once stay within the quota', async () => {
    await using world = await World.open(kind)
    const { store } = world
    const project = await world.project('limited')
    await store.projects.update({ ...project, quotas: { jobs: 3 }, version: 2 })
    const jobs = Array.from({ length: 8 }, (_, n) =>
      world.draft({ name: `job-${n}` }, { projectId: project.id }),
    )
    const kinds = await Promise.all(jobs.map(async (job) => (await store.jobs.add([job], 'me')).kind))
    assert.deepEqual(kinds.toSorted(), [...Array(3).fill('added'), ...Array(5).fill('jobs_quota')])
  })

  test('a name is unique within its project only', async () => {
    await using world = await World.open(kind)
    const other = await world.project('other')
    const first = await world.job({ name: 'same' })
    const second = await world.job({ name: 'same' }, { projectId: other.id })
    assert.equal((await world.store.jobs.byName(first.projectId, 'same'))?.id, first.id)
    assert.equal((await world.store.jobs.byName(other.id, 'same'))?.id, second.id)
  })

  test('those of one name are found in all projects, the oldest first', async () => {
    await using world = await World.open(kind)
    const other = await world.project('other')
    const first = await world.job({ name: 'same' }, { projectId: other.id })
    const second = await world.job({ name: 'same' })
    const third = await world.job({ name: 'third' })
    await world.job({ name: 'Same' })
    assert.deepEqual(await world.store.jobs.named(['same', 'none', 'same']), [first, second])
    assert.deepEqual(await world.store.jobs.named(['third', 'same']), [first, second, third])
    assert.deepEqual(await world.store.jobs.named([]), [])
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
