import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApiKey } from '../../src/domain/api-key.ts'
import { DEFAULT_PROJECT_ID } from '../../src/domain/project.ts'
import { DAY, type StoreKind, T0, World } from './world.ts'

function key(over: Partial<ApiKey> = {}): ApiKey {
  return {
    id: 'key_1',
    name: 'ci',
    hint: 'car_abc',
    hash: 'a'.repeat(64),
    scopes: ['jobs:read', 'runs:write'],
    projectIds: null,
    createdAt: T0,
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    previous: null,
    ...over,
  }
}

export function projectsAndKeysContract(kind: StoreKind): void {
  test('the default project exists from the start', async () => {
    await using world = await World.open(kind)
    const project = await world.store.projects.get(DEFAULT_PROJECT_ID)
    assert.deepEqual([project?.name, project?.keep, project?.version], ['default', {}, 1])
    assert.deepEqual(await world.store.projects.byName('default'), project)
  })

  test('projects are added once by name, listed by name', async () => {
    await using world = await World.open(kind)
    const b = await world.project('b', { days: 3 })
    const a = await world.project('a')
    assert.equal(await world.store.projects.add({ ...a, id: 'prj_x' }), false)
    assert.deepEqual(await world.store.projects.get(b.id), b)
    assert.equal(await world.store.projects.get('prj_none'), null)
    const first = await world.store.projects.list({ limit: 2 })
    const rest = await world.store.projects.list({ limit: 2, cursor: first.nextCursor! })
    assert.deepEqual(
      [...first.items, ...rest.items].map(({ name }) => name),
      ['a', 'b', 'default'],
    )
    assert.equal(rest.nextCursor, null)
  })

  test('several are found at once, by name before id', async () => {
    await using world = await World.open(kind)
    const { projects } = world.store
    const [a, b] = [await world.project('a'), await world.project('b')]
    const posing = await world.project(b.id)
    const found = await projects.named(['none', b.id, 'a', a.id, 'a'])
    assert.deepEqual(found, [posing, a])
    assert.deepEqual(await projects.named([]), [])
  })

  test('an update goes by version, and gives up on a taken name', async () => {
    await using world = await World.open(kind)
    const { store } = world
    const project = await world.project('a')
    const next = {
      ...project,
      name: 'z',
      keep: { last: 2 },
      targets: { policy: 'listed', allow: ['*.corp.example'], deny: ['10.0.0.0/8'] } as const,
      quotas: { jobs: 3 },
      version: 2,
    }
    assert.equal(await store.projects.update(next), true)
    assert.equal(await store.projects.update({ ...next, name: 'y' }), false)
    assert.equal(await store.projects.update({ ...next, name: 'default', version: 3 }), false)
    assert.deepEqual(await store.projects.get(project.id), next)
  })

  test('a project with jobs, or with the ledger of deleted ones, stays', async () => {
    await using world = await World.open(kind)
    const { store } = world
    const project = await world.project('a')
    const job = await world.job({}, { projectId: project.id })
    assert.equal(await store.projects.delete(project.id), false)
    await store.jobs.change(job.id, () => ({ plan: null, job: null }), { now: T0, by: 'me' })
    assert.equal(await store.projects.delete(project.id), false)
    await store.housekeeping.forget({ now: T0 + 99 * DAY, limit: 99, retention: { defaultDays: 30 } })
    assert.equal(await store.projects.delete(project.id), true)
    assert.equal(await store.projects.get(project.id), null)
    assert.deepEqual(await store.jobs.list({ projectIds: [project.id] }, { limit: 9 }), {
      items: [],
      nextCursor: null,
    })
    await world.project('a')
  })

  test('a key comes back by id and by hash', async () => {
    await using world = await World.open(kind)
    const { keys } = world.store
    const limited = key({ id: 'key_2', hash: 'b', projectIds: ['prj_default'], expiresAt: T0 + DAY })
    await keys.add(key())
    await keys.add(limited)
    assert.deepEqual(await keys.get('key_1'), key())
    assert.deepEqual(await keys.byHash('b'), limited)
    assert.equal(await keys.byHash('c'), null)
    const first = await keys.list({ limit: 1 })
    const rest = await keys.list({ limit: 9, cursor: first.nextCursor! })
    assert.deepEqual(
      [...first.items, ...rest.items].map(({ id }) => id),
      ['key_1', 'key_2'],
    )
  })

  test('after a rotation a key is found by its old hash too', async () => {
    await using world = await World.open(kind)
    const { keys } = world.store
    await keys.add(key({ hash: 'old' }))
    const rotated = key({ hash: 'new', previous: { hash: 'old', until: T0 + DAY } })
    assert.equal(await keys.update(rotated), true)
    assert.deepEqual(await keys.byHash('old'), rotated)
    assert.deepEqual(await keys.byHash('new'), rotated)
    assert.equal(await keys.update(key({ id: 'key_none', hash: 'x' })), false)
  })

  test('a key that was revoked meanwhile stays revoked, unless it is the operator who brings it back', async () => {
    await using world = await World.open(kind)
    const { keys } = world.store
    await keys.add(key())
    assert.equal(await keys.updateLive(key({ hash: 'new' })), true)
    const revoked = key({ hash: 'new', revokedAt: T0 })
    assert.equal(await keys.updateLive(revoked), true)
    assert.equal(await keys.updateLive(key({ hash: 'newer' })), false)
    assert.deepEqual(await keys.get('key_1'), revoked)
    assert.equal(await keys.updateLive(key({ id: 'key_none', hash: 'x' })), false)
    assert.equal(await keys.update(key({ hash: 'newer' })), true)
    assert.equal((await keys.get('key_1'))?.revokedAt, null)
  })

  test('what is changed of a key is changed alone, whatever others change meanwhile', async () => {
    await using world = await World.open(kind)
    const { keys } = world.store
    await keys.add(key({ name: 'old', scopes: ['admin'], hash: 'hash' }))
    await Promise.all([
      keys.edit('key_1', { scopes: ['jobs:read'] }),
      keys.edit('key_1', { name: 'new' }),
      keys.edit('key_1', { expiresAt: T0 + DAY }),
    ])
    const changed = key({ name: 'new', scopes: ['jobs:read'], hash: 'hash', expiresAt: T0 + DAY })
    assert.deepEqual(await keys.get('key_1'), changed)
    assert.equal(await keys.edit('key_1', { expiresAt: null }), true)
    assert.equal((await keys.get('key_1'))?.expiresAt, null)
    assert.equal(await keys.edit('key_none', { name: 'x' }), false)
    await keys.updateLive(key({ hash: 'hash', revokedAt: T0 }))
    assert.equal(await keys.edit('key_1', { name: 'x' }), false)
  })

  test('of those who rotate a key at once one succeeds; its last use stays', async () => {
    await using world = await World.open(kind)
    const { keys } = world.store
    await keys.add(key({ hash: 'old' }))
    await keys.touch('key_1', T0 + 5)
    const to = (hash: string, from: string): Promise<boolean> =>
      keys.rotate({ id: 'key_1', hash, hint: 'ck_n…', previous: { hash: from, until: T0 + DAY } }, from)
    const done = await Promise.all([to('one', 'old'), to('two', 'old'), to('three', 'old')])
    assert.deepEqual(done.toSorted(), [false, false, true])
    const kept = ['one', 'two', 'three'][done.indexOf(true)]!
    const stored = await keys.get('key_1')
    assert.deepEqual(
      [stored?.hash, stored?.previous, stored?.lastUsedAt],
      [kept, { hash: 'old', until: T0 + DAY }, T0 + 5],
    )
    assert.equal(await to('four', 'old'), false)
    await keys.updateLive({ ...stored!, revokedAt: T0 })
    assert.equal(await to('five', kept), false)
  })

  test('the last use only moves forward', async () => {
    await using world = await World.open(kind)
    const { keys } = world.store
    await keys.add(key())
    await keys.touch('key_1', T0 + 5)
    await keys.touch('key_1', T0 + 3)
    assert.equal((await keys.get('key_1'))?.lastUsedAt, T0 + 5)
  })
}
