// Equal nodes on one store: what one of them leaves undone the others do, and one that lost its lease does nothing more
// under it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cluster } from './cluster.ts'
import { OK, slow } from './scripted-world.ts'
import { MINUTE, SECOND, T0 } from './story.ts'

const HOSTS = ['ash', 'birch', 'cedar']

function hostOf(cluster: Cluster, nodeId: string): string {
  const host = HOSTS.find((name) => {
    try {
      return cluster.node(name).membership.nodeId === nodeId
    } catch {
      return false
    }
  })
  return host ?? 'gone'
}

/** A run that its target never answers, and the host that holds it. */
async function held(cluster: Cluster): Promise<{ jobId: string; host: string; nodeId: string }> {
  cluster.outside.script('held', (_, nth) => (nth === 1 ? 'never' : OK))
  const jobId = await cluster.job('held')
  await cluster.advance(MINUTE)
  const call = cluster.outside.of('held')[0]
  assert.ok(call !== undefined)
  return { jobId, host: hostOf(cluster, call.nodeId), nodeId: call.nodeId }
}

test('a node is killed: its run goes to another within seconds, the cause names it; what is new is on time', async () => {
  await using cluster = await Cluster.of(HOSTS)
  const { jobId, host, nodeId } = await held(cluster)
  const jobs = await Promise.all(
    Array.from({ length: 20 }, (_, n) => cluster.job(`new-${n}`, { schedule: { every: '5s' } })),
  )
  cluster.kill(host)
  const killedAt = cluster.clock.now()
  await cluster.advance(30 * SECOND)

  const [run] = await cluster.runs(jobId)
  assert.equal(run?.status, 'succeeded')
  assert.ok(run.startedAt !== null && 'finishedAt' in run && run.finishedAt - killedAt <= 10 * SECOND)
  const [first, second] = await cluster.attempts(run.id)
  assert.deepEqual([first?.nodeId, first?.outcome, second?.cause], [nodeId, 'lost', 'node_lost'])
  assert.ok(first?.detail?.kind === 'lost')
  assert.equal(first.detail.message, `its node ${nodeId} on ${host} did not renew its lease in time`)
  assert.notEqual(second?.nodeId, nodeId)

  for (const id of jobs) {
    const runs = await cluster.runs(id)
    assert.equal(runs.length, 6)
    for (const { dueAt, startedAt } of runs) assert.ok(startedAt !== null && startedAt - dueAt <= SECOND)
  }
})

test('a node that was frozen past its lease begins nothing under it; its late report is refused and counted', async () => {
  await using cluster = await Cluster.of(HOSTS)
  cluster.outside.script('held', (_, nth) => slow(nth === 1 ? 3 * SECOND : 100))
  const jobId = await cluster.job('held')
  await cluster.advance(MINUTE)
  const nodeId = cluster.outside.of('held')[0]!.nodeId
  const host = hostOf(cluster, nodeId)
  const { epoch } = cluster.node(host).membership
  cluster.freeze(host)
  await cluster.advance(20 * SECOND)
  assert.equal((await cluster.runs(jobId))[0]?.status, 'succeeded')

  const before = cluster.outside.calls.length
  await cluster.thaw(host)
  assert.ok(!cluster.outside.calls.slice(before).some((call) => call.nodeId === nodeId))
  await cluster.advance(SECOND)
  assert.equal(cluster.stale.get(host), 1)
  const [run] = await cluster.runs(jobId)
  assert.deepEqual([run?.attempts, run?.status], [2, 'succeeded'])

  const { membership } = cluster.node(host)
  assert.ok(membership.epoch > epoch && membership.nodeId !== nodeId && membership.holds())
  assert.equal(membership.lapses, 1)
  for (const other of HOSTS) if (other !== host) cluster.kill(other)
  await cluster.advance(MINUTE)
  assert.equal((await cluster.runs(jobId)).at(-1)?.status, 'succeeded')
})

test('a node cut off from the store stops by itself, before the store can give its work away', async () => {
  await using cluster = await Cluster.of(HOSTS)
  const { jobId, host, nodeId } = await held(cluster)
  cluster.cut(host)
  const cutAt = cluster.clock.now()
  while (cluster.outside.brokenOff.length === 0) await cluster.advance(100)
  assert.ok(cluster.clock.now() - cutAt <= 5 * SECOND)
  assert.equal(cluster.outside.of('held').length, 1, 'another had begun before this one stopped')
  await cluster.advance(20 * SECOND)
  assert.equal(hostOf(cluster, nodeId), host, 'it came back while the store was away')
  assert.equal((await cluster.runs(jobId))[0]?.status, 'succeeded')
  cluster.cut(host, false)
  await cluster.advance(5 * SECOND)
  assert.notEqual(cluster.node(host).membership.nodeId, nodeId)
  assert.ok(cluster.node(host).membership.holds())
})

