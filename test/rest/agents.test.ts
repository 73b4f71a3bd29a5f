// The run protocol as an agent without our sdk would speak it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { triggerJob } from '../../src/commands/trigger-job.ts'
import type { Principal } from '../../src/domain/api-key.ts'
import { Porter } from '../../src/engine/porter.ts'
import { reaperTick } from '../../src/engine/reaper.ts'
import type { RunDetail } from '../../src/protocol/run.ts'
import type { Session, WorkItem } from '../../src/protocol/work.ts'
import { frames } from '../logs/log-world.ts'
import { assertProblem, type House, openHouse } from './house.ts'

const WHO: Principal = { id: 'key_test', name: 'test', scopes: ['admin'], projectIds: null }

type Leased = { works: WorkItem[]; stop: string[]; draining: boolean }

class FarAgent {
  readonly house: House
  readonly key: string
  session = ''
  attached: unknown[] = []

  constructor(house: House, key: string) {
    this.house = house
    this.key = key
  }

  async open(held: object[] = [], labels = {}): Promise<this> {
    const body = { hostname: 'far', pid: 7, version: '1', labels, slots: 4, held }
    const reply = await this.ask<Session>('POST', '/v1/agents/self/sessions', body)
    assert.equal(reply.status, 201, reply.text)
    this.session = reply.body.session
    this.attached = reply.body.attached
    return this
  }

  ask<T = Record<string, unknown>>(method: string, url: string, body?: object) {
    return this.house.ask<T>(method, url, { key: this.key, ...(body === undefined ? {} : { body }) })
  }

  say<T = Record<string, unknown>>(what: string, body: object) {
    return this.ask<T>('POST', `/v1/agents/self/sessions/${this.session}/${what}`, body)
  }

  async lease(slots = 4): Promise<Leased> {
    const reply = await this.say<Leased>('lease', { slots })
    assert.equal(reply.status, 200, reply.text)
    return reply.body
  }
}

async function join(house: House, name: string, draft: object = {}): Promise<FarAgent> {
  const token = await house.ask<{ secret: string }>('POST', '/v1/agent-tokens', { body: draft })
  assert.equal(token.status, 201, token.text)
  const body = { token: token.body.secret, name, hostname: 'far', version: '1' }
  const joined = await house.ask<{ secret: string }>('POST', '/v1/agents/join', { body, key: null })
  assert.equal(joined.status, 201, joined.text)
  return new FarAgent(house, joined.body.secret)
}

async function command(house: House, name: string, on: object = {}, policy: object = {}): Promise<string> {
  const target = { command: { argv: ['echo', name], on } }
  const body = { name, schedule: {}, target, policy: { retry: { max: 0 }, ...policy } }
  assert.equal((await house.ask('POST', '/v1/jobs', { body })).status, 201)
  return (await triggerJob(house.ctx, WHO, { idOrName: name }, {})).run.id
}

const runOf = async (house: House, id: string): Promise<RunDetail> =>
  (await house.ask<RunDetail>('GET', `/v1/runs/${id}`)).body

test('an agent joins, leases what its labels match, and reports', async () => {
  await using house = await openHouse()
  const agent = await (await join(house, 'db-1', { labels: { role: 'db' } })).open([], {
    role: 'web',
    zone: 'a',
  })
  const listed = await house.ask<{ items: { status: string; labels: object }[] }>('GET', '/v1/agents')
  assert.deepEqual(listed.body.items[0]?.labels, { role: 'db', zone: 'a', agent: 'db-1' })
  assert.equal(listed.body.items[0]?.status, 'live')
  await command(house, 'for-web', { labels: { role: 'web' } })
  const runId = await command(house, 'for-db', { labels: { role: 'db' } })
  const { works } = await agent.lease()
  assert.deepEqual(
    works.map(({ run }) => run.job),
    ['for-db'],
  )
  const { attempt, target } = works[0]!
  assert.deepEqual(target, { command: { argv: ['echo', 'for-db'], on: { labels: { role: 'db' } } } })
  assert.equal((await runOf(house, runId)).attempts[0]?.agent, 'db-1')
  const report = { run: runId, fence: attempt.fence, outcome: 'error', code: 'exit', message: 'exit code 3' }
  const reply = await agent.say('report', { reports: [report] })
  assert.deepEqual(reply.body, { counted: [true] })
  assert.deepEqual((await agent.say('report', { reports: [report] })).body, { counted: [false] })
  const run = await runOf(house, runId)
  assert.deepEqual([run.status, run.message, run.attempts[0]?.late], ['failed', 'exit code 3', null])
})

