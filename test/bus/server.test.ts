// A whole server on a real broker, with workers in processes of their own, and what goes wrong there.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openAmqpBus } from '../../src/adapters/amqp/amqp-bus.ts'
import { createSystemChance } from '../../src/adapters/system/system-chance.ts'
import { systemClock } from '../../src/adapters/system/system-clock.ts'
import { OUTSIDE_NODE_ID } from '../../src/domain/handed-over.ts'
import type { MessageBus, ReceivedMessage } from '../../src/ports/message-bus.ts'
import { Stop } from '../../src/ports/stop.ts'
import type { JobDraft, Run } from '../../src/sdk/index.ts'
import { NotRetryable, startWorker } from '../../src/sdk/worker/worker.ts'
import { Folder } from '../support/folder.ts'
import { Rabbit } from '../support/rabbitmq.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const WITHIN_MS = 40_000
const KIT = fileURLToPath(new URL('../../src/sdk/worker/worker.ts', import.meta.url))

let rabbit: Rabbit
let server: ServerProcess
let bus: MessageBus
const folder = new Folder()

before(async () => {
  rabbit = await Rabbit.start()
  server = await startServer()
  bus = openAmqpBus({
    url: rabbit.url,
    clock: systemClock,
    chance: createSystemChance(systemClock.now),
    connectionName: 'a test',
    onError: () => {},
  })
})
after(async () => {
  await bus?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
  await rabbit?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

function startServer(): Promise<ServerProcess> {
  const dataDir = folder.file('data')
  return ServerProcess.start({ dataDir, args: ['--bus', rabbit.url, '--poll-interval', '200ms'] })
}

async function queue(name: string): Promise<void> {
  assert.equal((await bus.declare({ queues: [{ name }] }, new Stop())).kind, 'declared')
}

function job(name: string, message: object, policy: object = {}): Promise<unknown> {
  const target = { message } as JobDraft['target']
  return server.client.jobs.create({ name, schedule: {}, target, policy })
}

const runOf = async (name: string): Promise<string> => (await server.client.jobs.trigger(name)).id

async function endOf(id: string): Promise<Run & { attempts: readonly { outcome: string | null }[] }> {
  return until('the run has ended', WITHIN_MS, async () => {
    const run = await server.client.runs.get(id)
    return run.finishedAt === null ? null : run
  })
}

/** The worker printed in the document. */
function documentedWorker(): ChildProcess & { said: () => string } {
  const page = readFileSync(new URL('../../docs/bus.md', import.meta.url), 'utf8')
  const code = /^```js\n([\s\S]*?)^```$/m.exec(page)?.[1]
  assert.ok(code !== undefined, 'the worker of docs/bus.md is found')
  return workerProcess('documented', code)
}

/** In a process of its own. */
function workerProcess(name: string, code: string): ChildProcess & { said: () => string } {
  const file = folder.file(`${name}.mjs`)
  writeFileSync(file, code.replace("'carillon/worker'", JSON.stringify(KIT)))
  const child = spawn(process.execPath, [file], {
    env: { PATH: process.env['PATH'], AMQP_URL: rabbit.url } as unknown as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  return Object.assign(child, { said: () => text })
}

test('the worker of the document does what it says', async () => {
  await queue('billing')
  await job(
    'close-day',
    { queue: 'billing', finish: 'status', body: { due: '{{run.dueAt}}' } },
    { heartbeatTimeout: '1m' },
  )
  const worker = documentedWorker()
  const ended = new Promise((resolve) => worker.on('close', resolve))
  try {
    const run = await endOf(await runOf('close-day'))
    assert.deepEqual([run.status, run.attempts.length], ['succeeded', 1])
    assert.equal(worker.said(), `closing ${run.dueAt} (attempt 1)\n`)
  } finally {
    worker.kill('SIGTERM')
  }
  assert.equal(await ended, 0)
})

test('a worker fails, and is told to stop', async () => {
  await queue('moods')
  const again = { retry: { delays: ['100ms'] }, heartbeatTimeout: '1s', timeout: '10m' }
  for (const name of ['weak', 'hopeless', 'endless']) {
    await job(name, { queue: 'moods', finish: 'status' }, again)
  }
  const took: string[] = []
  await using _worker = await startWorker({
    url: rabbit.url,
    queue: 'moods',
    heartbeatMs: 200,
    async work({ job, attempt }, signal) {
      took.push(`${job} ${attempt}`)
      if (job === 'weak' && attempt === 1) throw new Error('not today')
      if (job === 'hopeless') throw new NotRetryable('never')
      if (job === 'endless') {
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped')))
        })
      }
    },
  })
  const weak = await endOf(await runOf('weak'))
  assert.deepEqual([weak.status, weak.attempts.map(({ outcome }) => outcome)], ['succeeded', ['error', 'ok']])
  const hopeless = await endOf(await runOf('hopeless'))
  assert.deepEqual([hopeless.status, hopeless.message, hopeless.attempts.length], ['failed', 'never', 1])
  const endless = await runOf('endless')
  await until('it works on it', WITHIN_MS, () => took.includes('endless 1'))
  await server.client.runs.cancel(endless)
  assert.equal((await endOf(endless)).status, 'cancelled')
})

test('a worker that is killed loses its attempt, and another one does the work', async () => {
  await queue('deadly')
  const policy = { retry: { delays: ['100ms'] }, heartbeatTimeout: '1s', timeout: '10m' }
  await job('deadly', { queue: 'deadly', finish: 'status' }, policy)
  const first = workerProcess(
    'deadly',
    `import { startWorker } from 'carillon/worker'
     const work = () => { console.log('begun'); return new Promise(() => {}) }
     await startWorker({ url: process.env.AMQP_URL, queue: 'deadly', heartbeatMs: 200, work })`,
  )
  const id = await runOf('deadly')
  // A message that was not acknowledged yet would be brought to the other worker as the same attempt. The heartbeats come after
  // that acknowledgement, over the same connection.
  await until('its heartbeat is heard', WITHIN_MS, async () => {
    const { outside } = await server.client.runs.get(id)
    return outside?.acceptedAt != null && outside.heardAt !== null && outside.heardAt > outside.acceptedAt
  })
  assert.equal(first.said(), 'begun\n')
  first.kill('SIGKILL')
  await using _second = await startWorker({ url: rabbit.url, queue: 'deadly', work: () => {} })
  const run = await endOf(id)
  assert.deepEqual([run.status, run.attempts.map(({ outcome }) => outcome)], ['succeeded', ['lost', 'ok']])
})

test('through a broker that is killed under load each message is an attempt, and each run has its message', async () => {
  await queue('storm')
  const messages: string[] = []
  await using _consumer = bus.consume(
    { queue: 'storm', topology: {}, prefetch: 200, bytesMax: 1_000, deadLetters: 'none' },
    async (batch) => {
      messages.push(
        ...batch.map(({ headers }) => `${headers['Carillon-Run-Id']} ${headers['Carillon-Attempt']}`),
      )
      return batch.map(() => ({ kind: 'done' }))
    },
  )
  const at = new Date(Date.now() + 3_000).toISOString()
  const drafts = Array.from({ length: 3_000 }, (_, n) => ({
    name: `storm-${n}`,
    labels: { storm: 'yes' },
    schedule: { at },
    target: { message: { queue: 'storm' } } as JobDraft['target'],
    policy: { retry: { max: 5, minDelay: '100ms' } },
  }))
  await server.client.jobs.createMany({ jobs: drafts })
  await until('the storm has begun', WITHIN_MS, () => messages.length > 300)
  await rabbit.kill()
  await rabbit.resume()
  const runs: { id: string; status: string; attemptCount: number }[] = []
  await until('all have ended', WITHIN_MS * 2, async () => {
    runs.length = 0
    for await (const run of server.client.runs.all({ from: new Date(Date.parse(at) - 1).toISOString() })) {
      if (run.job.startsWith('storm-')) runs.push(run)
    }
    return runs.length === 3_000 && runs.every(({ status }) => status === 'succeeded')
  })
  const attempted = new Map(runs.map(({ id, attemptCount }) => [id, attemptCount]))
  const heard = new Set(messages.map((text) => text.split(' ')[0]!))
  await until('every run was heard of', WITHIN_MS, () => {
    for (const text of messages) heard.add(text.split(' ')[0]!)
    return heard.size === 3_000
  })
  // What the broker brings twice after its fall is the same attempt; none is unknown to the ledger.
  for (const text of new Set(messages)) {
    const [id, attempt] = text.split(' ') as [string, string]
    assert.ok(Number(attempt) <= (attempted.get(id) ?? 0), text)
  }
})

test('words that are doubled, out of order, foreign or huge harm nobody, and the queue is read on', async () => {
  await queue('words')
  await job('spoken', { queue: 'words', finish: 'status' }, { heartbeatTimeout: '10m', timeout: '1h' })
  const got: ReceivedMessage[] = []
  await using _consumer = bus.consume(
    { queue: 'words', topology: {}, prefetch: 10, bytesMax: 10_000, deadLetters: 'none' },
    async (batch) => {
      got.push(...batch)
      return batch.map(() => ({ kind: 'done' }))
    },
  )
  const id = await runOf('spoken')
  const message = await until('it came', WITHIN_MS, () => got[0])
  const { fence } = JSON.parse(new TextDecoder().decode(message.body)) as { fence: number }
  let sent = 0
  const say = async (body: unknown): Promise<void> => {
    sent += 1
    const bytes =
      body instanceof Uint8Array
        ? body
        : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
    const word = { exchange: '', routingKey: 'carillon.status', id: `s${sent}`, headers: {} }
    const published = await bus.publish({ ...word, body: bytes, contentType: 'application/json' }, new Stop())
    assert.equal(published.kind, 'confirmed')
  }
  const status = (status: string, more: object = {}) => say({ runId: id, fence, status, ...more })
  await say(new Uint8Array(10_000_000).fill(32))
  await say('{"runId":')
  await Promise.all(
    Array.from({ length: 500 }, (_, n) => say({ runId: `run_${n}`, fence: 1, status: 'completed' })),
  )
  await status('completed', { fence: fence + 1 })
  await status('heartbeat')
  await status('running')
  await status('running')
  await status('completed')
  await status('completed')
  await status('running')
  await status('failed')
  const run = await endOf(id)
  assert.deepEqual([run.status, run.attempts.length], ['succeeded', 1])
  const dead: string[] = []
  await using _dead = bus.consume(
    { queue: 'carillon.dead', topology: {}, prefetch: 100, bytesMax: 100, deadLetters: 'none' },
    async (batch) => {
      dead.push(...batch.map(({ headers }) => String(headers['x-carillon-reason'])))
      return batch.map(() => ({ kind: 'done' }))
    },
  )
  await until('the dead letters came', WITHIN_MS, () => dead.length >= 504)
  const kinds = new Set(dead.map((reason) => reason.replace(/run_\d+/, 'run_n')))
  assert.deepEqual([...kinds].sort(), [
    'it has 10000000 bytes, at most 65536 are read',
    'it is no JSON in UTF-8',
    'it tells of another attempt; now it is attempt 1',
    'the run is succeeded after 1 attempts',
    'there is no run run_n',
  ])
})

test('what is outside outlives the server, and the password of the bus is nowhere', async () => {
  await queue('outlive')
  await job('outlive', { queue: 'outlive', finish: 'status' }, { timeout: '1h' })
  const begun = Promise.withResolvers<void>()
  const mayEnd = Promise.withResolvers<void>()
  await using _worker = await startWorker({
    url: rabbit.url,
    queue: 'outlive',
    async work() {
      begun.resolve()
      await mayEnd.promise
    },
  })
  const id = await runOf('outlive')
  await begun.promise
  // From here on it is in nobody's hands but the worker's.
  await until('it is outside', WITHIN_MS, async () => {
    return (await server.client.runs.get(id)).attempts[0]?.nodeId === OUTSIDE_NODE_ID
  })
  await server.kill()
  assert.doesNotMatch(server.log, /guest:guest/)
  mayEnd.resolve()
  server = await startServer()
  const run = await endOf(id)
  assert.deepEqual([run.status, run.attempts.length], ['succeeded', 1])
})
