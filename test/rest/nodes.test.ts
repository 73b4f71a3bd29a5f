// The nodes of a store over HTTP: who is there, how they are, and asking one to take no more work.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SOLE_LEASE_MS } from '../../src/domain/node.ts'
import type { Node, NodeList } from '../../src/protocol/node.ts'
import { assertProblem, OWN_NODE, openHouse, START } from './house.ts'

const LABEL = { hostname: 'bells', pid: 7, version: '1' }
const FIGURES = { skewMs: -3, draining: false, held: 2, latenessP50Ms: 4, latenessP99Ms: 40 }

test('nodes are shown with their lease, their figures and how they ended', async () => {
  await using house = await openHouse()
  const { nodes } = house.store
  await nodes.register({ ...LABEL, id: 'nod_gone' }, START, 6_000)
  await nodes.leave('nod_gone', START)
  await nodes.register({ ...LABEL, id: 'nod_silent' }, START, 6_000)
  house.clock.advance(60_000)
  const now = house.clock.now()
  await nodes.register({ ...LABEL, id: OWN_NODE }, now, SOLE_LEASE_MS)
  await nodes.register({ ...LABEL, id: 'nod_live' }, now, 6_000)
  await nodes.renew('nod_live', now, 6_000, FIGURES)

  const { body } = await house.ask<NodeList>('GET', '/v1/nodes')
  assert.deepEqual(
    body.items.map(({ id, status, self, leaseUntil }) => [id, status, self, leaseUntil]),
    [
      ['nod_live', 'live', false, new Date(now + 6_000).toISOString()],
      [OWN_NODE, 'live', true, null],
      ['nod_silent', 'silent', false, new Date(START + 6_000).toISOString()],
      ['nod_gone', 'left', false, new Date(START + 6_000).toISOString()],
    ],
  )
  const [live, own] = body.items as [Node, Node]
  assert.deepEqual([live.held, live.skewMs, live.latenessP50Ms, live.latenessP99Ms], [2, -3, 4, 40])
  assert.deepEqual([own.held, own.latenessP99Ms], [null, null])
  assert.equal(body.items[3]?.endedAt, new Date(START).toISOString())
})

test('a node that is asked to drain says how much it holds once it has heard it', async () => {
  await using house = await openHouse()
  const { nodes } = house.store
  await nodes.register({ ...LABEL, id: 'nod_a' }, START, 6_000)
  await nodes.renew('nod_a', START, 6_000, FIGURES)
  const asked = await house.ask<Node>('POST', '/v1/nodes/nod_a/drain')
  assert.deepEqual([asked.status, asked.body.status, asked.body.held], [200, 'draining', null])
  await nodes.renew('nod_a', START, 6_000, { ...FIGURES, draining: true, held: 0 })
  const heard = (await house.ask<NodeList>('GET', '/v1/nodes')).body.items[0]
  assert.deepEqual([heard?.status, heard?.held], ['draining', 0])
  const back = await house.ask<Node>('POST', '/v1/nodes/nod_a/undrain')
  assert.equal(back.body.status, 'live')
})

test('what cannot be drained is refused', async () => {
  await using house = await openHouse()
  const { nodes } = house.store
  await nodes.register({ ...LABEL, id: 'nod_a' }, START, 6_000)
  await nodes.leave('nod_a', START)
  assertProblem(await house.ask('POST', '/v1/nodes/nod_a/drain'), 409, 'in_use')
  assertProblem(await house.ask('POST', '/v1/nodes/nod_none/drain'), 404, 'not_found')
})

test('nodes are for admins of everything', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/projects', { body: { name: 'billing' } })
  const writer = await house.key({ scopes: ['jobs:write', 'runs:write'] })
  const confined = await house.key({ scopes: ['admin'], projects: ['billing'] })
  for (const key of [writer, confined]) {
    assertProblem(await house.ask('GET', '/v1/nodes', { key }), 403, 'forbidden')
    assertProblem(await house.ask('POST', '/v1/nodes/nod_a/drain', { key }), 403, 'forbidden')
  }
  assertProblem(await house.ask('GET', '/v1/nodes', { key: null }), 401, 'unauthenticated')
})
