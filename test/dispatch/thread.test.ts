// The dispatcher in a thread of its own: to its callers it is the one inside, and an accident of the thread is no secret.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import test, { type TestContext } from 'node:test'
import type { Worker } from 'node:worker_threads'
import { LeaseCell } from '../../src/adapters/system/lease-cell.ts'
import { systemClock } from '../../src/adapters/system/system-clock.ts'
import type { AddressPolicy } from '../../src/dispatch/address-rules.ts'
import type { HttpDispatcher } from '../../src/dispatch/http-work.ts'
import { createThreadDispatcher, type ThreadDispatcher } from '../../src/dispatch/thread/thread-dispatcher.ts'
import { withTokens } from '../../src/dispatch/with-tokens.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { startHttpThread } from '../../src/main/start-http-thread.ts'
import type { Dispatcher } from '../../src/ports/dispatcher.ts'
import type { StopSignal } from '../../src/ports/stop.ts'
import type { Work } from '../../src/ports/store.ts'
import {
  asOk,
  CLOSED,
  chance,
  closed,
  closedPort,
  dispatcherFor,
  httpServer,
  never,
  OPEN,
  specOf,
  tcpServer,
  workOf,
} from './support.ts'

type Threaded = { dispatcher: ThreadDispatcher; threads: Worker[]; defects: unknown[] }

function threaded(
  t: TestContext,
  addresses: AddressPolicy = OPEN,
  around: (begin: () => Worker) => Worker = (begin) => begin(),
  defects: unknown[] = [],
): Threaded {
  const userAgent = 'carillon-test'
  const threads: Worker[] = []
  const begin = (): Worker => {
    const lease = new LeaseCell()
    lease.holdFor(3_600_000)
    const thread = startHttpThread({
      addresses,
      userAgent,
      connectionsPerOrigin: 128,
      lease: lease.memory,
    })
    threads.push(thread)
    return thread
  }
  const dispatcher = createThreadDispatcher({
    clock: systemClock,
    start: () => around(begin),
    userAgent,
    onDefect: (error) => defects.push(error),
  })
  t.after(() => dispatcher[Symbol.asyncDispose]())
  return { dispatcher, threads, defects }
}

/** The thread knows a definition by its job and version. */
function ofOwnJob(work: Work): Work {
  return { ...work, run: { ...work.run, jobId: chance.id('job') } }
}

/** How long it took is never the same twice; that it was measured is. */
function untimed(outcome: Outcome): object {
  return 'timing' in outcome ? { ...outcome, timing: 'measured' } : outcome
}

test('every outcome is the one that the dispatcher inside gives', async (t) => {
  const seen: string[] = []
  const { url } = await httpServer(t, async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { 'carillon-attempt': attempt, 'carillon-fence': fence, traceparent } = request.headers
    seen.push(JSON.stringify([request.method, request.url, attempt, fence, traceparent, body]))
    response.sendDate = false
    if (request.url === '/busy') response.writeHead(503, { 'Retry-After': '7' }).end('später')
    else response.end(request.url === '/long' ? 'ä'.repeat(50_000) : `<${body}>`)
  })
  const works = [
    workOf({ url: `${url}/plain`, body: { text: 'Grüße "\u2028' } }),
    workOf({ url: `${url}/by-hand` }, { run: { params: [1, null, 'x'], trigger: 'manual', late: true } }),
    workOf(
      { ...specOf({ url: `${url}/once` }), schedule: { at: '2027-01-01T00:00:00Z' } },
      { attempt: { number: 3 } },
    ),
    workOf({ url: `${url}/busy`, acceptStatus: ['2xx', 404] }),
    workOf({ url: `${url}/long`, responseBytesMax: 1_000 }),
    workOf({ url: `http://127.0.0.1:${await closedPort()}/` }),
    workOf({ url: 'http://169.254.169.254/latest' }),
    workOf({ url: 'no url' }),
  ].map(ofOwnJob)
  const { dispatcher } = threaded(t)
  const inside = dispatcherFor(t)
  const outcomesOf = (by: HttpDispatcher) =>
    Promise.all(works.map(async (work) => untimed(await by.dispatch(work, never))))
  const expected = await outcomesOf(inside)
  const requests = seen.splice(0).sort()
  assert.deepEqual(await outcomesOf(dispatcher), expected)
  assert.deepEqual(seen.sort(), requests)
})

test('the address guard stands in the thread too', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end())
  const outcome = await threaded(t, CLOSED).dispatcher.dispatch(workOf({ url }), never)
  assert.equal(outcome.kind === 'error' && outcome.code, 'target_forbidden')
})

test('what leaves together leaves as one request, each run with its own outcome', async (t) => {
  const sizes: (string | undefined)[] = []
  const { url } = await httpServer(t, async (request, response) => {
    sizes.push(String(request.headers['carillon-batch-size']))
    for await (const _ of request);
    response.end('ok')
  })
  const spec = specOf({ url, batch: { maxItems: 2 } })
  const works = [workOf(spec), workOf(spec), workOf(spec)]
  const { dispatcher } = threaded(t)
  assert.equal(dispatcher.batchKey(works[0]!), dispatcherFor(t).batchKey(works[0]!))
  const outcomes = await dispatcher.dispatchBatch(works, never)
  assert.deepEqual(
    outcomes.map((outcome) => asOk(outcome).body),
    ['ok', 'ok', 'ok'],
  )
  assert.deepEqual(sizes.sort(), ['1', '2'])
})

