import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Visit } from '../../src/domain/visit.ts'
import { type StoreKind, T0, World } from './world.ts'

function visit(over: Partial<Visit> = {}): Visit {
  return {
    id: 'vis_1',
    kind: 'visit',
    hash: 'a'.repeat(64),
    keyId: 'key_1',
    keyHash: 'c'.repeat(64),
    guest: null,
    createdAt: T0,
    expiresAt: T0 + 1_000,
    ...over,
  }
}

export function visitsContract(kind: StoreKind): void {
  test('a visit is found by its hash until it ends', async () => {
    await using world = await World.open(kind)
    const { visits } = world.store
    await visits.add(visit())
    assert.deepEqual(await visits.byHash('a'.repeat(64)), visit())
    const early = visit({ id: 'vis_0', hash: 'e', keyHash: null })
    await visits.add(early)
    assert.deepEqual(await visits.byHash('e'), early)
    assert.equal(await visits.byHash('b'), null)
    assert.equal(await visits.end('vis_1'), true)
    assert.equal(await visits.end('vis_1'), false)
    assert.equal(await visits.byHash('a'.repeat(64)), null)
  })

  test('a guest is kept with the visit', async () => {
    await using world = await World.open(kind)
    const { visits } = world.store
    const voucher = { kind: 'oidc', issuer: 'https://login.example.com', subject: 'Ü "1"' } as const
    const guest = { name: 'anna', scopes: ['jobs:read'] as const, projectIds: ['prj_1'], voucher }
    await visits.add(visit({ keyId: 'oidc_1', guest }))
    assert.deepEqual(await visits.byHash('a'.repeat(64)), visit({ keyId: 'oidc_1', guest }))
  })

  test('visits are listed page by page, the newest first, tickets are not', async () => {
    await using world = await World.open(kind)
    const { visits } = world.store
    for (let n = 1; n <= 5; n += 1) await visits.add(visit({ id: `vis_${n}`, hash: `h${n}` }))
    await visits.add(visit({ id: 'vis_t', kind: 'ticket', hash: 't' }))
    await visits.end('vis_2')
    const first = await visits.list({ limit: 3 })
    assert.deepEqual(
      first.items.map(({ id }) => id),
      ['vis_5', 'vis_4', 'vis_3'],
    )
    const rest = await visits.list({ limit: 3, cursor: first.nextCursor! })
    assert.deepEqual([rest.items.map(({ id }) => id), rest.nextCursor], [['vis_1'], null])
    assert.deepEqual(await visits.get('vis_3'), visit({ id: 'vis_3', hash: 'h3' }))
    assert.equal(await visits.get('vis_2'), null)
  })

  test('a ticket is exchanged once', async () => {
    await using world = await World.open(kind)
    const { visits } = world.store
    await visits.add(visit({ id: 'vis_t', kind: 'ticket', hash: 't' }))
    const first = visit({ id: 'vis_a', hash: 'x', createdAt: T0 + 1 })
    const second = visit({ id: 'vis_b', hash: 'y', createdAt: T0 + 1 })
    const won = await Promise.all([visits.exchange('t', first), visits.exchange('t', second)])
    assert.deepEqual(won.toSorted(), [false, true])
    assert.deepEqual(await visits.byHash('x'), won[0] ? first : null)
    assert.deepEqual(await visits.byHash('y'), won[1] ? second : null)
    assert.equal(await visits.byHash('t'), null)
  })

  test('neither a visit nor an expired ticket is exchanged', async () => {
    await using world = await World.open(kind)
    const { visits } = world.store
    await visits.add(visit())
    await visits.add(visit({ id: 'vis_t', kind: 'ticket', hash: 't' }))
    const next = visit({ id: 'vis_n', hash: 'n', createdAt: T0 + 1_000 })
    assert.equal(await visits.exchange('a'.repeat(64), { ...next, createdAt: T0 }), false)
    assert.equal(await visits.exchange('t', next), false)
    assert.equal(await visits.byHash('n'), null)
  })

  test('expired ones are forgotten when others come', async () => {
    await using world = await World.open(kind)
    const { visits } = world.store
    await visits.add(visit())
    await visits.add(visit({ id: 'vis_2', hash: 'b', createdAt: T0 + 1_000, expiresAt: T0 + 9_000 }))
    assert.equal(await visits.byHash('a'.repeat(64)), null)
    assert.notEqual(await visits.byHash('b'), null)
  })
}
