// Runs that travel together.

import assert from 'node:assert/strict'
import type { IncomingHttpHeaders } from 'node:http'
import test, { type TestContext } from 'node:test'
import type { HttpTarget } from '../../src/domain/target.ts'
import { asError, asOk, dispatcherFor, httpServer, never, specOf, workOf } from './support.ts'

type Got = { headers: IncomingHttpHeaders; method: string; bytes: number; items: Record<string, unknown>[] }

async function batchServer(t: TestContext, status: (got: Got) => number = () => 200) {
  const got: Got[] = []
  const { url } = await httpServer(t, async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { headers, method = '' } = request
    const one = { headers, method, bytes: Buffer.byteLength(body), items: JSON.parse(body) }
    got.push(one)
    response.writeHead(status(one)).end('x'.repeat(5_000))
  })
  return { url, got }
}

test('many runs leave as one POST of a JSON array, each with its own outcome', async (t) => {
  const { url, got } = await batchServer(t)
  const spec = specOf({ url, batch: {}, body: { account: 7 }, headers: { 'X-Own': '1' } })
  const works = Array.from({ length: 1_000 }, (_, n) =>
    workOf(spec, { run: { fence: n + 1, late: n === 1 } }),
  )
  works[2] = workOf(spec, { run: { params: { other: true }, trigger: 'manual' }, attempt: { number: 4 } })
  const outcomes = await dispatcherFor(t).dispatchBatch(works, never)
  assert.equal(outcomes.length, 1_000)
  assert.equal(got.length, 1)
  const { headers, method, items } = got[0]!
  assert.equal(method, 'POST')
  assert.equal(headers['content-type'], 'application/json')
  assert.equal(headers['carillon-batch-size'], '1000')
  assert.match(String(headers['carillon-batch-id']), /^req_/)
  assert.match(String(headers['idempotency-key']), /^[0-9a-f]{64}$/)
  assert.equal(headers['x-own'], '1')
  assert.deepEqual(
    items.map(({ runId }) => runId),
    works.map(({ run }) => run.id),
  )
  assert.deepEqual(items[1], {
    runId: works[1]!.run.id,
    jobId: works[1]!.run.jobId,
    jobName: 'nightly-report',
    attempt: 1,
    fence: 2,
    dueAt: '2027-01-31T02:30:00.000Z',
    trigger: 'schedule',
    late: true,
    body: { account: 7 },
  })
  assert.deepEqual([items[2]!.body, items[2]!.attempt, items[2]!.trigger], [{ other: true }, 4, 'manual'])
  for (const outcome of outcomes) assert.equal(asOk(outcome).body, 'x'.repeat(1_024))
})

test('the key of a batch is the same for the same attempts and another for the next try', async (t) => {
  const { url, got } = await batchServer(t)
  const dispatcher = dispatcherFor(t)
  const spec = specOf({ url, batch: {} })
  const works = [workOf(spec), workOf(spec)]
  await dispatcher.dispatchBatch(works, never)
  await dispatcher.dispatchBatch(works, never)
  const again = works.map((work) => ({ ...work, attempt: { ...work.attempt, number: 2 } }))
  await dispatcher.dispatchBatch(again, never)
  const [first, second, third] = got.map(({ headers }) => headers['idempotency-key'])
  assert.equal(first, second)
  assert.notEqual(first, third)
})

test('runs beyond the limits leave in several requests, outcomes stay in order', async (t) => {
  const { url, got } = await batchServer(t, ({ items }) =>
    items.some(({ fence }) => fence === 13) ? 500 : 200,
  )
  const spec = specOf({ url, batch: { maxItems: 10 } })
  const works = Array.from({ length: 25 }, (_, n) => workOf(spec, { run: { fence: n + 1 } }))
  const outcomes = await dispatcherFor(t).dispatchBatch(works, never)
  assert.deepEqual(got.map(({ items }) => items.length).sort(), [10, 10, 5])
  const kinds = outcomes.map(({ kind }) => kind)
  assert.deepEqual(kinds, [...Array(10).fill('ok'), ...Array(10).fill('error'), ...Array(5).fill('ok')])
  assert.equal(asError(outcomes[12]!).code, 'http_status')
  assert.equal(asError(outcomes[12]!).response?.body.length, 1_024)
})

test('no request is larger than maxBytes', async (t) => {
  const { url, got } = await batchServer(t)
  const spec = specOf({ url, batch: { maxBytes: 5_000 }, body: 'é'.repeat(100) })
  const works = Array.from({ length: 100 }, () => workOf(spec))
  await dispatcherFor(t).dispatchBatch(works, never)
  assert.ok(got.length > 5)
  for (const { bytes } of got) assert.ok(bytes <= 5_000, String(bytes))
  assert.equal(got.flatMap(({ items }) => items).length, 100)
})

test('a batch that nobody answers is one outcome for all', async (t) => {
  const { url } = await httpServer(t, (request) => request.socket.destroy())
  const spec = specOf({ url, batch: {} })
  const outcomes = await dispatcherFor(t).dispatchBatch([workOf(spec), workOf(spec)], never)
  assert.deepEqual(
    outcomes.map((outcome) => [asError(outcome).code, asError(outcome).reached]),
    [
      ['reset', 'maybe'],
      ['reset', 'maybe'],
    ],
  )
})

test('an aborted batch is cancelled, chunks that wait too', async (t) => {
  const arrived = Promise.withResolvers<void>()
  let requests = 0
  const { url } = await httpServer(t, () => {
    requests += 1
    arrived.resolve()
  })
  const spec = specOf({ url, batch: { maxItems: 1 } })
  const controller = new AbortController()
  const works = Array.from({ length: 20 }, () => workOf(spec))
  const call = dispatcherFor(t).dispatchBatch(works, controller.signal)
  await arrived.promise
  controller.abort()
  assert.ok((await call).every(({ kind }) => kind === 'cancelled'))
  assert.ok(requests <= 4)
})

test('nothing to send is nothing', async (t) => {
  assert.deepEqual(await dispatcherFor(t).dispatchBatch([], never), [])
})

test('who may travel together', (t) => {
  const dispatcher = dispatcherFor(t)
  const base: HttpTarget = { url: 'http://x.example/', batch: {}, headers: { a: '1', b: '2' } }
  const key = (http: HttpTarget, projectId = 'prj_1', policy = {}) =>
    dispatcher.batchKey(workOf(specOf(http, policy), { run: { projectId } }))
  const reference = key(base)
  assert.equal(typeof reference, 'string')
  assert.equal(key({ ...base, headers: { b: '2', a: '1' } }), reference)
  assert.equal(key({ ...base, body: 'each run has its own' }), reference)
  assert.equal(key({ ...base, method: 'POST' }), reference)
  const { batch: _, ...alone } = base
  assert.equal(key(alone), null)
  for (const other of [
    { ...base, url: 'http://x.example/other' },
    { ...base, method: 'PUT' },
    { ...base, headers: { a: '1', b: '3' } },
    { ...base, acceptStatus: [200] },
    { ...base, timeout: '5s' },
    { ...base, batch: { maxItems: 5 } },
  ]) {
    assert.notEqual(key(other), reference, JSON.stringify(other))
  }
  assert.notEqual(key(base, 'prj_2'), reference)
  assert.notEqual(key(base, 'prj_1', { timeout: '5s' }), reference)
})
