// Who reads the queues of which job of Simple Scheduler, with several servers on one store.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InProcessBroker } from '../../src/adapters/in-process-bus/in-process-bus.ts'
import { createJob } from '../../src/commands/create-job.ts'
import { deleteJob } from '../../src/commands/delete-job.ts'
import { BusIntake } from '../../src/main/bus-intake.ts'
import type { MessageBus } from '../../src/ports/message-bus.ts'
import { SECOND, Story, WHO } from '../flows/story.ts'

/** A bus that says which queues are read by it. */
function watched(bus: MessageBus): MessageBus & { readonly queues: Set<string> } {
  const queues = new Set<string>()
  return {
    ...bus,
    queues,
    consume(consumption, handle) {
      queues.add(consumption.queue)
      const consumer = bus.consume(consumption, handle)
      return {
        since: () => consumer.since(),
        async [Symbol.asyncDispose]() {
          queues.delete(consumption.queue)
          await consumer[Symbol.asyncDispose]()
        },
      }
    },
  }
}

class Servers implements AsyncDisposable {
  readonly story: Story
  readonly broker: InProcessBroker
  readonly leftOver: number[] = []
  readonly intakes = new Map<string, BusIntake>()
  readonly #parts = new AsyncDisposableStack()

  private constructor(story: Story) {
    this.story = story
    this.broker = new InProcessBroker(story.clock)
    this.#parts.use(story)
  }

  static async begin(): Promise<Servers> {
    return new Servers(await Story.begin())
  }

  async jobs(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const draft = { name, schedule: {}, target: { message: { protocol: 'simple-scheduler' } } } as const
      await createJob(this.story.ctx, WHO, draft)
    }
  }

  /** Another node on the same store, with its own intake; it lives as long as it renews. */
  async join(nodeId: string, jobsMax = 0): Promise<() => Promise<readonly string[]>> {
    const { ctx, clock } = this.story
    const node = { id: nodeId, hostname: nodeId, pid: 1, version: '1' }
    await ctx.store.nodes.register(node, clock.now(), 10 * SECOND)
    const bus = watched(this.broker.open())
    const intake = new BusIntake({
      ctx,
      bus,
      membership: { nodeId, holds: () => true },
      refreshMs: 10 * SECOND,
      jobsMax,
      log: { dropped() {}, dead() {} },
      onError: (where, error) => assert.fail(`${where}: ${error}`),
      onLeftOver: (jobs) => this.leftOver.push(jobs),
    })
    this.#parts.use(intake)
    this.intakes.set(nodeId, intake)
    return async () =>
      [...bus.queues]
        .filter((queue) => queue.endsWith('.status') && queue !== 'carillon.status')
        .map((queue) => queue.split('.')[2]!)
        .sort()
  }

  async renew(...nodeIds: readonly string[]): Promise<void> {
    for (const id of nodeIds) await this.story.ctx.store.nodes.renew(id, this.story.clock.now(), 10 * SECOND)
  }

  /** Time passes while these live. */
  async pass(ms: number, ...nodeIds: readonly string[]): Promise<void> {
    for (let passed = 0; passed < ms; passed += 5 * SECOND) {
      await this.renew(...nodeIds)
      await this.story.advance(5 * SECOND)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.disposeAsync()
  }
}

const NAMES = Array.from({ length: 12 }, (_, n) => `job${n}`).sort()

test('each job is read by one server, and taken on by another when its server is gone', async () => {
  await using servers = await Servers.begin()
  // The story's own node reads nothing here: it leaves.
  await servers.story.ctx.store.nodes.leave(servers.story.nodeId, servers.story.clock.now())
  await servers.jobs(...NAMES)
  const [one, two] = [await servers.join('nod_one'), await servers.join('nod_two')]
  await servers.pass(15 * SECOND, 'nod_one', 'nod_two')
  const [ofOne, ofTwo] = [await one(), await two()]
  assert.deepEqual([...ofOne, ...ofTwo].sort(), NAMES)
  assert.ok(ofOne.length > 1 && ofTwo.length > 1, `${ofOne.length} and ${ofTwo.length}`)
  // The other one says nothing more.
  await servers.pass(15 * SECOND, 'nod_two')
  assert.deepEqual(await two(), NAMES)
})

test('a server takes no more than it may, and what is left over is said', async () => {
  await using servers = await Servers.begin()
  await servers.story.ctx.store.nodes.leave(servers.story.nodeId, servers.story.clock.now())
  await servers.jobs(...NAMES)
  const [one, two] = [await servers.join('nod_one', 5), await servers.join('nod_two', 5)]
  await servers.pass(15 * SECOND, 'nod_one', 'nod_two')
  assert.deepEqual([(await one()).length, (await two()).length, servers.leftOver.at(-1)], [5, 5, 2])
})

test('a server that publishes for a job does not read for it, unless the job is newer than its last look', async () => {
  await using servers = await Servers.begin()
  const { store, clock } = servers.story.ctx
  await store.nodes.leave(servers.story.nodeId, clock.now())
  await servers.jobs(...NAMES)
  const [one, two] = [await servers.join('nod_one', 8), await servers.join('nod_two', 8)]
  await servers.pass(15 * SECOND, 'nod_one', 'nod_two')
  const [ofOne, ofTwo] = [await one(), await two()]
  for (const intake of servers.intakes.values()) {
    for (const name of NAMES) {
      const job = await store.jobs.byName('prj_default', name)
      intake.publishes(job!.id, name)
    }
  }
  assert.deepEqual([await one(), await two()], [ofOne, ofTwo])
  for (let n = 0; n < 20; n += 1) servers.intakes.get('nod_one')!.publishes(`job_fresh${n}`, `fresh${n}`)
  assert.equal((await one()).length, 8)
  assert.ok((await one()).includes('fresh0'))
  // None of them is there at the next look.
  await servers.pass(15 * SECOND, 'nod_one', 'nod_two')
  assert.deepEqual(await two(), ofTwo)
})

test('jobs that come and go are found', async () => {
  await using servers = await Servers.begin()
  await servers.story.ctx.store.nodes.leave(servers.story.nodeId, servers.story.clock.now())
  const one = await servers.join('nod_one')
  await servers.pass(5 * SECOND, 'nod_one')
  assert.deepEqual(await one(), [])
  await servers.jobs('late')
  await servers.pass(15 * SECOND, 'nod_one')
  assert.deepEqual(await one(), ['late'])
  await deleteJob(servers.story.ctx, WHO, { idOrName: 'late' }, null)
  await servers.pass(15 * SECOND, 'nod_one')
  // What is under way of it may finish.
  assert.deepEqual(await one(), ['late'])
})
