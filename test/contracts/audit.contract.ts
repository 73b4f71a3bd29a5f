import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AUDIT_ROOT, type AuditDraft } from '../../src/domain/audit.ts'
import type { Project } from '../../src/domain/project.ts'
import type { Store } from '../../src/ports/store.ts'
import { verifyAudit } from '../../src/sdk/audit.ts'
import { type StoreKind, T0, World } from './world.ts'

const draft = (id: string, over: Partial<AuditDraft> = {}): AuditDraft => ({
  id,
  at: T0,
  actorId: 'key_1',
  actorName: 'tester',
  action: 'project.create',
  projectId: null,
  subject: id,
  detail: { a: [1, 'ü', null] },
  ...over,
})

const project = (name: string): Project => ({
  id: `prj_${name}`,
  name,
  description: null,
  keep: {},
  targets: {},
  quotas: {},
  version: 1,
  createdAt: T0,
  updatedAt: T0,
})

const add = (store: Store, name: string, over: Partial<AuditDraft> = {}): Promise<boolean> =>
  store.audit.during(draft(`aud_${name}`, over), () => store.projects.add(project(name)))

const wire = (entries: Awaited<ReturnType<Store['audit']['chain']>>) =>
  entries.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString(), detail: { ...entry.detail } }))

export function auditContract(kind: StoreKind): void {
  test('what was done elsewhere is written down too', async () => {
    await using world = await World.open(kind)
    const { audit } = world.store
    assert.equal(await audit.during(draft('aud_elsewhere'), () => audit.note()), true)
    assert.deepEqual(
      (await audit.list({}, { limit: 9 })).items.map(({ id }) => id),
      ['aud_elsewhere'],
    )
  })

  test('what was done is written down with it; what was refused is not', async () => {
    await using world = await World.open(kind)
    const { store } = world
    assert.equal(await add(store, 'a'), true)
    assert.equal(await store.audit.during(draft('aud_again'), () => store.projects.add(project('a'))), false)
    await assert.rejects(
      store.audit.during(draft('aud_thrown'), async () => {
        throw new Error('never mind')
      }),
    )
    const { items } = await store.audit.list({}, { limit: 9 })
    assert.deepEqual(items, [{ ...draft('aud_a'), link: null, hash: null }])
  })

  test('asking a server to take no more work is written down', async () => {
    await using world = await World.open(kind)
    const { nodes, audit } = world.store
    await nodes.register({ id: 'nod_asked', hostname: 'h', pid: 1, version: '0' }, T0, 1_000)
    const asked = draft('aud_drain', { action: 'node.drain', subject: 'nod_asked' })
    const node = await audit.during(asked, () => nodes.drain('nod_asked', true))
    assert.equal(node?.draining, true)
    const { items } = await audit.list({}, { limit: 9 })
    assert.deepEqual(
      items.map(({ id }) => id),
      ['aud_drain'],
    )
    await nodes.leave('nod_asked', T0)
    const gone = await audit.during({ ...asked, id: 'aud_gone' }, () => nodes.drain('nod_asked', false))
    assert.notEqual(gone?.gone, null)
    assert.equal((await audit.list({}, { limit: 9 })).items.length, 1)
  })

  test('an entry that cannot be written takes the change back', async () => {
    await using world = await World.open(kind)
    const { store } = world
    await add(store, 'a')
    await assert.rejects(store.audit.during(draft('aud_a'), () => store.projects.add(project('b'))))
    assert.equal(await store.projects.get('prj_b'), null)
  })

  test('one entry for a step of several transactions, and none for what goes on beside it', async () => {
    await using world = await World.open(kind)
    const { store } = world
    await Promise.all([
      store.audit.during(draft('aud_two'), async () => {
        await store.projects.add(project('a'))
        await store.projects.add(project('b'))
      }),
      store.projects.add(project('c')),
    ])
    const { items } = await store.audit.list({}, { limit: 9 })
    assert.deepEqual(
      items.map(({ id }) => id),
      ['aud_two'],
    )
  })

  test('links make one chain, whoever links them, and nothing in it can change', async () => {
    await using world = await World.open(kind)
    const { store } = world
    for (let n = 0; n < 25; n += 1) await add(store, `p${n}`)
    const linked = await Promise.all(Array.from({ length: 8 }, () => store.audit.link(7)))
    assert.equal(
      linked.reduce((sum, count) => sum + count, 0),
      25,
    )
    assert.equal(await store.audit.link(7), 0)
    await add(store, 'late')
    await store.audit.link(7)
    const chain = await store.audit.chain(0, 100)
    assert.deepEqual(
      chain.map(({ link }) => link),
      Array.from({ length: 26 }, (_, n) => n + 1),
    )
    assert.deepEqual(
      (await store.audit.chain(24, 1)).map(({ link }) => link),
      [25],
    )
    const entries = wire(chain)
    const verdict = await verifyAudit(entries)
    assert.deepEqual(verdict, { ok: true, links: 26, head: chain.at(-1)?.hash })
    for (const change of [
      { actorId: 'key_2' },
      { at: new Date(T0 + 1).toISOString() },
      { subject: null },
      { detail: {} },
      { projectId: 'prj_x' },
      { hash: AUDIT_ROOT },
    ]) {
      const changed = entries.map((entry, n) => (n === 12 ? { ...entry, ...change } : entry))
      const broken = await verifyAudit(changed)
      assert.equal(broken.ok === false && broken.link, 13, JSON.stringify(change))
    }
    const without = await verifyAudit(entries.filter((_, n) => n !== 12))
    assert.equal(without.ok === false && without.link, 13)
    const cut = await verifyAudit(entries.slice(0, 20), { expect: entries.at(-1)?.hash ?? '' })
    assert.equal(cut.ok, false)
    assert.equal((await verifyAudit(entries, { expect: entries[9]?.hash ?? '' })).ok, true)
  })

  test('lists are narrowed, newest first, page by page', async () => {
    await using world = await World.open(kind)
    const { store } = world
    for (const name of 'abcd') await add(store, name, { projectId: name < 'c' ? 'prj_1' : 'prj_2' })
    await add(store, 'e', { action: 'key.create', actorId: 'key_9' })
    const ids = async (filter: Parameters<Store['audit']['list']>[0]): Promise<string> => {
      const first = await store.audit.list(filter, { limit: 4 })
      const { nextCursor: cursor } = first
      const rest = cursor === null ? [] : (await store.audit.list(filter, { limit: 4, cursor })).items
      return [...first.items, ...rest].map(({ id }) => id.slice(4)).join('')
    }
    assert.equal(await ids({}), 'edcba')
    assert.equal(await ids({ projectId: 'prj_1' }), 'ba')
    assert.equal(await ids({ action: 'project.create' }), 'dcba')
    assert.equal(await ids({ actorId: 'key_9' }), 'e')
    assert.equal(await ids({ actorId: 'key_9', projectId: 'prj_1' }), '')
    assert.equal(await ids({ subject: 'aud_c' }), 'c')
    await add(store, 'f', { at: T0 + 5 })
    // Another clock: the order is that of the moments, not of the writing.
    await add(store, 'g', { at: T0 - 5 })
    assert.equal(await ids({}), 'fedcbag')
    assert.equal(await ids({ from: T0 + 1 }), 'f')
    assert.equal(await ids({ from: T0, to: T0 + 5 }), 'edcba')
    assert.equal(await ids({ to: T0 }), 'g')
    assert.equal(await ids({ projectId: 'prj_1', from: T0, subject: 'aud_a' }), 'a')
  })
}
