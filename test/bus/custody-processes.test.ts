// Several servers on one PostgreSQL and one RabbitMQ: each job of Simple Scheduler has one of them, within what each may have.
// One dies: the others take its jobs on, as far as they have room; a further one takes the rest.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAmqpBus } from '../../src/adapters/amqp/amqp-bus.ts'
import { createSystemChance } from '../../src/adapters/system/system-chance.ts'
import { systemClock } from '../../src/adapters/system/system-clock.ts'
import { simpleNames, simpleTopology } from '../../src/dispatch/message/simple-scheduler.ts'
import type { MessageBus } from '../../src/ports/message-bus.ts'
import { Stop } from '../../src/ports/stop.ts'
import { Folder } from '../support/folder.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { Rabbit } from '../support/rabbitmq.ts'
import { ADMIN_KEY, ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const JOBS = 24
/** Three servers have room for all of them, two have not. */
const JOBS_MAX = 10
const WITHIN_MS = 60_000

test('jobs move from a server that was killed to those that have room, and no run is lost or doubled', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(new Folder())
  const postgres = stack.use(await PostgresServer.start())
  const store = await postgres.database()
  const rabbit = stack.use(await Rabbit.start())
  const start = async (name: string): Promise<ServerProcess> =>
    stack.use(
      await ServerProcess.start({
        dataDir: folder.file(name),
        args: ['--store', store, '--bus', rabbit.url, '--poll-interval', '200ms', '--node-lease', '3s'],
        // As a user of that system has set it.
        env: {
          SIMPLE_SCHEDULER_MAX_JOBS: String(JOBS_MAX),
          SIMPLE_SCHEDULER_CACHE_REFRESH_INTERVAL: '500',
        },
      }),
    )
  const bus = stack.use(
    openAmqpBus({
      url: rabbit.url,
      clock: systemClock,
      chance: createSystemChance(systemClock.now),
      connectionName: 'workers',
      onError: () => {},
    }),
  )
  const [first, second, doomed] = [await start('one'), await start('two'), await start('three')]

  const names = Array.from({ length: JOBS }, (_, n) => `job-${n}`)
  const target = { message: { protocol: 'simple-scheduler' } } as const
  for (const name of names) await first.client.jobs.create({ name, schedule: {}, target, policy: {} })
  const shares = await until('every job has a server', WITHIN_MS, async () => {
    const kept = await Promise.all([first, second, doomed].map((one) => figure(one, 'carillon_bus_jobs')))
    return sum(kept) === JOBS ? kept : null
  })
  for (const share of shares) assert.ok(share > 0 && share <= JOBS_MAX, shares.join(', '))

  const workers = new Workers(bus)
  for (const name of names) stack.use(workers.workFor(name))
  for (const name of names) await first.client.jobs.trigger(name)
  await until('every worker has its run', WITHIN_MS, () => workers.has.size === JOBS)
  await doomed.kill()
  // What they say now waits for whoever reads it.
  await workers.finish()
  await until('the others have taken on what they may', WITHIN_MS, async () => {
    const kept = await Promise.all([first, second].map((one) => figure(one, 'carillon_bus_jobs')))
    return kept.every((share) => share === JOBS_MAX)
  })
  await until('their runs are done', WITHIN_MS, async () => (await done(first)) >= 2 * JOBS_MAX)
  assert.match(first.log + second.log, /no node has room for these jobs/)
  assert.ok((await done(first)) <= JOBS, 'a run ended twice')

  const fresh = await start('four')
  await until('all runs are done', WITHIN_MS, async () => (await done(fresh)) === JOBS)
  const { items } = await fresh.client.runs.list({ limit: 100 })
  assert.deepEqual(
    items.map(({ status, attemptCount }) => [status, attemptCount]),
    names.map(() => ['succeeded', 1]),
  )
  assert.equal(workers.told, JOBS, 'a run went out more than once')
  const [published, ...dead] = await Promise.all([
    figures([first, second], 'carillon_bus_published_total{answer="unroutable"}'),
    figures([first, second, fresh], 'carillon_bus_taken_total{verdict="dead"}'),
  ])
  assert.deepEqual([published, ...dead], [0, 0])
  const ready = await fetch(`${fresh.url}/readyz?verbose`, { headers: { 'x-api-key': ADMIN_KEY } })
  const { checks } = (await ready.json()) as { checks: { name: string; ok: boolean; detail: string }[] }
  assert.deepEqual(
    checks.find(({ name }) => name === 'bus'),
    { name: 'bus', ok: true, detail: 'connected' },
  )
})

/** Workers of that system, one for each job: they begin at once and end when they are asked to. */
class Workers {
  readonly #bus: MessageBus
  /** Job to run. */
  readonly has = new Map<string, string>()
  told = 0
  #said = 0

  constructor(bus: MessageBus) {
    this.#bus = bus
  }

  workFor(jobName: string): AsyncDisposable {
    return this.#bus.consume(
      {
        queue: simpleNames(jobName).action,
        topology: simpleTopology(jobName),
        prefetch: 10,
        bytesMax: 10_000,
        deadLetters: 'none',
      },
      async (messages) => {
        for (const { body } of messages) {
          const { runId, action } = JSON.parse(new TextDecoder().decode(body)) as Record<string, string>
          assert.equal(action, 'run')
          this.told += 1
          this.has.set(jobName, runId!)
          await this.#say(jobName, runId!, 'running')
        }
        return messages.map(() => ({ kind: 'done' }))
      },
    )
  }

  async finish(): Promise<void> {
    for (const [jobName, runId] of this.has) await this.#say(jobName, runId, 'completed')
  }

  async #say(jobName: string, runId: string, status: string): Promise<void> {
    this.#said += 1
    const { kind } = await this.#bus.publish(
      {
        exchange: `scheduler.job.${jobName}`,
        routingKey: 'status',
        id: `word-${this.#said}`,
        body: new TextEncoder().encode(JSON.stringify({ jobName, runId, status })),
        contentType: 'application/json',
        headers: {},
      },
      new Stop(),
    )
    assert.equal(kind, 'confirmed')
  }
}

async function done({ client }: ServerProcess): Promise<number> {
  return (await client.runs.list({ status: ['succeeded'], limit: 100 })).items.length
}

async function figure({ url }: ServerProcess, name: string): Promise<number> {
  const response = await fetch(`${url}/metrics`, { headers: { 'x-api-key': ADMIN_KEY } })
  const text = await response.text()
  const line = text.split('\n').find((one) => one.startsWith(`${name} `))
  assert.ok(line !== undefined, `${name} is not in ${text.slice(0, 300)}`)
  return Number(line.slice(name.length + 1))
}

async function figures(servers: readonly ServerProcess[], name: string): Promise<number> {
  return sum(await Promise.all(servers.map((one) => figure(one, name))))
}

function sum(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0)
}
