// Runs that several agents share.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Labels } from '../../src/domain/agent.ts'
import { PART_AWAY_MS, PARTED } from '../../src/domain/run-part.ts'
import type { Held, NewAgent } from '../../src/ports/agent-store.ts'
import type { SettledAttempt, Work } from '../../src/ports/store.ts'
import { again, at, done, MINUTE, owes, queued, SECOND, type StoreKind, T0, World } from './world.ts'

const LEASE = 30 * SECOND
const OK = { kind: 'ok' } as const
const BROKEN = { kind: 'error', code: 'exit_code', message: 'exit code 3', reached: 'yes' } as const

class Ring {
  readonly world: World
  readonly sessions = new Map<string, string>()
  #count = 0

  constructor(world: World) {
    this.world = world
  }

  get agents() {
    return this.world.store.agents
  }

  get runs() {
    return this.world.store.runs
  }

  /** Agents that are there, each with a session. */
  async come(...names: string[]): Promise<void> {
    for (const name of names) await this.open(name)
  }

  async open(name: string, labels: Labels = {}, held: readonly Held[] = []): Promise<readonly Held[]> {
    const id = `agt_${name}`
    const about = { granted: {}, projectIds: null, version: '1', hostname: 'h', createdAt: this.world.now }
    const fresh: NewAgent = { id, name, keyId: id, ...about }
    assert.ok(await this.agents.ensure(fresh))
    this.#count += 1
    const session = { id: `ses_${this.#count}`, agentId: id, hostname: 'h', pid: 1, version: '1', slots: 4 }
    const attached = await this.agents.open({ ...session, labels, held }, this.world.now, LEASE)
    assert.ok(attached)
    this.sessions.set(name, session.id)
    return attached
  }

  async shared(on: { all: true } | { shard: number }, labels: Labels = {}, policy = {}, times = 1) {
    const target = { command: { argv: ['x'], on: { ...on, labels } } }
    const job = await this.world.job({ target, policy })
    const runs = Array.from({ length: times }, (_, n) =>
      n === 0 ? at(T0, { readyAt: this.world.now }) : queued(T0 + n, { notBefore: T0 }),
    )
    await this.world.plan(() => owes({ runs, nextDueAt: null }), 9)
    const [run] = await this.world.allRuns(job.id)
    return { job, id: run!.id }
  }

  async claim(name: string, slots = 4, othersFree = false): Promise<Work[]> {
    const { now } = this.world
    const pools = (await this.agents.waiting(now, 99)).map(({ no }) => no)
    const request = { now, sessionId: this.sessions.get(name)!, slots, pools }
    const { works } = await this.agents.claim(
      request,
      () => true,
      () => othersFree,
    )
    return works
  }

  async one(name: string): Promise<Work> {
    const [work, ...more] = await this.claim(name)
    assert.ok(work)
    assert.deepEqual(more, [])
    return work
  }

  async expected(): Promise<string[]> {
    const ids = await this.agents.expected(this.world.now, 99)
    return [...this.sessions]
      .filter(([, id]) => ids.includes(id))
      .map(([name]) => name)
      .sort()
  }

  async end(work: Work, settled: SettledAttempt) {
    const { runs } = await this.world.settle({ ...settled, part: work.part!.index })
    return runs[0]
  }

  ok(work: Work) {
    return this.end(work, done(work, 'succeeded', OK))
  }

  broken(work: Work) {
    return this.end(work, {
      ...done(work, 'failed', BROKEN),
      settlement: { kind: 'done', status: 'failed', message: BROKEN.message },
    })
  }

  async states(id: string): Promise<string[]> {
    return (await this.runs.parts(id)).map(({ index, agent, status }) => `${index} ${agent} ${status}`)
  }
}

async function ringing(kind: StoreKind): Promise<Ring> {
  return new Ring(await World.open(kind))
}

