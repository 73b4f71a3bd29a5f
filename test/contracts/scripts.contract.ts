import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_PROJECT_ID } from '../../src/domain/project.ts'
import type { Script } from '../../src/domain/script.ts'
import { done, type StoreKind, T0, World } from './world.ts'

const sha = (letter: string): string => letter.repeat(64)

const script = (over: Partial<Script> = {}): Script => {
  const sha256 = over.sha256 ?? sha('a')
  const projectId = over.projectId ?? DEFAULT_PROJECT_ID
  const about = { name: 'report.py', interpreter: null, bytes: 5, createdAt: T0, createdBy: 'key_1' }
  return { sha256, projectId, blob: `scripts/${projectId}/${sha256}-1`, ...about, ...over }
}

const target = (sha256: string) => ({ target: { script: { sha256, interpreter: 'python3' } } })

export function scriptsContract(kind: StoreKind): void {
  test('a script comes back as it was, by project and hash', async () => {
    await using world = await World.open(kind)
    const { scripts } = world.store
    assert.equal(await scripts.add(script()), true)
    assert.deepEqual(await scripts.get(DEFAULT_PROJECT_ID, sha('a')), script())
    assert.equal(await scripts.get(DEFAULT_PROJECT_ID, sha('b')), null)
    assert.equal(await scripts.get('prj_none', sha('a')), null)
  })

  test('a project has a content once, another has its own', async () => {
    await using world = await World.open(kind)
    const { scripts } = world.store
    const other = await world.project('other')
    await scripts.add(script())
    assert.equal(await scripts.add(script({ blob: 'scripts/again', name: 'other' })), false)
    assert.equal(await scripts.add(script({ projectId: other.id })), true)
    assert.equal(await scripts.add(script({ projectId: 'prj_none', blob: 'scripts/none' })), false)
    assert.deepEqual(await scripts.get(DEFAULT_PROJECT_ID, sha('a')), script())
  })

  test('the newest come first, page by page', async () => {
    await using world = await World.open(kind)
    const { scripts } = world.store
    for (const letter of 'abcde') await scripts.add(script({ sha256: sha(letter) }))
    const first = await scripts.list(DEFAULT_PROJECT_ID, { limit: 3 })
    const rest = await scripts.list(DEFAULT_PROJECT_ID, { limit: 3, cursor: first.nextCursor! })
    assert.deepEqual([...first.items, ...rest.items].map(({ sha256 }) => sha256[0]).join(''), 'edcba')
    assert.equal(rest.nextCursor, null)
    assert.deepEqual(await scripts.list('prj_none', { limit: 3 }), { items: [], nextCursor: null })
  })

  test('a job with a zero character somewhere keeps nobody from deleting a script', async () => {
    await using world = await World.open(kind)
    const { scripts } = world.store
    await scripts.add(script())
    await scripts.add(script({ sha256: sha('b') }))
    await world.job({ ...target(sha('a')), description: 'zero \0 inside' })
    assert.equal(await scripts.delete(DEFAULT_PROJECT_ID, sha('b')), 'deleted')
    assert.equal(await scripts.delete(DEFAULT_PROJECT_ID, sha('a')), 'in_use')
  })

  test('one that a job asks for stays; deleted, its blob is named for deletion', async () => {
    await using world = await World.open(kind)
    const { scripts, jobs, housekeeping } = world.store
    await scripts.add(script())
    await scripts.add(script({ sha256: sha('b') }))
    const job = await world.job(target(sha('a')), { nextDueAt: null })
    assert.equal(await scripts.delete(DEFAULT_PROJECT_ID, sha('a')), 'in_use')
    assert.equal(await scripts.delete(DEFAULT_PROJECT_ID, sha('b')), 'deleted')
    assert.equal(await scripts.delete(DEFAULT_PROJECT_ID, sha('b')), 'absent')
    await jobs.change(job.id, () => ({ plan: null, job: null }), { now: T0, by: 'me' })
    assert.equal(await scripts.delete(DEFAULT_PROJECT_ID, sha('a')), 'deleted')
    assert.equal(await scripts.get(DEFAULT_PROJECT_ID, sha('a')), null)
    const discarded = (await housekeeping.discarded(9)).map(({ prefix }) => prefix)
    assert.deepEqual(discarded.toSorted(), [script().blob, script({ sha256: sha('b') }).blob])
  })

  test('one that a run under an earlier version asks for stays until the run has ended', async () => {
    await using world = await World.open(kind)
    const { scripts, jobs } = world.store
    await scripts.add(script())
    // What is under way here is carried out by a node; which target it has does not matter to the store.
    const work = await world.running()
    const asks = { ...work.spec, ...target(sha('a')) }
    await jobs.change(
      work.run.jobId,
      ({ job }) => ({ plan: null, job: { ...job, version: 2, spec: asks } }),
      { now: T0, by: 'me' },
    )
    assert.equal(await scripts.delete(DEFAULT_PROJECT_ID, sha('a')), 'in_use')
    await world.settle(done(work))
    await jobs.change(
      work.run.jobId,
      ({ job }) => ({ plan: null, job: { ...job, version: 3, spec: work.spec } }),
      { now: T0, by: 'me' },
    )
    assert.equal(await scripts.delete(DEFAULT_PROJECT_ID, sha('a')), 'deleted')
  })

  test('with a project its scripts go', async () => {
    await using world = await World.open(kind)
    const { scripts, projects, housekeeping } = world.store
    const other = await world.project('other')
    await scripts.add(script({ projectId: other.id }))
    assert.equal(await projects.delete(other.id), true)
    assert.deepEqual(
      (await housekeeping.discarded(9)).map(({ prefix }) => prefix),
      [script({ projectId: other.id }).blob],
    )
  })
}
