import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '../../src/sdk/index.ts'
import { startStubServer } from '../sdk/stub-server.ts'
import { carillon } from './cli.ts'
import { AT } from './wire.ts'

const NODE: Node = {
  id: 'nod_a',
  epoch: 3,
  hostname: 'ash',
  pid: 7,
  version: '1',
  status: 'live',
  self: true,
  startedAt: AT,
  leaseUntil: AT,
  endedAt: null,
  held: 2,
  skewMs: -3,
  latenessP50Ms: 4,
  latenessP99Ms: 1_500,
}
const OTHER: Node = { ...NODE, id: 'nod_b', epoch: 4, hostname: 'birch', self: false }
const GONE: Node = { ...NODE, id: 'nod_c', hostname: 'cedar', self: false, status: 'lapsed', endedAt: AT }

test('status shows every node, its own lease, lateness and skew', async () => {
  await using server = await startStubServer(() => ({ json: { items: [NODE, GONE] } }))
  const { code, out } = await carillon(['--url', server.url, 'cluster', 'status'])
  assert.equal(code, 0)
  const [head, own, gone] = out.split('\n')
  assert.match(head!, /^NODE +HOST +STATUS +EPOCH +SINCE +LEASE +HOLDS +LATE p50\/p99 +SKEW +VERSION/)
  assert.match(own!, /^nod_a \* +ash:7 +live +3 .* 2 +4ms \/ 1s +-3ms/)
  assert.match(gone!, /^nod_c +cedar:7 +lapsed .*ended /)
})

test('drain finds a node by its host and waits until it holds nothing', async () => {
  const asked: string[] = []
  await using server = await startStubServer(({ method, path }) => {
    asked.push(`${method} ${path}`)
    const held = asked.length <= 2 ? null : asked.length === 3 ? 1 : 0
    const node = { ...OTHER, status: 'draining', held }
    return { json: method === 'POST' ? node : { items: [NODE, node, GONE] } }
  })
  const { code, out } = await carillon(['--url', server.url, 'cluster', 'drain', 'birch', '--wait'])
  assert.deepEqual([code, out], [0, 'The node nod_b takes no more work.\n'])
  assert.deepEqual(asked, ['GET /v1/nodes', 'POST /v1/nodes/nod_b/drain', 'GET /v1/nodes', 'GET /v1/nodes'])
})

test('without a name it must be clear which node is meant', async () => {
  await using two = await startStubServer(() => ({ json: { items: [NODE, OTHER, GONE] } }))
  const unclear = await carillon(['--url', two.url, 'cluster', 'undrain'])
  assert.equal(unclear.code, 2)
  assert.match(unclear.err, /nod_a \(ash:7\), nod_b \(birch:7\)/)
  const unknown = await carillon(['--url', two.url, 'cluster', 'drain', 'cedar'])
  assert.equal(unknown.code, 3)
  await using one = await startStubServer(({ method }) => ({
    json: method === 'POST' ? NODE : { items: [NODE, GONE] },
  }))
  assert.equal((await carillon(['--url', one.url, 'cluster', 'undrain'])).code, 0)
})