export function partsContract(kind: StoreKind): void {
  test('all: a part for each agent that is there, and the last one to end ends the run', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a', 'b', 'c')
    await ring.open('elsewhere', {})
    await ring.agents.drain('agt_elsewhere', true)
    const { id } = await ring.shared({ all: true })
    const a = await ring.one('a')
    assert.deepEqual(a.part, { index: 0, total: 3 })
    assert.deepEqual([a.attempt.number, a.run.fence], [1, 1])
    assert.equal(a.run.lease.nodeId, ring.sessions.get('a'))
    assert.deepEqual(await ring.expected(), ['b', 'c'])
    assert.deepEqual(await ring.claim('a'), [])
    const [b, c] = [await ring.one('b'), await ring.one('c')]
    assert.deepEqual([b.run.fence, c.run.fence, c.attempt.number], [2, 3, 3])
    assert.deepEqual(await ring.states(id), ['0 a running', '1 b running', '2 c running'])
    const run = await world.run(id)
    assert.equal(run.status === 'running' && run.lease.nodeId, PARTED)
    assert.equal((await ring.ok(b))?.status, 'running')
    assert.equal((await ring.ok(a))?.status, 'running')
    const ended = await ring.ok(c)
    assert.equal(ended?.status, 'succeeded')
    assert.equal(ended.message, 'all 3 parts done')
    assert.deepEqual(await ring.states(id), ['0 a succeeded', '1 b succeeded', '2 c succeeded'])
    const attempts = await ring.runs.attempts(id)
    assert.deepEqual(
      attempts.map(({ number, part, agent, outcome }) => [number, part, agent, outcome]),
      [
        [1, 0, 'a', 'ok'],
        [2, 1, 'b', 'ok'],
        [3, 2, 'c', 'ok'],
      ],
    )
    assert.equal((await world.run(id)).attempts, 3)
  })

  test('all: only agents that match, and none that comes later', async () => {
    const ring = await ringing(kind)
    await using _ = ring.world
    await ring.open('db-1', { role: 'db' })
    await ring.open('db-2', { role: 'db' })
    await ring.open('web', { role: 'web' })
    const { id } = await ring.shared({ all: true }, { role: 'db' })
    await ring.one('db-1')
    await ring.open('db-3', { role: 'db' })
    assert.deepEqual(await ring.claim('db-3'), [])
    assert.deepEqual(await ring.states(id), ['0 db-1 running', '1 db-2 waiting'])
  })

  test('all: an agent whose lease has run out is not there', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('gone')
    world.now += LEASE + SECOND
    await ring.come('a')
    const { id } = await ring.shared({ all: true })
    await ring.one('a')
    assert.deepEqual(await ring.states(id), ['0 a running'])
  })

  test('shard: parts go to whoever comes; one at a time while others are free', async () => {
    const ring = await ringing(kind)
    await using _ = ring.world
    await ring.come('a', 'b')
    const { id } = await ring.shared({ shard: 5 })
    const first = await ring.one('a')
    assert.deepEqual(first.part, { index: 0, total: 5 })
    assert.deepEqual(
      (await ring.claim('b', 4, true)).map(({ part }) => part?.index),
      [1],
    )
    assert.deepEqual(
      (await ring.claim('a', 2)).map(({ part }) => part?.index),
      [2, 3],
    )
    assert.deepEqual(
      (await ring.claim('b')).map(({ part }) => part?.index),
      [4],
    )
    assert.deepEqual(await ring.claim('b'), [])
    assert.deepEqual(await ring.states(id), [
      '0 a running',
      '1 b running',
      '2 a running',
      '3 a running',
      '4 b running',
    ])
  })

  test('a part that failed is tried again by itself, under the next number and fence', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a', 'b')
    const { id } = await ring.shared({ all: true }, {}, { queueTimeout: '10s' })
    const [a, b] = [await ring.one('a'), await ring.one('b')]
    await ring.ok(b)
    assert.equal((await ring.end(a, again(a, T0 + 5 * SECOND)))?.status, 'running')
    assert.deepEqual(await ring.states(id), ['0 a waiting', '1 b succeeded'])
    assert.deepEqual(await ring.claim('a'), [])
    assert.equal(await ring.agents.nextReadyAt(world.now), T0 + 5 * SECOND)
    world.now += 5 * SECOND
    assert.deepEqual(await ring.expected(), ['a'])
    const second = await ring.one('a')
    assert.deepEqual([second.attempt.number, second.attempt.cause, second.run.fence], [3, 'retry_policy', 3])
    assert.deepEqual(second.part, { index: 0, total: 2 })
    const ended = await ring.broken(second)
    assert.equal(ended?.status, 'failed')
    assert.equal(ended.message, '1 of 2 parts did not succeed: a: exit code 3')
    assert.deepEqual(
      (await ring.runs.attempts(id)).map(({ number, part, outcome }) => [number, part, outcome]),
      [
        [1, 0, 'timeout'],
        [2, 1, 'ok'],
        [3, 0, 'error'],
      ],
    )
  })

  test('a report under an older fence changes nothing and is kept', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a', 'b')
    const { id } = await ring.shared({ shard: 2 })
    const lost = await ring.one('a')
    await ring.end(lost, {
      ...again(lost, T0, 'node_lost'),
      outcome: { kind: 'lost', message: 'gone' },
    })
    const taken = (await ring.claim('b')).find(({ part }) => part?.index === 0)!
    assert.equal(taken.attempt.cause, 'node_lost')
    const { runs, stale } = await world.settle({ ...done(lost), part: 0 })
    assert.deepEqual([runs, stale], [[null], 1])
    assert.equal((await ring.runs.attempts(id))[0]?.late?.outcome, 'ok')
    assert.deepEqual(
      (await ring.agents.works([lost, taken].map(({ run }) => ({ runId: run.id, fence: run.fence })))).map(
        (work) => work?.part?.index ?? null,
      ),
      [null, 0],
    )
  })

  test('the parts of a session whose lease has run out are lost, and no others', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a', 'b')
    const { id } = await ring.shared({ all: true })
    await ring.one('a')
    await ring.one('b')
    world.now += LEASE - SECOND
    await ring.agents.touch([ring.sessions.get('b')!], world.now, LEASE)
    world.now += 2 * SECOND
    const lost = await ring.runs.lost(world.now, 9)
    assert.deepEqual(
      lost.map(({ work, node }) => [work.run.id, work.part?.index, node.id]),
      [[id, 0, ring.sessions.get('a')]],
    )
    // The same until it is settled.
    assert.equal((await ring.runs.lost(world.now, 9)).length, 1)
    const { work } = lost[0]!
    await ring.end(work, {
      ...again(work, world.now, 'node_lost'),
      outcome: { kind: 'lost', message: 'gone' },
    })
    assert.deepEqual(await ring.runs.lost(world.now, 9), [])
    assert.deepEqual(await ring.states(id), ['0 a waiting', '1 b running'])
    await ring.open('a')
    assert.equal((await ring.one('a')).attempt.number, 3)
  })

  test('a new session takes over the parts its agent still has', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a')
    const { id } = await ring.shared({ shard: 3 })
    const works = [await ring.one('a'), ...(await ring.claim('a'))]
    const held = works.slice(0, 2).map(({ run }) => ({ runId: run.id, fence: run.fence }))
    assert.deepEqual(await ring.open('a', {}, held), held)
    const mine = await ring.agents.heldBy(ring.sessions.get('a')!, world.now + 1)
    assert.deepEqual(mine.map(({ part }) => part?.index).sort(), [0, 1])
    assert.deepEqual(
      (await ring.runs.lost(world.now, 9)).map(({ work }) => work.part?.index),
      [2],
    )
    assert.equal((await world.run(id)).status, 'running')
  })

  test('a cancelled run tells every session that has a part, and ends with the last', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a', 'b', 'c')
    const { id } = await ring.shared({ all: true })
    const [a, b] = [await ring.one('a'), await ring.one('b')]
    const cancelled = await ring.runs.cancel(id, world.now, 'cancelled by me')
    assert.equal(cancelled?.run.status, 'cancelling')
    assert.deepEqual(await ring.states(id), ['0 a running', '1 b running', '2 c cancelled'])
    assert.deepEqual(await ring.claim('c'), [])
    const sessions = ['a', 'b'].map((name) => ring.sessions.get(name))
    assert.deepEqual(
      [...(await ring.agents.stopping())].filter((one) => one !== PARTED).sort(),
      sessions.sort(),
    )
    assert.deepEqual(await ring.runs.cancelling(ring.sessions.get('a')!), [id])
    assert.deepEqual(await ring.runs.cancelling(ring.sessions.get('c')!), [])
    assert.equal((await ring.ok(a))?.status, 'cancelling')
    const ended = await ring.end(b, again(b, T0))
    assert.equal(ended?.status, 'cancelled')
  })

  test('a run that is cancelled while all its parts wait ends at once', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a')
    const { id } = await ring.shared({ shard: 1 })
    const work = await ring.one('a')
    await ring.end(work, again(work, T0 + MINUTE))
    const cancelled = await ring.runs.cancel(id, world.now, 'cancelled by me')
    assert.equal(cancelled?.run.status, 'cancelled')
    assert.deepEqual(await ring.states(id), ['0 a cancelled'])
  })

  test('a replaced run is cut off in every part', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a', 'b')
    const { job, id } = await ring.shared({ shard: 3 })
    const works = [await ring.one('a'), ...(await ring.claim('b', 1))]
    const options = { now: world.now, by: 'key_1' }
    const report = await world.store.jobs.change(
      job.id,
      ({ job: now }) => ({ plan: null, job: now, replaceOpen: true }),
      options,
    )
    assert.deepEqual(
      report?.replaced.map((run) => [run.id, run.status]),
      [[id, 'cancelled']],
    )
    assert.deepEqual(await ring.states(id), ['0 a cancelled', '1 b cancelled', '2 null cancelled'])
    assert.deepEqual(
      (await ring.runs.attempts(id)).map(({ part, outcome }) => [part, outcome]),
      [
        [0, 'cancelled'],
        [1, 'cancelled'],
      ],
    )
    for (const work of works) assert.equal(await ring.ok(work), null)
  })

  test('a part is given up when its agent is away for too long, at once when it was removed', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a', 'b', 'c')
    const { id } = await ring.shared({ all: true })
    const a = await ring.one('a')
    assert.deepEqual(await ring.runs.giveUpParts(world.now, PART_AWAY_MS, 9), [])
    await ring.agents.remove('agt_b', world.now)
    const [run] = await ring.runs.giveUpParts(world.now, PART_AWAY_MS, 9)
    assert.equal(run?.status, 'running')
    assert.deepEqual(await ring.states(id), ['0 a running', '1 b failed', '2 c waiting'])
    world.now += LEASE + PART_AWAY_MS
    assert.deepEqual(await ring.runs.giveUpParts(world.now, PART_AWAY_MS, 9), [])
    world.now += SECOND
    assert.equal((await ring.runs.giveUpParts(world.now, PART_AWAY_MS, 9))[0]?.status, 'running')
    const ended = await ring.ok(a)
    assert.equal(ended?.status, 'failed')
    assert.match(ended.message!, /^2 of 3 parts did not succeed: b: its agent was not there/)
  })

  test('a part that nobody takes in time is given up', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a')
    const { id } = await ring.shared({ shard: 2 }, {}, { queueTimeout: '10s' })
    await ring.ok(await ring.one('a'))
    world.now += 11 * SECOND
    const [ended] = await ring.runs.giveUpParts(world.now, PART_AWAY_MS, 9)
    assert.equal(ended?.id, id)
    assert.equal(ended?.status, 'failed')
  })

  test('several parts of one run are given up at once', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a')
    const { id } = await ring.shared({ shard: 4 }, {}, { queueTimeout: '10s' })
    const first = await ring.one('a')
    world.now += 11 * SECOND
    const open = await ring.runs.giveUpParts(world.now, PART_AWAY_MS, 9)
    assert.deepEqual(
      open.map((run) => [run.id, run.status]),
      [[id, 'running']],
    )
    assert.deepEqual(await ring.runs.giveUpParts(world.now, PART_AWAY_MS, 9), [])
    const ended = await ring.ok(first)
    assert.equal(ended?.status, 'failed')
    assert.match(ended.message!, /^3 of 4 parts did not succeed: part 1: no matching agent took it/)
  })

  test('the last parts of a run are given up at once, and the run with them', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a', 'b', 'c')
    const { id } = await ring.shared({ all: true }, {}, { queueTimeout: '10s' })
    await ring.ok(await ring.one('a'))
    world.now += 11 * SECOND
    const [ended, ...more] = await ring.runs.giveUpParts(world.now, PART_AWAY_MS, 9)
    assert.deepEqual([ended?.id, ended?.status, more], [id, 'failed', []])
    assert.match(
      ended!.message!,
      /^2 of 3 parts did not succeed: b: its agent did not take it within its queue/,
    )
  })

  test('those that have to come are told page by page, and each may ask for itself', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a', 'b', 'c', 'd')
    await ring.shared({ all: true })
    await ring.one('a')
    const [first, ...more] = await ring.agents.expected(world.now, 1)
    assert.deepEqual(more, [])
    const rest = await ring.agents.expected(world.now, 9, first)
    assert.deepEqual([first, ...rest].sort(), ['b', 'c', 'd'].map((name) => ring.sessions.get(name)).sort())
    assert.deepEqual(await ring.agents.expected(world.now, 9, rest.at(-1)), [])
    const asks = (name: string) => ring.agents.isExpected(world.now, ring.sessions.get(name)!)
    assert.deepEqual([await asks('a'), await asks('b')], [false, true])
  })

  test('who waits behind a shared run goes on when its last part has ended', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a')
    const { job } = await ring.shared({ shard: 2 }, {}, {}, 2)
    const works = [await ring.one('a'), ...(await ring.claim('a'))]
    await ring.ok(works[0]!)
    assert.deepEqual(await ring.claim('a'), [])
    await ring.ok(works[1]!)
    const runs = await world.allRuns(job.id)
    assert.deepEqual(
      runs.map(({ status }) => status),
      ['succeeded', 'pending'],
    )
    assert.deepEqual((await ring.claim('a')).length, 1)
  })

  test('a concurrency key counts a shared run once', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a')
    const policy = { concurrency: { key: 'k', max: 2 } }
    await ring.shared({ shard: 3 }, {}, policy)
    await world.claim()
    await ring.one('a')
    assert.equal((await ring.claim('a')).length, 2)
    await ring.shared({ shard: 3 }, {}, policy)
    await world.claim()
    assert.equal((await ring.claim('a')).length, 1)
    await ring.shared({ shard: 3 }, {}, policy)
    await world.claim()
    assert.equal((await ring.claim('a')).length, 2)
    assert.deepEqual(await ring.claim('a'), [])
  })

  test('no agent: a shared run waits, and is missed after its patience', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    const { id } = await ring.shared({ all: true }, { role: 'none' })
    await ring.come('a')
    assert.deepEqual(await ring.claim('a'), [])
    const run = await world.run(id)
    assert.deepEqual([run.status, run.attempts], ['pending', 0])
  })

  test('parts are forgotten with their run', async () => {
    const ring = await ringing(kind)
    await using world = ring.world
    await ring.come('a')
    const { id } = await ring.shared({ shard: 1 })
    await ring.ok(await ring.one('a'))
    world.now += 40 * 24 * 60 * MINUTE
    const retention = { defaultDays: 30 }
    await world.store.housekeeping.forget({ now: world.now, limit: 100, retention })
    assert.equal(await ring.runs.get(id), null)
    assert.deepEqual(await ring.runs.parts(id), [])
  })

  test('each part tells of itself, until the run has ended', async () => {
    await using world = await World.open(kind)
    const ring = new Ring(world)
    await ring.come('a', 'b')
    const { id } = await ring.shared({ all: true })
    const works = [await ring.one('a'), await ring.one('b')]
    const news = works.map(({ run }, n) => ({ runId: id, fence: run.fence, progress: n / 2 }))
    await ring.agents.tell(news, world.now)
    const told = async () => (await ring.agents.told([id])).map(({ fence, progress }) => [fence, progress])
    assert.deepEqual(
      await told(),
      works.map(({ run }, n) => [run.fence, n / 2]),
    )
    for (const work of works) await world.settle(done(work, 'succeeded'))
    assert.deepEqual(await told(), [])
  })
}
