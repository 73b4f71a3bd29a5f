// A whole server, its broker and its workers, killed one after the other and both at once, and queues deleted under them, at
// moments that come from a seed. Two queues that nobody reads keep every message, so that at the end the ledger can be held
// against what really went out.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type ChannelModel, connect } from 'amqplib'
import { isFinal, type Run } from '../../src/domain/run.ts'
import type { CarillonClient, JobDraft } from '../../src/sdk/index.ts'
import { startWorker } from '../../src/sdk/worker/worker.ts'
import { Random } from '../schedule/random.ts'
import { everyFrom } from '../support/due-by-hand.ts'
import { Folder } from '../support/folder.ts'
import { checkLedger } from '../support/ledger-check.ts'
import { Rabbit } from '../support/rabbitmq.ts'
import { ServerProcess } from '../support/server-process.ts'
import { readStored, type Stored } from '../support/stored.ts'
import { until } from '../support/until.ts'

const SEED = 5
const JOBS_OF_EACH = 12
const WITHIN_MS = 60_000
/** Longer than from one due instant to the next: there is always something in hand. */
const LONG_WORK_MS = 1_300

/** Nobody reads it until all is over. */
const PAPERS = 'papers'
/** Hands on to the queue of the workers and to the one that keeps all. */
const ORDERS = 'orders'
const ORDERS_KEPT = 'orders-kept'
const WORK = 'work'

/** Queues go while they are read, and while what workers say waits in them. */
const FAULTS = ['queues', 'server and queues', 'server and broker', 'broker'] as const

test('server, broker, both and queues are lost in turn: the ledger tells of all that went out, and of nothing else', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(new Folder())
  const rabbit = stack.use(await Rabbit.start())
  await declare(rabbit.url)
  const dataDir = folder.file('data')
  const start = async (): Promise<ServerProcess> =>
    stack.use(
      await ServerProcess.start({
        dataDir,
        args: ['--bus', rabbit.url, '--poll-interval', '200ms', '--node-lease', '3s'],
      }),
    )
  let server = await start()
  /** As its worker saw it: run and attempt. */
  const worked: string[] = []
  const worker = await startWorker({
    url: rabbit.url,
    queue: WORK,
    heartbeatMs: 300,
    atOnce: 50,
    async work({ id, attempt }) {
      worked.push(`${id} ${attempt}`)
      await pause(worked.length % 3 === 0 ? LONG_WORK_MS : 20)
    },
  })
  stack.defer(() => worker.stop())
  const lives = await createJobs(server.client)

  const random = new Random(SEED)
  for (const fault of FAULTS) {
    // How long all is well, and who is away for how long, is the fault; nothing is waited for.
    await pause(random.integer(1_200, 2_500))
    const [killsServer, killsBroker] = [fault.includes('server'), fault.includes('broker')]
    await Promise.all([killsServer && server.kill(), killsBroker && rabbit.kill()])
    // Long enough for what workers have in hand.
    await pause(LONG_WORK_MS + random.integer(100, 1_000))
    if (fault.includes('queues')) {
      await deleteQueues(rabbit.url)
      await declare(rabbit.url)
    }
    const back = [
      async () => {
        if (killsServer) server = await start()
      },
      async () => {
        if (killsBroker) await rabbit.resume()
      },
    ]
    for (const come of random.chance(0.5) ? back : back.toReversed()) await come()
  }
  await pause(random.integer(1_200, 2_500))

  for (const [name, life] of lives) {
    const { pause: paused } = await server.client.jobs.pause(name)
    life.pausedAt = Date.parse(paused!.at)
  }
  await until('every run has ended', WITHIN_MS, async () => {
    const open = await server.client.runs.list({ status: ['pending', 'running', 'cancelling'], limit: 1 })
    return open.items.length === 0
  })
  await server.stop()
  const sent = await Promise.all([PAPERS, ORDERS_KEPT].map((queue) => idsOf(rabbit.url, queue)))
  const stored = await readStored(dataDir)

  assert.deepEqual(stored.damage, [])
  assert.deepEqual(entriesFaults(lives, stored), [])
  assert.deepEqual(messagesFaults(sent.flat(), stored), [])
  assert.deepEqual(workFaults(worked, stored), [])
  const runs = runsOf(stored)
  const lost = runs.filter(({ attempts }) => attempts > 1)
  assert.ok(lost.length > 0, `the faults have found something under way in ${runs.length} runs`)
  const done = runs.filter(({ status }) => status === 'succeeded')
  assert.ok(done.length > 200, `${done.length} of ${runs.length} runs succeeded`)
})

type Life = { readonly createdAt: number; pausedAt: number }

