import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Agent, JoinToken, Labels } from '../../src/domain/agent.ts'
import type { ApiKey } from '../../src/domain/api-key.ts'
import type { Held, NewAgent } from '../../src/ports/agent-store.ts'
import type { Work } from '../../src/ports/store.ts'
import { again, at, done, MINUTE, owes, queued, SECOND, type StoreKind, T0, World } from './world.ts'

const LEASE = 30 * SECOND

class Yard {
  readonly world: World
  #count = 0

  constructor(world: World) {
    this.world = world
  }

  get store() {
    return this.world.store.agents
  }

  async agent(name: string): Promise<Agent> {
    const agent = await this.store.ensure(this.inside(name))
    assert.ok(agent)
    return agent
  }

  inside(name: string): NewAgent {
    const id = `agt_${name}`
    const createdAt = this.world.now
    return { id, name, keyId: id, granted: {}, projectIds: null, version: '1', hostname: 'h', createdAt }
  }

  async open(agent: Agent, held: readonly Held[] = [], labels: Labels = {}): Promise<string> {
    const session = await this.tryOpen(agent, held, labels)
    return session.id
  }

  async tryOpen(agent: Agent, held: readonly Held[], labels: Labels = {}) {
    this.#count += 1
    const id = `ses_${this.#count}`
    const rest = { hostname: 'h', pid: 1, version: '2', labels, slots: 4, held }
    const attached = await this.store.open({ id, agentId: agent.id, ...rest }, this.world.now, LEASE)
    assert.ok(attached)
    return { id, attached }
  }

  async claim(sessionId: string, slots = 9, mayTake: () => boolean = () => true): Promise<Work[]> {
    const { now } = this.world
    const pools = (await this.store.waiting(now, 99)).map(({ no }) => no)
    return (await this.store.claim({ now, sessionId, slots, pools }, mayTake)).works
  }

  /** A job with so many runs due now, in a pool of these labels. */
  async runs(count: number, labels: Labels = {}, policy = {}): Promise<void> {
    await this.world.job({ target: { command: { argv: ['x'], on: { labels } } }, policy })
    await this.world.plan(
      () =>
        owes({ runs: Array.from({ length: count }, (_, n) => at(T0 + n, { readyAt: T0 })), nextDueAt: null }),
      9,
    )
  }
}

async function openYard(kind: StoreKind): Promise<Yard> {
  return new Yard(await World.open(kind))
}

function token(hash: string, over: Partial<JoinToken> = {}): JoinToken {
  return {
    id: `tok_${hash}`,
    hint: 'c…',
    hash,
    labels: { role: 'db' },
    projectIds: null,
    createdAt: T0,
    createdBy: 'key_1',
    expiresAt: T0 + MINUTE,
    usedAt: null,
    usedBy: null,
    ...over,
  }
}

function key(id: string): ApiKey {
  const times = { createdAt: T0, expiresAt: null, lastUsedAt: null, revokedAt: null }
  const what = { name: id, hint: 'c…', hash: `hash of ${id}`, scopes: ['agent'] as const, projectIds: null }
  return { id, ...what, ...times, previous: null }
}

