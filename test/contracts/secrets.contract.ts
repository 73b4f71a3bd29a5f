import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_PROJECT_ID } from '../../src/domain/project.ts'
import type { SealedSecret } from '../../src/ports/store.ts'
import { done, type StoreKind, T0, World } from './world.ts'

const secret = (name: string, over: Partial<SealedSecret> = {}): SealedSecret => ({
  projectId: DEFAULT_PROJECT_ID,
  name,
  id: `sec_${name}`,
  keyId: 'k1',
  sealed: `sealed ${name}`,
  createdAt: T0,
  updatedAt: T0,
  updatedBy: 'key_1',
  ...over,
})

const asking = (name: string) => ({
  target: { http: { url: 'https://example.com', headers: { A: `{{ secret.${name} }}` } } },
})

export function secretsContract(kind: StoreKind): void {
  test('a secret is added, replaced and read back as it was sealed', async () => {
    await using world = await World.open(kind)
    const { secrets } = world.store
    assert.equal(await secrets.put(secret('one'), 9), 'added')
    const next = secret('one', { id: 'sec_next', keyId: 'k2', sealed: 'x', updatedAt: T0 + 1, createdAt: T0 })
    assert.equal(await secrets.put(next, 9), 'replaced')
    assert.deepEqual(await secrets.get(DEFAULT_PROJECT_ID, 'one'), next)
    assert.equal(await secrets.get(DEFAULT_PROJECT_ID, 'two'), null)
    assert.equal(await secrets.put(secret('one', { projectId: 'prj_none', id: 'sec_x' }), 9), 'no_project')
  })

  test('each project has its own, and no more than it may', async () => {
    await using world = await World.open(kind)
    const { secrets, projects } = world.store
    const other = await world.project('other')
    await secrets.put(secret('one'), 2)
    assert.equal(await secrets.put(secret('one', { projectId: other.id, id: 'sec_o' }), 2), 'added')
    await secrets.put(secret('two'), 2)
    assert.equal(await secrets.put(secret('three'), 2), 'full')
    assert.equal(await secrets.put(secret('two', { id: 'sec_again' }), 2), 'replaced')
    const some = await secrets.some(DEFAULT_PROJECT_ID, ['one', 'two', 'nine'])
    assert.deepEqual(some.map(({ id }) => id).sort(), ['sec_again', 'sec_one'])
    assert.deepEqual(await secrets.some('prj_none', ['one']), [])
    assert.equal(await projects.delete(other.id), true)
    assert.deepEqual(await secrets.some(other.id, ['one']), [])
  })

  test('lists go by name, without what was sealed', async () => {
    await using world = await World.open(kind)
    const { secrets } = world.store
    for (const name of ['b', 'A', 'c', 'B']) await secrets.put(secret(name), 9)
    const first = await secrets.list(DEFAULT_PROJECT_ID, { limit: 3 })
    const rest = await secrets.list(DEFAULT_PROJECT_ID, { limit: 3, cursor: first.nextCursor! })
    assert.deepEqual(
      [...first.items, ...rest.items].map(({ name }) => name),
      ['A', 'B', 'b', 'c'],
    )
    assert.equal(rest.nextCursor, null)
    assert.equal(JSON.stringify(first).includes('sealed '), false)
  })

  test('one that a job or an open run asks for stays', async () => {
    await using world = await World.open(kind)
    const { secrets, jobs } = world.store
    for (const name of ['one', 'one_more', 'two']) await secrets.put(secret(name), 9)
    const job = await world.job(asking('one'), { nextDueAt: null })
    const name = job.spec.name
    assert.deepEqual(await secrets.delete(DEFAULT_PROJECT_ID, 'one'), { usedBy: [name] })
    assert.deepEqual(await secrets.delete(DEFAULT_PROJECT_ID, 'one_more'), { usedBy: [] })
    assert.equal(await secrets.delete(DEFAULT_PROJECT_ID, 'one_more'), null)
    await jobs.change(job.id, () => ({ plan: null, job: null }), { now: T0, by: 'me' })
    assert.deepEqual(await secrets.delete(DEFAULT_PROJECT_ID, 'one'), { usedBy: [] })
    const work = await world.running(asking('two'))
    await jobs.change(
      work.run.jobId,
      ({ job: old }) => ({ plan: null, job: { ...old, version: 2, spec: { ...old.spec, ...asking('x') } } }),
      { now: T0, by: 'me' },
    )
    assert.equal((await secrets.delete(DEFAULT_PROJECT_ID, 'two'))?.usedBy.length, 1)
    await world.settle(done(work))
    assert.deepEqual(await secrets.delete(DEFAULT_PROJECT_ID, 'two'), { usedBy: [] })
  })

  test('what is sealed with another key is found, and sealed anew unless it was set meanwhile', async () => {
    await using world = await World.open(kind)
    const { secrets } = world.store
    await secrets.put(secret('one'), 9)
    await secrets.put(secret('two', { keyId: 'k2' }), 9)
    assert.deepEqual(await secrets.keyIds(), ['k1', 'k2'])
    assert.deepEqual(
      (await secrets.sealedOtherwise('k2', 9)).map(({ id }) => id),
      ['sec_one'],
    )
    assert.equal(await secrets.reseal('sec_gone', 'k2', 'y'), false)
    assert.equal(await secrets.reseal('sec_one', 'k2', 'y'), true)
    assert.equal((await secrets.get(DEFAULT_PROJECT_ID, 'one'))?.sealed, 'y')
    assert.deepEqual(await secrets.keyIds(), ['k2'])
  })
}