async function createJobs(client: CarillonClient): Promise<Map<string, Life>> {
  const drafts = (kind: string, message: object): JobDraft[] =>
    Array.from({ length: JOBS_OF_EACH }, (_, n) => ({
      name: `${kind}-${n}`,
      schedule: { every: '1s' },
      target: { message } as JobDraft['target'],
      policy: {
        overlap: 'allow',
        timeout: '2m',
        retry: { max: 10, minDelay: '200ms', maxDelay: '1s' },
        ...(kind === 'order' ? { heartbeatTimeout: '2s' } : {}),
      },
    }))
  const jobs = [
    ...drafts('paper', { queue: PAPERS }),
    ...drafts('order', { exchange: ORDERS, finish: 'status', startTimeout: '4s' }),
  ]
  const { items } = await client.jobs.createMany({ jobs })
  return new Map(items.map(({ job }) => [job!.name, { createdAt: Date.parse(job!.createdAt), pausedAt: 0 }]))
}

async function onBroker<Answer>(url: string, act: (model: ChannelModel) => Promise<Answer>): Promise<Answer> {
  const model = await connect(url)
  try {
    return await act(model)
  } finally {
    await model.close()
  }
}

/** What an operator makes, and makes again. */
function declare(url: string): Promise<void> {
  return onBroker(url, async (model) => {
    const channel = await model.createChannel()
    await channel.assertExchange(ORDERS, 'fanout', { durable: true })
    for (const queue of [PAPERS, ORDERS_KEPT, WORK]) await channel.assertQueue(queue, { durable: true })
    for (const queue of [ORDERS_KEPT, WORK]) await channel.bindQueue(queue, ORDERS, '')
  })
}

/** That of the workers, with what waits in it, and the one they report to. */
function deleteQueues(url: string): Promise<void> {
  return onBroker(url, async (model) => {
    const channel = await model.createChannel()
    for (const queue of [WORK, 'carillon.status']) await channel.deleteQueue(queue)
  })
}

/** Of all messages that are in it. */
function idsOf(url: string, queue: string): Promise<string[]> {
  return onBroker(url, async (model) => {
    const channel = await model.createChannel()
    const ids: string[] = []
    for (;;) {
      const message = await channel.get(queue, { noAck: true })
      if (message === false) return ids
      ids.push(String(message.properties.messageId))
    }
  })
}

function entriesFaults(lives: ReadonlyMap<string, Life>, { jobs, attempts }: Stored): string[] {
  return [...lives].flatMap(([name, { createdAt, pausedAt }]) => {
    const ledger = jobs.get(name)!
    const faults = checkLedger(everyFrom(createdAt, 1_000, createdAt, pausedAt), ledger)
    const ofRuns = ledger.runs.flatMap((run) => runFaults(run, attempts.get(run.id) ?? []))
    return [...faults, ...ofRuns].map((fault) => `${name}: ${fault}`)
  })
}

type Tried = readonly { readonly number: number; readonly outcome: string | null }[]

function runFaults(run: Run, tried: Tried): string[] {
  const said = `${run.id} is ${run.status} after ${tried.map(({ outcome }) => outcome).join(', ') || 'nothing'}`
  const outcomes = tried.map(({ outcome }) => outcome)
  const numbered = tried.every(({ number }, n) => number === n + 1) && tried.length === run.attempts
  const once = !outcomes.slice(0, -1).includes('ok') && !outcomes.includes(null)
  const explained =
    run.status === 'succeeded'
      ? outcomes.at(-1) === 'ok'
      : run.status === 'missed'
        ? tried.length === 0
        : false
  return isFinal(run.status) && numbered && once && explained ? [] : [said]
}

/** No message twice, none that the ledger does not know, and one for each attempt that went well. */
function messagesFaults(ids: readonly string[], stored: Stored): string[] {
  const known = new Set([...stored.attempts.values()].flat().map(({ runId, fence }) => `${runId}.${fence}`))
  const there = new Set<string>()
  const faults: string[] = []
  for (const id of ids) {
    if (there.has(id)) faults.push(`${id} went out twice`)
    if (!known.has(id)) faults.push(`${id} went out and is no attempt`)
    there.add(id)
  }
  for (const { runId, fence, outcome } of [...stored.attempts.values()].flat()) {
    if (outcome === 'ok' && !there.has(`${runId}.${fence}`)) faults.push(`${runId}.${fence} never went out`)
  }
  return faults
}

/** Whoever worked had an attempt of the ledger, and what is done was worked on. */
function workFaults(worked: readonly string[], stored: Stored): string[] {
  const attempts = runsOf(stored).flatMap(({ id }) => stored.attempts.get(id)!)
  const known = new Set(attempts.map(({ runId, number }) => `${runId} ${number}`))
  const orders = new Set(
    [...stored.jobs.values()]
      .filter(({ job }) => job.spec.name.startsWith('order-'))
      .flatMap(({ runs }) => runs.map(({ id }) => id)),
  )
  const there = new Set(worked)
  return [
    ...worked.filter((one) => !known.has(one)).map((one) => `${one} was worked on and is no attempt`),
    ...attempts
      .filter(
        ({ runId, number, outcome }) =>
          outcome === 'ok' && orders.has(runId) && !there.has(`${runId} ${number}`),
      )
      .map(({ runId, number }) => `${runId} ${number} is done and nobody worked on it`),
  ]
}

function runsOf({ jobs }: Stored): Run[] {
  return [...jobs.values()].flatMap(({ runs }) => runs)
}