export function agentsContract(kind: StoreKind): void {
  test('a token lets one agent in, once, while it is young', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    const { store } = yard
    for (const hash of ['a', 'b', 'c']) await store.addToken(token(hash))
    const make = (name: string) => (found: JoinToken) => {
      const agent = { ...yard.inside(name), keyId: `key_${name}`, granted: found.labels }
      return { agent, key: key(`key_${name}`) }
    }
    assert.deepEqual(await store.join('x', T0, make('one')), { kind: 'token_invalid' })
    const joined = await store.join('a', T0 + 1, make('one'))
    assert.ok(joined.kind === 'joined')
    assert.deepEqual(
      [joined.agent.name, joined.agent.granted, joined.agent.session],
      ['one', { role: 'db' }, null],
    )
    assert.deepEqual(await store.byKey('key_one'), joined.agent)
    assert.equal((await yard.world.store.keys.byHash('hash of key_one'))?.scopes[0], 'agent')
    assert.deepEqual(await store.join('a', T0 + 2, make('two')), { kind: 'token_invalid' })
    assert.deepEqual(await store.join('b', T0 + 2, make('one')), { kind: 'name_taken' })
    assert.equal(await yard.world.store.keys.get('key_two'), null)
    assert.equal((await store.join('b', T0 + 2, make('two'))).kind, 'joined')
    assert.deepEqual(await store.join('c', T0 + MINUTE, make('late')), { kind: 'token_invalid' })
    assert.equal((await store.token('tok_c'))?.hash, 'c')
    assert.equal(await store.token('tok_z'), null)
    assert.equal(await store.endToken('tok_c', T0 + 1), true)
    assert.deepEqual(await store.join('c', T0 + 2, make('late')), { kind: 'token_invalid' })
    assert.equal(await store.endToken('tok_a', T0 + 1), false)
    const { items } = await store.tokens({ limit: 9 })
    assert.deepEqual(
      items.map(({ id, usedAt, usedBy }) => [id, usedAt, usedBy]),
      [
        ['tok_c', null, null],
        ['tok_b', T0 + 2, 'agt_two'],
        ['tok_a', T0 + 1, 'agt_one'],
      ],
    )
    const first = await store.tokens({ limit: 2 })
    const rest = await store.tokens({ limit: 2, cursor: first.nextCursor! })
    assert.deepEqual(
      [first, rest].map(({ items }) => items.map(({ id }) => id)),
      [['tok_c', 'tok_b'], ['tok_a']],
    )
  })

  test('agents are listed, drained and removed', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    for (const name of ['a', 'b', 'c']) await yard.agent(name)
    assert.equal((await yard.agent('a')).id, 'agt_a')
    const first = await yard.store.list({ limit: 2 })
    const rest = await yard.store.list({ limit: 2, cursor: first.nextCursor! })
    assert.deepEqual(
      [...first.items, ...rest.items].map(({ name }) => name),
      ['a', 'b', 'c'],
    )
    assert.equal((await yard.store.drain('agt_a', true))?.draining, true)
    assert.equal((await yard.store.drain('agt_a', false))?.draining, false)
    assert.equal(await yard.store.drain('agt_x', true), null)
    const session = await yard.open((await yard.store.get('agt_b'))!)
    assert.equal((await yard.store.remove('agt_b', T0))?.name, 'b')
    assert.equal(await yard.store.byName('b'), null)
    assert.equal(await yard.store.remove('agt_b', T0), null)
    assert.deepEqual(await yard.store.touch([session], T0, LEASE), [])
  })

  test('runs wait in their pool for an agent, never for a server', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    const { world, store } = yard
    await yard.runs(2, { role: 'db', zone: 'a' })
    await yard.runs(1, { zone: 'a', role: 'db' })
    await yard.runs(1, {})
    assert.equal(await world.store.runs.nextReadyAt(), null)
    assert.deepEqual(await world.claim(), [])
    const waiting = await store.waiting(T0, 9)
    assert.deepEqual(
      waiting.map(({ pool }) => pool.labels),
      [{ role: 'db', zone: 'a' }, {}],
    )
    assert.equal(waiting[0]?.pool.projectId, 'prj_default')
    assert.deepEqual(await store.waiting(T0, 1), waiting.slice(0, 1))
    assert.deepEqual(await store.waiting(T0, 1, waiting[0]!.no), waiting.slice(1))
    assert.deepEqual(await store.waiting(T0, 9, waiting[1]!.no), [])
    assert.deepEqual(await store.waiting(T0 - 1, 9), [])
    assert.equal(await store.nextReadyAt(T0 - 1), T0)
    assert.equal(await store.nextReadyAt(T0), null)
    const session = await yard.open(await yard.agent('a'))
    const dbOnly = { now: T0, sessionId: session, slots: 2, pools: [waiting[0]!.no] }
    const { works } = await store.claim(dbOnly, () => true)
    assert.deepEqual(
      works.map(({ run, attempt }) => [run.dueAt, run.lease.nodeId, run.fence, attempt.number]),
      [
        [T0, session, 1, 1],
        [T0 + 1, session, 1, 1],
      ],
    )
    assert.equal((await yard.claim(session)).length, 2)
    assert.deepEqual(await store.waiting(T0, 9), [])
    assert.equal((await world.store.runs.attempts(works[0]!.run.id))[0]?.agent, 'a')
  })

  test('a run that waited for its key is offered to agents as soon as there is room, whatever servers do', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    await yard.runs(2, {}, { concurrency: { key: 'one', max: 1 } })
    const session = await yard.open(await yard.agent('a'))
    const [first, ...others] = await yard.claim(session)
    assert.deepEqual([first?.run.dueAt, others.length], [T0, 0])
    assert.deepEqual(await yard.store.waiting(T0, 9), [])
    await yard.world.settle(done(first!))
    assert.equal((await yard.store.waiting(T0, 9)).length, 1)
    assert.deepEqual(
      (await yard.claim(session)).map(({ run }) => run.dueAt),
      [T0 + 1],
    )
  })

  test('no slots, no pools, no live session: nothing is leased', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    await yard.runs(1)
    const agent = await yard.agent('a')
    const older = await yard.open(agent)
    const session = await yard.open(agent)
    assert.deepEqual(await yard.claim(older), [])
    assert.deepEqual(await yard.claim(session, 0), [])
    assert.deepEqual(
      (await yard.store.claim({ now: T0, sessionId: session, slots: 1, pools: [] }, () => true)).works,
      [],
    )
    assert.deepEqual(await yard.claim(session, 1, () => false), [])
    yard.world.now = T0 + LEASE + 1
    assert.deepEqual(await yard.claim(session), [])
  })

  test('a session that is heard of keeps its lease; a silent one loses what it held', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    const { world, store } = yard
    await yard.runs(2)
    const [a, b] = [await yard.open(await yard.agent('a')), await yard.open(await yard.agent('b'))]
    await yard.claim(a, 1)
    await yard.claim(b, 1)
    assert.deepEqual(await store.touch([a, 'ses_unknown'], T0 + LEASE, LEASE), [a])
    const lost = await world.store.runs.lost(T0 + LEASE + 1, 9)
    assert.deepEqual(
      lost.map(({ work, node }) => [work.run.lease.nodeId, node.end]),
      [[b, 'lapsed']],
    )
    assert.deepEqual(await store.touch([a, b], T0 + LEASE + 2, LEASE), [a])
  })

  test('sessions outlive the servers: none lapses while there was nobody to renew with', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    const { world } = yard
    await yard.runs(1)
    const session = await yard.open(await yard.agent('a'))
    await yard.claim(session)
    const later = T0 + 10 * MINUTE
    world.now = later
    await world.store.nodes.register(
      { id: 'nod_b', hostname: 'h', pid: 2, version: '1', sole: true },
      later,
      LEASE,
    )
    await yard.store.spare(later, LEASE)
    assert.deepEqual(await world.store.runs.lost(later + 1, 9), [])
    assert.deepEqual(await yard.store.touch([session], later + LEASE, LEASE), [session])
  })

  test('a newer session takes over what it names and its fence allows; the rest is lost', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    const { world } = yard
    await yard.runs(3)
    const agent = await yard.agent('a')
    const works = await yard.claim(await yard.open(agent), 3)
    const [kept, wrongFence] = works.map(({ run }) => ({ runId: run.id, fence: run.fence }))
    const held = [kept!, { ...wrongFence!, fence: 7 }, { runId: 'run_unknown', fence: 1 }]
    const { id, attached } = await yard.tryOpen(agent, held)
    assert.deepEqual(attached, [kept])
    assert.equal((await yard.store.byName('a'))?.session?.id, id)
    const lost = await world.store.runs.lost(T0, 9)
    assert.deepEqual(
      lost.map(({ work }) => work.run.id).sort(),
      works
        .slice(1)
        .map(({ run }) => run.id)
        .sort(),
    )
    const [mine, notMine] = await yard.store.works([kept!, { ...kept!, fence: 2 }])
    assert.equal(mine?.run.lease.nodeId, id)
    assert.equal(notMine, null)
    assert.equal((await world.settle(done(mine!))).runs[0]?.status, 'succeeded')
  })

  test('whoever could not finish it is told of, so that others come first', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    await yard.runs(1)
    const session = await yard.open(await yard.agent('a'))
    const offers: unknown[] = []
    const claim = async (now: number) => {
      const pools = (await yard.store.waiting(now, 9)).map(({ no }) => no)
      const { works } = await yard.store.claim(
        { now, sessionId: session, slots: 1, pools },
        (offer, pool) => {
          offers.push({ ...offer, pool: pools.indexOf(pool) })
          return true
        },
      )
      return works[0]!
    }
    const first = await claim(T0)
    await yard.world.settle(again(first, T0 + 5))
    const second = await claim(T0 + 5)
    const failed = { kind: 'error', code: 'exit', message: '1', reached: 'yes' } as const
    await yard.world.settle({ ...again(second, T0 + 6), outcome: failed })
    await claim(T0 + 6)
    assert.deepEqual(offers, [
      { readyAt: T0, failedBy: null, pool: 0 },
      { readyAt: T0 + 5, failedBy: 'agt_a', pool: 0 },
      { readyAt: T0 + 6, failedBy: null, pool: 0 },
    ])
  })

  test('what no agent took in time is missed: no_agent, unless its own start deadline came first', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    const { world } = yard
    const target = { command: { argv: ['x'] } }
    await world.job({ target, policy: { queueTimeout: '5s', startWithin: '1m' } })
    await world.plan(() => owes({ runs: [at(T0, { startBy: T0 + 5 * SECOND })], nextDueAt: null }))
    await world.job({ target, policy: { queueTimeout: '5m', startWithin: '4s' } })
    await world.plan(() => owes({ runs: [at(T0, { startBy: T0 + 4 * SECOND })], nextDueAt: null }))
    const missed = await world.store.runs.expire(T0 + 5 * SECOND + 1, 9)
    assert.deepEqual(missed.map(({ reason }) => reason).sort(), ['no_agent', 'too_late'])
  })

  test('the patience of a queued run begins when it may start', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    const { world } = yard
    await world.job({ target: { command: { argv: ['x'] } }, policy: { queueTimeout: '5s' } })
    await world.plan(() => owes({ runs: [at(T0), queued(T0 + 1)], nextDueAt: null }))
    const session = await yard.open(await yard.agent('a'))
    const [work] = await yard.claim(session)
    assert.equal((await world.store.runs.expire(T0 + 20 * SECOND, 9)).length, 0)
    world.now = T0 + 20 * SECOND
    await world.settle(done(work!))
    assert.deepEqual(await world.store.runs.expire(world.now + 5 * SECOND, 9), [])
    const [missed] = await world.store.runs.expire(world.now + 5 * SECOND + 1, 9)
    assert.equal(missed?.reason, 'no_agent')
  })

  test('a late report is kept beside its attempt, once, and only from the agent that made it', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    const { world } = yard
    await yard.runs(1)
    const a = await yard.agent('a')
    const session = await yard.open(a)
    const other = await yard.open(await yard.agent('b'))
    const [work] = await yard.claim(session)
    const { id: runId, fence } = work!.run
    await world.settle({ ...again(work!, T0 + 5, 'node_lost'), outcome: { kind: 'lost', message: 'gone' } })
    const ok = { kind: 'ok' } as const
    await yard.store.keepLate([{ runId, fence, outcome: ok, sessionId: other }], T0 + 6)
    await yard.store.keepLate([{ runId, fence: 9, outcome: ok, sessionId: session }], T0 + 6)
    assert.equal((await world.store.runs.attempts(runId))[0]?.late, null)
    const anew = await yard.open(a)
    await yard.store.keepLate([{ runId, fence, outcome: ok, sessionId: anew }], T0 + 7)
    await yard.store.keepLate([{ runId, fence, outcome: ok, sessionId: anew }], T0 + 8)
    const [attempt] = await world.store.runs.attempts(runId)
    assert.equal(attempt?.outcome, 'lost')
    assert.deepEqual(attempt?.late, { at: T0 + 7, outcome: 'ok', detail: ok })
    assert.equal((await world.run(runId)).status, 'pending')
  })

  test('a stale settlement is kept as evidence too', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    const { world } = yard
    const work = await world.running()
    await world.settle({ ...again(work, T0 + 5, 'node_lost'), outcome: { kind: 'lost', message: 'gone' } })
    assert.deepEqual((await world.settle(done(work))).runs, [null])
    const [attempt] = await world.store.runs.attempts(work.run.id)
    assert.deepEqual([attempt?.outcome, attempt?.late?.outcome], ['lost', 'ok'])
  })

  test('sessions hear of runs that are to stop', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    const { world, store } = yard
    await yard.runs(1)
    const session = await yard.open(await yard.agent('a'))
    const [work] = await yard.claim(session)
    assert.deepEqual(await store.stopping(), [])
    await world.store.runs.cancel(work!.run.id, T0, 'by me')
    assert.deepEqual(await store.stopping(), [session])
    assert.deepEqual(await world.store.runs.cancelling(session), [work!.run.id])
  })

  test('what attempts tell of themselves is kept while they go on', async () => {
    const yard = await openYard(kind)
    await using _ = yard.world
    const { store, world } = yard
    const session = await yard.open(await yard.agent('one'))
    await yard.runs(2)
    const [first, second] = await yard.claim(session)
    const of = ({ run }: Work): Held => ({ runId: run.id, fence: run.fence })
    const both = [first!.run.id, second!.run.id]
    await store.tell([{ ...of(first!), progress: 0.25, endsBy: T0 + MINUTE }], T0 + 1)
    await store.tell(
      [
        { ...of(first!), message: 'on it', endsBy: T0 + SECOND },
        { ...of(second!), fence: 9, progress: 1 },
        { runId: 'run_none', fence: 1, progress: 1 },
      ],
      T0 + 2,
    )
    const told = { ...of(first!), at: T0 + 2, progress: 0.25, message: 'on it', endsBy: T0 + MINUTE }
    assert.deepEqual(await store.told(both), [told])
    // Its agent starts anew, and still has it.
    const next = await yard.open(await yard.agent('one'), [of(first!)])
    assert.deepEqual(await store.told(both), [told])
    await world.settle(again(first!, world.now))
    assert.deepEqual(await store.told(both), [])
    await store.tell([{ ...of(first!), progress: 0.5 }], T0 + 3)
    assert.deepEqual(await store.told(both), [])
    const [again2] = await yard.claim(next)
    await store.tell([of(again2!)], T0 + 4)
    const bare = { ...of(again2!), at: T0 + 4, progress: null, message: null, endsBy: null }
    assert.deepEqual(await store.told(both), [bare])
    await world.settle(done(again2!, 'succeeded'))
    assert.deepEqual(await store.told(both), [])
  })
}