test('a store that is away for less than a lease costs nothing', async () => {
  await using cluster = await Cluster.of(HOSTS)
  const { host, nodeId } = await held(cluster)
  cluster.cut(host)
  await cluster.advance(2 * SECOND)
  cluster.cut(host, false)
  await cluster.advance(10 * SECOND)
  const { membership } = cluster.node(host)
  assert.deepEqual([membership.nodeId, membership.lapses], [nodeId, 0])
  assert.deepEqual(cluster.outside.brokenOff, [])
})

test('a draining node finishes what it has and takes nothing new, until it may again', async () => {
  await using cluster = await Cluster.of(['ash', 'birch'])
  const ash = cluster.node('ash').membership
  await cluster.disk.nodes.drain(ash.nodeId, true)
  await cluster.advance(3 * SECOND)
  assert.equal(ash.draining, true)
  for (let n = 0; n < 8; n += 1) await cluster.job(`job-${n}`, { schedule: { every: '10s' } })
  await cluster.advance(MINUTE)
  assert.equal(cluster.outside.calls.length, 48)
  assert.ok(!cluster.outside.calls.some((call) => call.nodeId === ash.nodeId))

  cluster.kill('birch')
  await cluster.disk.nodes.drain(ash.nodeId, false)
  await cluster.advance(MINUTE)
  assert.equal(cluster.outside.calls.filter((call) => call.nodeId === ash.nodeId).length, 48)
})

test('a node that stops lets its runs end; what does not end in time is taken over at once', async () => {
  await using cluster = await Cluster.of(['ash', 'birch'])
  const { jobId, host, nodeId } = await held(cluster)
  await cluster.stop(host)
  await cluster.advance(2 * SECOND)
  const [run] = await cluster.runs(jobId)
  assert.equal(run?.status, 'succeeded')
  const [first, second] = await cluster.attempts(run.id)
  assert.deepEqual([first?.nodeId, first?.outcome], [nodeId, 'lost'])
  assert.ok(second !== undefined && second.startedAt - first!.endedAt! <= SECOND)
  assert.ok(run.startedAt !== null && run.startedAt - T0 <= MINUTE)
})

test('a callback that a killed node was telling is told by another within seconds, under the same id', async () => {
  await using cluster = await Cluster.of(HOSTS)
  cluster.outside.hearsNever(1)
  await cluster.job('told', { callback: { url: 'http://hears.test/', timeout: '60s' } })
  await cluster.advance(MINUTE + SECOND)
  assert.equal(cluster.outside.told.length, 1)
  const [effect] = (await cluster.disk.outbox.list({}, { limit: 9 })).items
  const [call] = cluster.outside.of('told')
  // Whoever ran it tells it: the outbox row was nudged there first.
  cluster.kill(hostOf(cluster, call!.nodeId))
  await cluster.advance(10 * SECOND)
  assert.deepEqual(
    cluster.outside.told.map(({ id }) => id),
    [effect?.id, effect?.id],
  )
  assert.deepEqual(cluster.errors, [])
})

test('a project with very much to do does not hold up another', async () => {
  await using cluster = await Cluster.of(['ash'], { slots: 8 })
  const times = { createdAt: T0, updatedAt: T0 }
  const small = {
    id: 'prj_small',
    name: 'small',
    description: null,
    keep: {},
    targets: {},
    quotas: {},
    version: 1,
    ...times,
  }
  await cluster.disk.projects.add(small)
  for (let n = 0; n < 600; n += 1) {
    cluster.outside.script(`hog-${n}`, slow(200))
    await cluster.job(`hog-${n}`)
  }
  const id = await cluster.job('small', {
    project: 'small',
    schedule: { every: '1m', anchor: '2030-01-01T00:00:01Z' },
  })
  await cluster.advance(MINUTE + 5 * SECOND)
  const [run] = await cluster.runs(id)
  assert.equal(run?.status, 'succeeded')
  assert.ok(
    run.startedAt !== null && run.startedAt - run.dueAt <= SECOND,
    `${run.startedAt! - run.dueAt} ms late`,
  )
  assert.ok(cluster.outside.calls.length < 400, 'the other project had been served whole')
})

test('a concurrency key holds over nodes and jobs, and every run gets its turn', async () => {
  await using cluster = await Cluster.of(['ash', 'birch'])
  let underWay = 0
  let most = 0
  const policy = { concurrency: { key: 'db', max: 2 }, overlap: 'queue' } as const
  const ids: string[] = []
  for (let n = 0; n < 10; n += 1) {
    cluster.outside.script(`keyed-${n}`, () => {
      underWay += 1
      most = Math.max(most, underWay)
      cluster.clock.after(300, () => {
        underWay -= 1
      })
      return slow(300)
    })
    ids.push(await cluster.job(`keyed-${n}`, { policy }))
  }
  await cluster.advance(MINUTE + 30 * SECOND)
  assert.equal(most, 2)
  for (const id of ids) assert.equal((await cluster.runs(id))[0]?.status, 'succeeded')
})
