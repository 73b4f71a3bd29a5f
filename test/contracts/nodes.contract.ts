import assert from 'node:assert/strict'
import { test } from 'node:test'
import { again, at, DAY, done, MINUTE, NODE, owes, type StoreKind, T0, World } from './world.ts'

export function nodesContract(kind: StoreKind): void {
  test('each start has a higher epoch', async () => {
    await using world = await World.open(kind)
    const first = await world.register('nod_b')
    const second = await world.register('nod_c')
    assert.ok(second.epoch > first.epoch)
  })

  test('while its node lives, a run is not lost', async () => {
    await using world = await World.open(kind)
    await world.running()
    assert.deepEqual(await world.store.runs.lost(T0 + MINUTE, 9), [])
  })

  test('runs of a node whose lease has lapsed are lost, until they are settled', async () => {
    await using world = await World.open(kind)
    await world.register('nod_b', MINUTE)
    await world.job()
    const { leased } = await world.plan(() => owes({ runs: [at(T0)] }), 1, 'nod_b')
    assert.ok(await world.store.nodes.renew('nod_b', T0 + MINUTE, MINUTE))
    assert.deepEqual(await world.store.runs.lost(T0 + 2 * MINUTE, 9), [])
    const node = { id: 'nod_b', hostname: 'host', end: 'lapsed', at: T0 + 2 * MINUTE + 1 }
    assert.deepEqual(await world.store.runs.lost(T0 + 2 * MINUTE + 1, 9), [{ work: leased[0], node }])
    assert.equal(await world.store.nodes.renew('nod_b', T0 + 2 * MINUTE + 2, MINUTE), null)
    assert.deepEqual(await world.store.runs.lost(T0 + 2 * MINUTE + 3, 9), [{ work: leased[0], node }])
    await world.settle(again(leased[0]!, T0, 'node_lost'))
    assert.deepEqual(await world.store.runs.lost(T0 + 3 * MINUTE, 9), [])
  })

  test('a lost run goes to another node, and the late report of the first changes nothing', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    await world.store.nodes.leave(NODE, T0)
    await world.register('nod_b')
    const [lost] = await world.store.runs.lost(T0, 9)
    assert.deepEqual(lost?.work, work)
    assert.deepEqual([lost?.node.id, lost?.node.end, lost?.node.at], [NODE, 'left', T0])
    await world.settle(again(lost!.work, T0, 'node_lost'))
    const [second] = await world.claim(1, 'nod_b')
    assert.deepEqual(
      [second?.run.lease.nodeId, second?.attempt.cause, second?.run.fence],
      ['nod_b', 'node_lost', 2],
    )
    assert.deepEqual((await world.settle(done(work))).runs, [null])
    await world.settle(done(second!))
    assert.deepEqual(
      (await world.store.runs.attempts(work.run.id)).map(({ nodeId }) => nodeId),
      [NODE, 'nod_b'],
    )
  })

  test('a node that nobody took over renews after its time; until then it leases and tells nothing', async () => {
    await using world = await World.open(kind)
    await world.ended({ callback: { url: 'http://127.0.0.1/' } })
    await world.job()
    await world.register('nod_b', MINUTE)
    world.now = T0 + MINUTE + 1
    const tell = () => world.store.outbox.due({ now: world.now, limit: 9, holdMs: 9, nodeId: 'nod_b' })
    const report = await world.plan(() => owes({ runs: [at(T0)] }), 9, 'nod_b')
    assert.deepEqual([report.runs.length, report.leased.length], [1, 0])
    assert.deepEqual(await world.claim(9, 'nod_b'), [])
    assert.deepEqual(await tell(), [])
    assert.ok(await world.store.nodes.renew('nod_b', world.now, MINUTE))
    assert.equal((await world.claim(9, 'nod_b')).length, 1)
    assert.equal((await tell()).length, 1)
  })

  test('what a node was telling when it went is told by another at once', async () => {
    await using world = await World.open(kind)
    for (let n = 0; n < 2; n += 1) await world.ended({ callback: { url: 'http://127.0.0.1/' } })
    await world.register('nod_b', MINUTE)
    await world.register('nod_c', MINUTE)
    const tell = async (nodeId: string, limit: number) => {
      const taken = await world.store.outbox.due({ now: world.now, limit, holdMs: DAY, nodeId })
      return taken.map(({ effect }) => effect.id)
    }
    const [first] = await tell('nod_b', 1)
    const [second] = await tell('nod_c', 1)
    assert.ok(first !== undefined && second !== undefined)
    assert.deepEqual(await tell(NODE, 9), [])
    await world.store.nodes.leave('nod_b', T0)
    assert.deepEqual(await tell(NODE, 9), [first])
    world.now = T0 + MINUTE + 1
    await world.store.runs.lost(world.now, 9)
    assert.deepEqual(await tell(NODE, 9), [second])
  })

  test('a renewal and a registration say what time it is in the store', async () => {
    await using world = await World.open(kind)
    const node = { id: 'nod_b', hostname: 'host', pid: 1, version: '1' }
    const { now: registered } = await world.store.nodes.register(node, T0, MINUTE)
    const renewed = await world.store.nodes.renew('nod_b', T0 + 5, MINUTE)
    assert.ok(renewed !== null && Number.isInteger(renewed.now) && renewed.now >= registered)
    assert.equal(renewed.draining, false)
  })

  test('nodes are listed with what they said last, those that went after those that are there', async () => {
    await using world = await World.open(kind)
    await world.register('nod_b', MINUTE)
    await world.register('nod_c', MINUTE)
    const figures = { skewMs: -7, draining: false, held: 3, latenessP50Ms: 4, latenessP99Ms: 90 }
    await world.store.nodes.renew('nod_b', T0, MINUTE, figures)
    await world.store.nodes.renew('nod_b', T0, MINUTE)
    await world.store.nodes.leave('nod_c', T0)
    const nodes = await world.store.nodes.list(9)
    assert.deepEqual(
      nodes.map(({ id, draining, gone }) => [id, draining, gone?.end ?? null]),
      [
        ['nod_b', false, null],
        [NODE, false, null],
        ['nod_c', false, 'left'],
      ],
    )
    const { epoch, hostname, pid, version, startedAt, leaseUntil } = nodes[0]!
    assert.deepEqual([hostname, pid, version, leaseUntil - startedAt], ['host', 1, '1', MINUTE])
    assert.ok(epoch > nodes[1]!.epoch)
    assert.deepEqual([nodes[0]?.figures, nodes[1]?.figures], [figures, null])
    assert.equal((await world.store.nodes.list(2)).length, 2)
  })

  test('a node hears with its next renewal that it is to drain, and that it is not', async () => {
    await using world = await World.open(kind)
    assert.equal((await world.store.nodes.drain(NODE, true))?.draining, true)
    assert.equal((await world.store.nodes.renew(NODE, T0, MINUTE))?.draining, true)
    assert.equal((await world.store.nodes.drain(NODE, false))?.draining, false)
    assert.equal((await world.store.nodes.renew(NODE, T0, MINUTE))?.draining, false)
    assert.equal(await world.store.nodes.drain('nod_none', true), null)
    await world.register('nod_b', MINUTE, { draining: true })
    assert.equal((await world.store.nodes.renew('nod_b', T0, MINUTE))?.draining, true)
    await world.store.nodes.leave('nod_b', T0)
    assert.deepEqual((await world.store.nodes.drain('nod_b', false))?.gone, { at: T0, end: 'left' })
  })

  test('the only node of a store takes the place of all before it, however long their lease', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    await world.register('nod_b', MINUTE, { sole: true })
    const node = { id: NODE, hostname: 'host', end: 'replaced', at: T0 }
    assert.deepEqual(await world.store.runs.lost(T0, 9), [{ work, node }])
    assert.equal(await world.store.nodes.renew(NODE, T0, MINUTE), null)
    assert.ok(await world.store.nodes.renew('nod_b', T0, MINUTE))
  })

  test('a run that was being cancelled when its node went is lost as such', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    await world.store.runs.cancel(work.run.id, T0, 'stop')
    await world.store.nodes.leave(NODE, T0)
    assert.equal((await world.store.runs.lost(T0, 9))[0]?.work.run.status, 'cancelling')
  })

  test('no more are told than asked for; waiting and final runs are never lost', async () => {
    await using world = await World.open(kind)
    await world.ended()
    for (let n = 0; n < 3; n += 1) await world.running()
    await world.job()
    await world.plan(() => owes({ runs: [at(T0)] }))
    await world.store.nodes.leave(NODE, T0)
    assert.equal((await world.store.runs.lost(T0, 2)).length, 2)
    const all = await world.store.runs.lost(T0, 9)
    assert.equal(all.length, 3)
    await world.settle(...all.map(({ work }) => done(work, 'failed')))
    assert.deepEqual(await world.store.runs.lost(T0, 9), [])
  })

  test('a node that left leases nothing more', async () => {
    await using world = await World.open(kind)
    await world.job()
    await world.store.nodes.leave(NODE, T0)
    const report = await world.plan(() => owes({ runs: [at(T0)] }), 9)
    assert.deepEqual([report.runs.length, report.leased.length], [1, 0])
    assert.deepEqual(await world.claim(), [])
    assert.equal(await world.store.nodes.renew(NODE, T0, MINUTE), null)
  })

  test('a node nobody knows cannot lease', async () => {
    await using world = await World.open(kind)
    await world.job()
    await world.plan(() => owes({ runs: [at(T0)] }))
    await assert.rejects(world.claim(1, 'nod_none'), /nod_none/)
  })
}