test('chunks of a log may arrive in any order where they are told to wait, as RFC 7240 says it', async () => {
  await using house = await openHouse()
  const agent = await (await join(house, 'any')).open()
  const runId = await command(house, 'talks')
  const { attempt } = (await agent.lease()).works[0]!
  const path = `/v1/agents/self/sessions/${agent.session}/logs/${runId}/${attempt.number}/0/${attempt.fence}`
  const send = (sequence: number, prefer?: string) =>
    house.app.inject({
      method: 'POST',
      url: `${path}/chunks/${sequence}`,
      headers: {
        authorization: `Bearer ${agent.key}`,
        'content-type': 'application/octet-stream',
        ...(prefer === undefined ? {} : { prefer }),
      },
      payload: Buffer.from(frames(['stdout', `${sequence}\n`])),
    })
  for (const prefer of [undefined, 'respond-async', 'wait=0', 'wait=soon', 'await=5']) {
    const refused = await send(1, prefer)
    assert.equal(refused.statusCode, 409, prefer)
    assert.equal((refused.json() as { code: string }).code, 'log_gap')
  }
  const waiting = [send(2, 'wait=5'), send(1, 'respond-async, wait=5')]
  assert.equal((await send(0)).statusCode, 200)
  for (const reply of await Promise.all(waiting)) assert.equal(reply.statusCode, 200, reply.body)
  const { body } = await house.ask<{ items: { text: string }[] }>('GET', `/v1/runs/${runId}/log`)
  assert.deepEqual(
    body.items.map(({ text }) => text),
    ['0', '1', '2'],
  )
})

test('a long poll is answered when work comes, and when the wait is over', async () => {
  await using house = await openHouse()
  const agent = await (await join(house, 'one')).open()
  const poll = agent.say<Leased>('lease', { slots: 1, waitMs: 20_000 })
  while (house.ctx.waiting.size === 0) await new Promise(setImmediate)
  const runId = await command(house, 'job')
  house.ctx.waiting.wakeFor({ projectId: 'prj_default', labels: {} })
  assert.deepEqual(
    (await poll).body.works.map(({ run }) => run.id),
    [runId],
  )
  const empty = agent.say<Leased>('lease', { slots: 1, waitMs: 5_000 })
  while (house.ctx.waiting.size === 0) await new Promise(setImmediate)
  house.clock.advance(5_000)
  assert.deepEqual((await empty).body, { works: [], stop: [], draining: false })
})

for (const [what, method, change] of [
  ['was revoked', 'DELETE', undefined],
  ['is no agent any more', 'PATCH', { scopes: ['jobs:read'] }],
] as const) {
  test(`one whose key ${what} while it waited gets no work`, async () => {
    await using house = await openHouse()
    const agent = await (await join(house, 'one')).open()
    const poll = agent.say('lease', { slots: 1, waitMs: 20_000 })
    while (house.ctx.waiting.size === 0) await new Promise(setImmediate)
    const { body } = await house.ask<{ items: { id: string; name: string }[] }>('GET', '/v1/keys')
    const key = body.items.find(({ name }) => name === 'agent one')
    assert.equal((await house.ask(method, `/v1/keys/${key?.id}`, { body: change })).status, 200)
    const runId = await command(house, 'job')
    house.ctx.waiting.wakeFor({ projectId: 'prj_default', labels: {} })
    assertProblem(await poll, 403, 'forbidden')
    assert.equal((await runOf(house, runId)).status, 'pending')
  })
}

test('one that is refused is offered again, and uses up none of the retries', async () => {
  await using house = await openHouse()
  const agent = await (await join(house, 'one')).open()
  const runId = await command(house, 'job')
  for (let n = 0; n < 5; n += 1) {
    const [work] = (await agent.lease()).works
    const refusal = { run: runId, fence: work!.attempt.fence, outcome: 'refused', message: 'busy' }
    await agent.say('report', { reports: [refusal] })
    house.clock.advance(20_000)
    await house.store.agents.spare(house.clock.now(), 30_000)
  }
  const [work] = (await agent.lease()).works
  await agent.say('report', { reports: [{ run: runId, fence: work!.attempt.fence, outcome: 'ok' }] })
  const run = await runOf(house, runId)
  assert.equal(run.status, 'succeeded')
  assert.deepEqual(
    run.attempts.map(({ outcome }) => outcome),
    [...Array(5).fill('refused'), 'ok'],
  )
  assert.equal(run.attempts[1]?.cause, 'refused')
})