test('a token is shown by the call it was made for, and by no later one of the same job', async (t) => {
  const shown: (string | undefined)[] = []
  const { url } = await httpServer(t, (request, response) => {
    shown.push(request.headers.authorization)
    response.end()
  })
  let made = 0
  const dispatcher = withTokens(threaded(t).dispatcher as unknown as Dispatcher, async () => {
    made += 1
    return `token-${made}`
  })
  const spec = specOf({ url, auth: { oidc: { audience: 'urn:them' } } })
  for (const _ of [1, 2, 3]) assert.equal((await dispatcher.dispatch(workOf(spec), never)).kind, 'ok')
  assert.deepEqual(shown, ['Bearer token-1', 'Bearer token-2', 'Bearer token-3'])
})

test('more than fits into one message arrives whole', async (t) => {
  const { url } = await httpServer(t, async (request, response) => {
    let bytes = 0
    for await (const chunk of request) bytes += (chunk as Buffer).length
    response.end(String(bytes))
  })
  const { dispatcher } = threaded(t)
  const body = 'x'.repeat(900_000)
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, () => dispatcher.dispatch(workOf({ url, body }), never)),
  )
  for (const outcome of outcomes) assert.equal(asOk(outcome).body, '900000')
})

test('calls of one target arrive, also around one that is cancelled before it leaves', async (t) => {
  const seen: string[] = []
  const { url } = await httpServer(t, (request, response) => {
    seen.push(`${request.url} ${request.headers['carillon-job-name']}`)
    response.end()
  })
  const { dispatcher } = threaded(t)
  const alike = specOf({ url: `${url}/alike` })
  const ring = (name: string, signal: StopSignal = never) =>
    dispatcher.dispatch(ofOwnJob(workOf({ ...alike, name })), signal)
  const stop = new AbortController()
  const before = [ring('a'), ring('b'), ring('cancelled', stop.signal)]
  stop.abort()
  const outcomes = await Promise.all([...before, ring('c'), ring('d')])
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['ok', 'ok', 'cancelled', 'ok', 'ok'],
  )
  assert.deepEqual(
    seen.filter((text) => !text.endsWith('cancelled')).sort(),
    ['a', 'b', 'c', 'd'].map((name) => `/alike ${name}`),
  )
})

test('a cancelled call ends as cancelled and closes its connection', async (t) => {
  const { url, sockets } = await tcpServer(t, (socket) => socket.once('data', () => abort.abort()))
  const abort = new AbortController()
  const { dispatcher } = threaded(t)
  assert.equal((await dispatcher.dispatch(workOf({ url }), abort.signal)).kind, 'cancelled')
  await closed(sockets[0]!)

  const before = new AbortController()
  const calls = [
    dispatcher.dispatch(workOf({ url }), before.signal),
    dispatcher.dispatch(workOf({ url }), AbortSignal.abort()),
  ]
  before.abort()
  assert.deepEqual(
    (await Promise.all(calls)).map(({ kind }) => kind),
    ['cancelled', 'cancelled'],
  )
})

test('a thread that dies takes its calls along as lost, and the next call gets a new thread', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    if (request.url === '/silent') void threads[0]!.terminate()
    else response.end('ok')
  })
  const { dispatcher, threads, defects } = threaded(t)
  const spec = specOf({ url: `${url}/silent`, batch: {} })
  const lost = await Promise.all([
    dispatcher.dispatch(ofOwnJob(workOf({ url: `${url}/silent` })), never),
    dispatcher.dispatchBatch([workOf(spec), workOf(spec)], never),
  ])
  assert.deepEqual(
    lost.flat().map(({ kind }) => kind),
    ['lost', 'lost', 'lost'],
  )
  assert.equal(defects.length, 1)
  assert.equal(asOk(await dispatcher.dispatch(workOf({ url }), never)).body, 'ok')
  assert.equal(threads.length, 2)
})

test('the thread begins with the first work, or when there will be some soon, and once', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end())
  const { dispatcher, threads } = threaded(t)
  assert.equal(threads.length, 0)
  dispatcher.warm()
  dispatcher.warm()
  assert.equal(threads.length, 1)
  assert.equal((await dispatcher.dispatch(workOf({ url }), never)).kind, 'ok')
  assert.equal(threads.length, 1)
  await dispatcher[Symbol.asyncDispose]()
  dispatcher.warm()
  assert.equal(threads.length, 1)
})

test('where the system gives no thread nothing was sent, and the next work asks for one again', async (t) => {
  const { url } = await httpServer(t, (_, response) => response.end())
  const defects: unknown[] = []
  const { dispatcher } = threaded(
    t,
    OPEN,
    (begin) => {
      if (defects.length < 2) throw new Error('EAGAIN')
      return begin()
    },
    defects,
  )
  dispatcher.warm()
  assert.deepEqual(await dispatcher.dispatch(workOf({ url }), never), {
    kind: 'lost',
    message: 'the thread that carries it out did not begin',
    reached: 'no',
  })
  assert.equal(defects.length, 2)
  assert.equal((await dispatcher.dispatch(workOf({ url }), never)).kind, 'ok')
})

test('at the end what is under way is cancelled, and the thread is gone', async (t) => {
  const { url } = await tcpServer(t, (socket) => socket.once('data', () => arrived.resolve()))
  const arrived = Promise.withResolvers<void>()
  const { dispatcher, threads, defects } = threaded(t)
  const call = dispatcher.dispatch(workOf({ url }), never)
  await arrived.promise
  const exited = once(threads[0]!, 'exit')
  await dispatcher[Symbol.asyncDispose]()
  assert.equal((await call).kind, 'cancelled')
  assert.deepEqual(await exited, [0])
  assert.equal((await dispatcher.dispatch(workOf({ url }), never)).kind, 'cancelled')
  assert.deepEqual(defects, [])
})
