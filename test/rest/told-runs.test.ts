// What receivers and workers tell of runs: who may, and that they repeat no secret they were sent.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hearWords } from '../../src/commands/hear-words.ts'
import type { Work } from '../../src/ports/work.ts'
import { type Asking, assertProblem, type House, OWN_NODE, openHouse } from './house.ts'

const VALUE = 'correct horse battery staple'
const HTTP = { url: 'https://example.com/' }
const SECRET = { headers: { 'X-Key': '{{secret.token}}' } }

/** A run of such a target under way at the node of the house. */
async function running(house: House, target: object): Promise<Work> {
  const { store, clock } = house
  await house.ask('PUT', '/v1/secrets/token', { body: { value: VALUE } })
  await store.nodes.register({ id: OWN_NODE, hostname: 'h', pid: 1, version: '0' }, clock.now(), 3_600_000)
  const job = { name: 'told', schedule: {}, target }
  assert.equal((await house.ask('POST', '/v1/jobs', { body: job })).status, 201)
  assert.equal((await house.ask('POST', '/v1/jobs/told/trigger', { body: {} })).status, 201)
  const { works } = await store.runs.claimReady({ now: clock.now(), nodeId: OWN_NODE, slots: 9 })
  return works[0]!
}

function told({ run }: Work, house: House, more: Asking): [string, Asking] {
  const token = house.ctx.runTokens.make(run.id, run.fence)
  return [`/v1/runs/${run.id}`, { ...more, key: token }]
}

test('what a receiver repeats of its secrets is masked in the ledger and in the log', async () => {
  await using house = await openHouse()
  const work = await running(house, { http: { ...HTTP, ...SECRET, async: true } })
  const tell = async (path: string, more: Asking) => {
    const [url, asking] = told(work, house, more)
    const reply = await house.ask('POST', `${url}/${path}`, asking)
    assert.ok(reply.status < 300, reply.text)
    return reply
  }
  const message = `the key ${VALUE} is not taken`
  await tell('beat', { body: { message } })
  const raw = Buffer.from(`key ${VALUE}, base64 ${Buffer.from(VALUE).toString('base64')}\n`)
  await tell('log/chunks/0', { raw, headers: { 'content-type': 'application/octet-stream' } })
  const seen: string[] = []
  const look = async () => {
    for (const url of [`/v1/runs/${work.run.id}`, `/v1/runs/${work.run.id}/log`])
      seen.push((await house.ask('GET', url)).text)
  }
  await look()
  assert.match(seen[0]!, /the key \*\*\* is not taken/)
  assert.match(seen[1]!, /key \*\*\*, base64 \*\*\*/)
  await tell('fail', { body: { message, code: VALUE, retryable: false } })
  await tell('complete', { body: { output: message } })
  await look()
  assert.match(seen[2]!, /the key \*\*\* is not taken/)
  for (const text of seen) assert.doesNotMatch(text, /battery|Y29ycmVjdCBob3JzZSBiYXR0/)
})

test('nor is the token itself shown, where the receiver repeats it', async () => {
  await using house = await openHouse()
  const work = await running(house, { http: { ...HTTP, async: true } })
  const { runTokens } = house.ctx
  const token = runTokens.make(work.run.id, work.run.fence)
  const tell = async (path: string, more: Asking) => {
    const reply = await house.ask('POST', `/v1/runs/${work.run.id}/${path}`, { ...more, key: token })
    assert.ok(reply.status < 300, reply.text)
  }
  const headers = { 'content-type': 'application/octet-stream' }
  await tell('beat', { body: { message: `called with ${token}` } })
  await tell('log/chunks/0', { raw: Buffer.from(`called with ${token}\n`), headers })
  const shown = async (): Promise<string> =>
    (await house.ask('GET', `/v1/runs/${work.run.id}`)).text +
    (await house.ask('GET', `/v1/runs/${work.run.id}/log`)).text
  const underWay = await shown()
  await tell('fail', { body: { message: `called with ${token}` } })
  for (const text of [underWay, await shown()]) {
    assert.match(text, /called with \*\*\*/)
    assert.ok(!text.includes(token), text)
  }
})