test('what is to stop is told by the poll and by the beat, and once only to who knows', async () => {
  await using house = await openHouse()
  const agent = await (await join(house, 'one')).open()
  const runId = await command(house, 'job')
  const { works } = await agent.lease()
  const held = [{ run: runId, fence: works[0]!.attempt.fence }]
  assert.deepEqual((await agent.say('beat', { held })).body, { stop: [], gone: [] })
  await house.ask('POST', `/v1/runs/${runId}/cancel`)
  assert.deepEqual((await agent.say('beat', { held })).body, { stop: [runId], gone: [] })
  assert.deepEqual((await agent.lease(0)).stop, [runId])
  assert.deepEqual((await agent.say<Leased>('lease', { slots: 0, stopping: [runId] })).body.stop, [])
  await agent.say('report', { reports: [{ ...held[0], outcome: 'cancelled' }] })
  assert.equal((await runOf(house, runId)).status, 'cancelled')
  assert.deepEqual((await agent.say('beat', { held })).body, { stop: [], gone: held })
})

test('a silent agent loses its runs; its late news is kept as evidence and changes nothing', async () => {
  await using house = await openHouse()
  const agent = await (await join(house, 'one')).open()
  const runId = await command(house, 'job', {}, { delivery: 'at_most_once' })
  const { works } = await agent.lease()
  house.clock.advance(30_001)
  await reaperTick(house.ctx, 9)
  assert.equal((await runOf(house, runId)).status, 'unknown')
  const report = { run: runId, fence: works[0]!.attempt.fence, outcome: 'ok' }
  assertProblem(await agent.say('report', { reports: [report] }), 409, 'session_ended')
  await agent.open([{ run: runId, fence: 1 }])
  assert.deepEqual(agent.attached, [])
  assert.deepEqual((await agent.say('report', { reports: [report] })).body, { counted: [false] })
  const run = await runOf(house, runId)
  assert.equal(run.status, 'unknown')
  assert.equal(run.attempts[0]?.outcome, 'lost')
  assert.equal(run.attempts[0]?.late?.outcome, 'ok')
})

test('the newer session of an agent counts, and takes over what it still has', async () => {
  await using house = await openHouse()
  const older = await (await join(house, 'one')).open()
  const runId = await command(house, 'job')
  await older.lease()
  const newer = await new FarAgent(house, older.key).open([{ run: runId, fence: 1 }])
  assert.deepEqual(newer.attached, [{ run: runId, fence: 1 }])
  assertProblem(await older.say('lease', { slots: 1 }), 409, 'session_superseded')
  const { body } = await newer.say('report', { reports: [{ run: runId, fence: 1, outcome: 'ok' }] })
  assert.deepEqual(body, { counted: [true] })
})

test('a drained agent gets nothing new, a removed one does not come in', async () => {
  await using house = await openHouse()
  const agent = await (await join(house, 'one')).open()
  const drained = await house.ask('POST', '/v1/agents/one/drain', { body: { drain: true } })
  assert.equal(drained.body.status, 'draining')
  await command(house, 'job')
  assert.deepEqual(await agent.lease(), { works: [], stop: [], draining: true })
  await house.ask('POST', '/v1/agents/one/drain', { body: { drain: false } })
  assert.equal((await agent.lease()).works.length, 1)
  assert.equal((await house.ask('DELETE', '/v1/agents/one')).status, 204)
  assertProblem(await agent.say('lease', { slots: 1 }), 401, 'unauthenticated')
  assertProblem(await house.ask('GET', '/v1/agents/one'), 404, 'not_found')
})

test('an agent changes its key; the old one works for a while', async () => {
  await using house = await openHouse()
  const agent = await (await join(house, 'one')).open()
  const rotated = await agent.ask<{ secret: string }>('POST', '/v1/agents/self/rotate')
  assert.equal(rotated.status, 200)
  assert.equal((await agent.say('lease', { slots: 1 })).status, 200)
  const anew = new FarAgent(house, rotated.body.secret)
  anew.session = agent.session
  assert.equal((await anew.say('lease', { slots: 1 })).status, 200)
  house.clock.advance(600_001)
  assertProblem(await agent.say('lease', { slots: 1 }), 401, 'unauthenticated')
})

test('an agent that never got its new key changes the old one once more, and is not locked out', async () => {
  await using house = await openHouse()
  const agent = await (await join(house, 'one')).open()
  // The answers are lost on their way.
  for (let n = 0; n < 3; n += 1) {
    assert.equal((await agent.ask('POST', '/v1/agents/self/rotate')).status, 200)
    house.clock.advance(300_000)
    await house.store.agents.spare(house.clock.now(), 30_000)
  }
  assert.equal((await agent.say('lease', { slots: 1 })).status, 200)
  const rotated = await agent.ask<{ secret: string }>('POST', '/v1/agents/self/rotate')
  const anew = new FarAgent(house, rotated.body.secret)
  anew.session = agent.session
  assert.equal((await anew.ask('POST', '/v1/agents/self/rotate')).status, 200)
  assert.equal((await anew.say('lease', { slots: 1 })).status, 200)
  assertProblem(await agent.say('lease', { slots: 1 }), 401, 'unauthenticated')
})

test('a join token lets one agent in, once, in its time; nobody else comes in by it', async () => {
  await using house = await openHouse()
  const token = await house.ask<{ secret: string; id: string }>('POST', '/v1/agent-tokens', {
    body: { ttl: '10m' },
  })
  const body = { token: token.body.secret, name: 'one', hostname: 'h', version: '1' }
  assertProblem(await house.ask('GET', '/v1/agents', { key: token.body.secret }), 401, 'unauthenticated')
  assert.equal((await house.ask('POST', '/v1/agents/join', { body, key: null })).status, 201)
  assertProblem(await house.ask('POST', '/v1/agents/join', { body, key: null }), 401, 'token_invalid')
  const second = await house.ask<{ secret: string; id: string }>('POST', '/v1/agent-tokens', { body: {} })
  const again = { ...body, token: second.body.secret }
  assertProblem(await house.ask('POST', '/v1/agents/join', { body: again, key: null }), 409, 'name_taken')
  assert.equal((await house.ask('DELETE', `/v1/agent-tokens/${second.body.id}`)).status, 204)
  assertProblem(
    await house.ask('POST', '/v1/agents/join', { body: { ...again, name: 'x' }, key: null }),
    401,
    'token_invalid',
  )
  assertProblem(
    await house.ask('POST', '/v1/agents/join', { body: { ...body, name: '../x' }, key: null }),
    422,
    'invalid',
  )
})

test('an agent may do what agents do, and others may not', async () => {
  await using house = await openHouse()
  const agent = await (await join(house, 'one')).open()
  assertProblem(await agent.ask('GET', '/v1/jobs'), 403, 'forbidden')
  assertProblem(await agent.ask('GET', '/v1/agents'), 403, 'forbidden')
  assertProblem(await agent.ask('POST', '/v1/agent-tokens', {}), 403, 'forbidden')
  assertProblem(await house.ask('POST', '/v1/agents/self/sessions', { body: {} }), 403, 'forbidden')
  const stranger = await house.key({ scopes: ['agent'] })
  const body = { hostname: 'h', pid: 1, version: '1', labels: {}, slots: 1, held: [] }
  assertProblem(
    await house.ask('POST', '/v1/agents/self/sessions', { body, key: stranger }),
    403,
    'forbidden',
  )
  // More than the cluster store's column holds.
  const far = { ...body, pid: 2 ** 31 }
  assertProblem(await agent.ask('POST', '/v1/agents/self/sessions', far), 422, 'invalid')
})

test('an agent of one project gets the runs of that project only, and reports no others', async () => {
  await using house = await openHouse()
  await house.ask('POST', '/v1/projects', { body: { name: 'billing' } })
  const agent = await (await join(house, 'billing-1', { projects: ['billing'] })).open()
  const runId = await command(house, 'of-default')
  assert.deepEqual((await agent.lease()).works, [])
  const other = await (await join(house, 'any')).open()
  assert.equal((await other.lease()).works.length, 1)
  const stolen = await agent.say('report', { reports: [{ run: runId, fence: 1, outcome: 'ok' }] })
  assert.deepEqual(stolen.body, { counted: [false] })
  assert.equal((await runOf(house, runId)).status, 'running')
  assert.deepEqual((await agent.say('beat', { held: [{ run: runId, fence: 1 }] })).body, {
    stop: [],
    gone: [{ run: runId, fence: 1 }],
  })
})

test('what no agent takes in time is missed', async () => {
  await using house = await openHouse()
  await command(house, 'lonely', { labels: { role: 'gpu' } }, { queueTimeout: '10m' })
  const [run] = (await house.ask<{ items: { id: string; dueAt: string }[] }>('GET', '/v1/runs?job=lonely'))
    .body.items
  house.clock.advance(600_001)
  await reaperTick(house.ctx, 9)
  const missed = await runOf(house, run!.id)
  assert.deepEqual([missed.status, missed.reason], ['missed', 'no_agent'])
})