test('what a worker repeats of its secrets is masked', async () => {
  await using house = await openHouse()
  const message = { queue: 'q', body: '{{secret.token}}', finish: 'status' }
  const work = await running(house, { message })
  const { run } = work
  const handing = { run, accepted: true, lookAt: null }
  assert.deepEqual(await house.store.handed.hand([handing], house.clock.now()), [true])
  const word = { runId: run.id, says: 'failed', message: `it said ${VALUE}`, retryable: false } as const
  assert.deepEqual(await hearWords(house.ctx, [word], () => null), [{ kind: 'taken' }])
  const { text } = await house.ask('GET', `/v1/runs/${run.id}`)
  assert.match(text, /it said \*\*\*/)
  assert.doesNotMatch(text, /battery/)
})

test('for many words of runs of one job its secrets are opened once', async () => {
  await using house = await openHouse()
  const { store, clock, ctx } = house
  const first = await running(house, { message: { queue: 'q', body: '{{secret.token}}', finish: 'status' } })
  const allow = { policy: { overlap: { mode: 'allow', max: 9 } } }
  assert.equal((await house.ask('PATCH', '/v1/jobs/told', { body: allow })).status, 200)
  for (let n = 0; n < 4; n += 1)
    assert.equal((await house.ask('POST', '/v1/jobs/told/trigger', { body: {} })).status, 201)
  const { works } = await store.runs.claimReady({ now: clock.now(), nodeId: OWN_NODE, slots: 9 })
  const all = [first, ...works]
  await store.handed.hand(
    all.map(({ run }) => ({ run, accepted: true, lookAt: null })),
    clock.now(),
  )
  let opened = 0
  const some = store.secrets.some.bind(store.secrets)
  store.secrets.some = (projectId, names) => {
    opened += 1
    return some(projectId, names)
  }
  const words = all.map(({ run }) => {
    return { runId: run.id, says: 'failed', message: `it said ${VALUE}`, retryable: false } as const
  })
  assert.equal((await hearWords(ctx, words, () => null)).length, 5)
  assert.equal(opened, 2, 'once for each version of the job')
  for (const { run } of all)
    assert.match((await house.ask('GET', `/v1/runs/${run.id}`)).text, /it said \*\*\*/)
})

test('wrong tokens of runs are counted, and hold up no right one', async () => {
  await using house = await openHouse({ limits: { authFailuresPerMinute: 2 } })
  const work = await running(house, { http: { ...HTTP, async: true } })
  const [url, asking] = told(work, house, { body: {} })
  const statuses: number[] = []
  for (const key of ['crt_1_a', 'crt_1_b', 'crt_1_c'])
    statuses.push((await house.ask('POST', `${url}/beat`, { body: {}, key })).status)
  assert.deepEqual(statuses, [401, 401, 429])
  assert.equal((await house.ask('POST', `${url}/beat`, asking)).status, 200)
})

test('a run that was given no token is not told of with one, whoever made it', async () => {
  await using house = await openHouse()
  const work = await running(house, { http: HTTP })
  const bytes = { raw: Buffer.from('x'), headers: { 'content-type': 'application/octet-stream' } }
  const stranger = { key: 'crt_1_unknown', raw: '{ this is read by nobody' }
  assertProblem(await house.ask('POST', `/v1/runs/${work.run.id}/complete`, stranger), 401, 'unauthenticated')
  const ways: [string, Asking][] = [
    ['beat', { body: {} }],
    ['complete', { body: {} }],
    ['fail', { body: { message: 'x' } }],
    ['log/chunks/0', bytes],
    ['log/seal', { body: { chunks: 1 } }],
  ]
  for (const [path, more] of ways) {
    const [url, asking] = told(work, house, more)
    assertProblem(await house.ask('POST', `${url}/${path}`, asking), 401, 'unauthenticated')
  }
  assert.equal((await house.store.runs.get(work.run.id))?.status, 'running')
  await house.store.nodes.leave(OWN_NODE, house.clock.now())
  const [lost] = await house.store.runs.lost(house.clock.now(), 9)
  const outcome = { kind: 'lost', message: 'gone' } as const
  const settlement = { kind: 'done', status: 'failed', message: 'gone' } as const
  const now = house.clock.now()
  await house.store.runs.settle([{ run: lost!.work.run, outcome, settlement, endedAt: now }], now)
  const [url, asking] = told(work, house, { body: {} })
  assertProblem(await house.ask('POST', `${url}/complete`, asking), 401, 'unauthenticated')
})