test('each wait for an agent has its own end', async () => {
  await using house = await openHouse()
  const agent = await (await join(house, 'one')).open()
  const policy = { queueTimeout: '5s', retry: { delays: ['1s'] } }
  const runId = await command(house, 'job', {}, policy)
  const { works } = await agent.lease()
  const { fence } = works[0]!.attempt
  await agent.say('report', { reports: [{ run: runId, fence, outcome: 'error', message: 'no' }] })
  house.clock.advance(6_000)
  await reaperTick(house.ctx, 9)
  assert.equal((await runOf(house, runId)).status, 'pending')
  house.clock.advance(1)
  await reaperTick(house.ctx, 9)
  const run = await runOf(house, runId)
  assert.deepEqual([run.status, run.reason, run.attemptCount], ['missed', 'no_agent', 1])
})

test('an agent that never ends what has run out of time does not keep it', async () => {
  await using house = await openHouse()
  const porter = new Porter(house.ctx)
  const agent = await (await join(house, 'stuck')).open()
  const runId = await command(house, 'job', {}, { timeout: '10s' })
  const { works } = await agent.lease()
  const held = [{ run: runId, fence: works[0]!.attempt.fence }]
  const gone: unknown[] = []
  for (const seconds of [20, 25, 25, 9, 1]) {
    house.clock.advance(seconds * 1_000)
    const beat = await agent.say<{ gone: unknown[] }>('beat', { held })
    assert.equal(beat.status, 200, beat.text)
    gone.push(beat.body.gone)
    await porter.tick()
  }
  assert.deepEqual(gone, [[], [], [], [], held])
  const run = await runOf(house, runId)
  assert.deepEqual([run.status, run.attempts[0]?.outcome], ['failed', 'timeout'])
  const ok = { ...held[0], outcome: 'ok' }
  assert.deepEqual((await agent.say('report', { reports: [ok] })).body, { counted: [false] })
  assert.equal((await runOf(house, runId)).attempts[0]?.late?.outcome, 'ok')
})

test('of the projects an agent works for a caller sees those it may enter', async () => {
  await using house = await openHouse()
  const ids: string[] = []
  for (const name of ['billing', 'payroll'])
    ids.push((await house.ask<{ id: string }>('POST', '/v1/projects', { body: { name } })).body.id)
  await join(house, 'shared', { projects: ['billing', 'payroll'] })
  await join(house, 'everywhere')
  const seen = async (key: string): Promise<(readonly string[] | null)[]> => {
    const { items } = (await house.ask<{ items: { name: string }[] }>('GET', '/v1/agents', { key })).body
    const all = await Promise.all(
      items.map(({ name }) =>
        house.ask<{ projectIds: string[] | null }>('GET', `/v1/agents/${name}`, { key }),
      ),
    )
    const one = all.map(({ body }) => body.projectIds)
    assert.deepEqual(
      one,
      (items as unknown as { projectIds: string[] | null }[]).map(({ projectIds }) => projectIds),
    )
    return one
  }
  const ofOne = await house.key({ scopes: ['runs:read'], projects: ['billing'] })
  assert.deepEqual(new Set(await seen(ofOne)), new Set([[ids[0]!], null]))
  assert.deepEqual(new Set(await seen(house.admin)), new Set([ids, null]))
})

test('what an attempt tells of itself is shown, and gives it more time', async () => {
  await using house = await openHouse()
  const agent = await (await join(house, 'one')).open()
  const runId = await command(house, 'job', {}, { timeout: '10s' })
  const { works } = await agent.lease()
  const held = [{ run: runId, fence: works[0]!.attempt.fence }]
  const news = [
    { ...held[0], progress: 0.5, message: 'half', extendMs: 600_000 },
    { run: runId, fence: 99, progress: 1 },
  ]
  const at = house.clock.now()
  assert.deepEqual((await agent.say('beat', { held, news })).body, { stop: [], gone: [] })
  const told = async () => (await runOf(house, runId)).attempts.at(-1)?.told
  const endsBy = new Date(at + 600_000).toISOString()
  assert.deepEqual(await told(), { at: new Date(at).toISOString(), progress: 0.5, message: 'half', endsBy })
  for (let minute = 0; minute < 9; minute += 1) {
    house.clock.advance(25_000)
    assert.deepEqual((await agent.say('beat', { held })).body, { stop: [], gone: [] })
    await new Porter(house.ctx).tick()
  }
  await agent.say('report', { reports: [{ ...held[0], outcome: 'ok' }] })
  assert.equal(await told(), null)
  for (const wrong of [{ progress: 2 }, { message: 'x'.repeat(501) }, { extendMs: 86_400_001 }, { odd: 1 }]) {
    assertProblem(await agent.say('beat', { held, news: [{ ...held[0], ...wrong }] }), 422, 'invalid')
  }
})
