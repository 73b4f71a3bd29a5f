// Who reads the queues of which job of Simple Scheduler, with several servers on one store.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InProcessBroker } from '../../src/adapters/in-process-bus/in-process-bus.ts'
import { BusRoom } from '../../src/commands/bus-room.ts'
import { createJob } from '../../src/commands/create-job.ts'
import { createJobs } from '../../src/commands/create-jobs.ts'
import { deleteJob } from '../../src/commands/delete-job.ts'
import { updateJob } from '../../src/commands/update-job.ts'
import { simpleNames, simpleTopology } from '../../src/dispatch/message/simple-scheduler.ts'
import { BusIntake } from '../../src/main/bus-intake.ts'
import type { MessageBus } from '../../src/ports/message-bus.ts'
import { Stop } from '../../src/ports/stop.ts'
import { SECOND, Story, type StoryOptions, WHO } from '../flows/story.ts'

/** Not a multiple of how often it is looked: what is over between two looks is the harder case. */
const LINGER_MS = 65 * SECOND

/** A bus that says which queues are read by it. */
function watched(bus: MessageBus, removes: () => boolean): MessageBus & { readonly queues: Set<string> } {
  const queues = new Set<string>()
  return {
    ...bus,
    queues,
    remove: async (topology, signal) => removes() && bus.remove(topology, signal),
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
  readonly noRoom: number[] = []
  /** false: each removal is cut off. */
  removes = true
  readonly intakes = new Map<string, BusIntake>()
  readonly #parts = new AsyncDisposableStack()

  private constructor(story: Story) {
    this.story = story
    this.broker = new InProcessBroker(story.clock)
    this.#parts.use(story)
  }

  static async begin(options: StoryOptions = {}): Promise<Servers> {
    return new Servers(await Story.begin(options))
  }

  async jobs(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const draft = { name, schedule: {}, target: { message: { protocol: 'simple-scheduler' } } } as const
      await createJob(this.story.ctx, WHO, draft)
    }
  }

  /** Another node on the same store, with its own intake; it lives as long as it renews. */
  async join(nodeId: string, jobsMax = 0, seen = this.story.ctx): Promise<() => Promise<readonly string[]>> {
    const { ctx, clock } = this.story
    const node = { id: nodeId, hostname: nodeId, pid: 1, version: '1' }
    await ctx.store.nodes.register(node, clock.now(), 10 * SECOND)
    const bus = watched(this.broker.open(), () => this.removes)
    const intake = new BusIntake({
      ctx: seen,
      bus,
      membership: { nodeId, holds: () => true },
      refreshMs: 10 * SECOND,
      jobsMax,
      lingerMs: LINGER_MS,
      log: { dropped() {}, dead() {} },
      onError: (where, error) => assert.fail(`${where}: ${error}`),
      onLeftOver: (jobs) => this.leftOver.push(jobs),
      onNoRoom: (jobs) => this.noRoom.push(jobs),
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

const ELSEWHERE = { http: { method: 'POST', url: 'http://example.test/' } } as const
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

test('a project has so many jobs on the bus, and places are free some time after jobs are gone', async () => {
  await using servers = await Servers.begin({ busJobsPerProject: 3 })
  const { ctx, clock, nodeId } = servers.story
  await ctx.store.nodes.leave(nodeId, clock.now())
  const one = await servers.join('nod_one')
  await servers.jobs('a', 'b', 'c')
  await assert.rejects(
    servers.jobs('d'),
    /A project may have 3 jobs of Simple Scheduler.*bus-jobs-per-project/,
  )
  // One that is there is changed as before.
  const draft = { name: 'a', schedule: {}, target: { message: { protocol: 'simple-scheduler' } } } as const
  await updateJob(ctx, WHO, { idOrName: 'a' }, { ...draft, description: 'mine' }, null)
  const jobs = ['e', 'f', 'b'].map((name) => ({ ...draft, name }))
  const { items } = await createJobs(ctx, WHO, jobs, 'each')
  assert.deepEqual(
    items.map((item) => ('code' in item ? item.problems.map(({ code }) => code) : 'made')),
    [['bus_jobs_max'], ['bus_jobs_max'], ['name_taken']],
  )
  await servers.pass(15 * SECOND, 'nod_one')
  assert.deepEqual(await one(), ['a', 'b', 'c'])

  await deleteJob(ctx, WHO, { idOrName: 'b' }, null)
  await servers.pass(15 * SECOND, 'nod_one')
  await assert.rejects(servers.jobs('d'), /A project may have 3/)
  assert.ok(servers.broker.hasQueue('scheduler.job.b.action'))
  await servers.pass(LINGER_MS + 15 * SECOND, 'nod_one')
  for (const queue of ['action', 'status', 'heartbeat']) {
    assert.ok(!servers.broker.hasQueue(`scheduler.job.b.${queue}`), queue)
    assert.ok(servers.broker.hasQueue(`scheduler.job.a.${queue}`), queue)
  }
  await servers.jobs('d')
})

test('what could not be removed keeps its place, and is removed later', async () => {
  await using servers = await Servers.begin({ busJobsPerProject: 1 })
  const { ctx, clock, nodeId } = servers.story
  await ctx.store.nodes.leave(nodeId, clock.now())
  await servers.join('nod_one')
  await servers.jobs('a')
  await servers.pass(15 * SECOND, 'nod_one')
  servers.removes = false
  await deleteJob(ctx, WHO, { idOrName: 'a' }, null)
  await servers.pass(LINGER_MS + 30 * SECOND, 'nod_one')
  assert.ok(servers.broker.hasQueue('scheduler.job.a.action'))
  await assert.rejects(servers.jobs('b'), /A project may have 1/)
  servers.removes = true
  await servers.pass(15 * SECOND, 'nod_one')
  assert.ok(!servers.broker.hasQueue('scheduler.job.a.action'))
  await servers.jobs('b')
})

test('of jobs that are made at the same moment so many are made as have a place', async () => {
  await using servers = await Servers.begin({ busJobsPerProject: 3 })
  const { ctx } = servers.story
  const names = Array.from({ length: 50 }, (_, n) => `at-once${n}`)
  const made = await Promise.allSettled(names.map((name) => servers.jobs(name)))
  assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 3)
  assert.equal(ctx.busRoom?.names().length, 3)
  // Batches, and jobs that go to the bus by an edit.
  await using more = await Servers.begin({ busJobsPerProject: 3 })
  const bus = { message: { protocol: 'simple-scheduler' } } as const
  const drafts = names.map((name) => ({ name, schedule: {}, target: bus }))
  for (const name of names) await createJob(more.story.ctx, WHO, { name, schedule: {}, target: ELSEWHERE })
  const edits = drafts.map((draft) => updateJob(more.story.ctx, WHO, { idOrName: draft.name }, draft, null))
  const edited = await Promise.allSettled(edits)
  assert.equal(edited.filter(({ status }) => status === 'fulfilled').length, 3)
  await using many = await Servers.begin({ busJobsPerProject: 3 })
  const batches = drafts.map((draft) => createJobs(many.story.ctx, WHO, [draft], 'each'))
  const items = (await Promise.all(batches)).flatMap((batch) => batch.items)
  assert.equal(items.filter((item) => 'job' in item).length, 3)
})

test('what is not written takes no place', async () => {
  await using servers = await Servers.begin({ busJobsPerProject: 1 })
  const { ctx } = servers.story
  for (const name of ['a', 'b']) await createJob(ctx, WHO, { name, schedule: {}, target: ELSEWHERE })
  await assert.rejects(servers.jobs('a'), /The name "a" is taken/)
  const target = { message: { protocol: 'simple-scheduler' } } as const
  const renamed = { name: 'b', schedule: {}, target }
  await assert.rejects(updateJob(ctx, WHO, { idOrName: 'a' }, renamed, null), /The name "b" is taken/)
  await assert.rejects(createJobs(ctx, WHO, [renamed], 'whole'), /exists already/)
  assert.deepEqual(ctx.busRoom?.names(), [])
  await servers.jobs('c')
})

test('all nodes give the places to the same jobs, and what is gone keeps its own beside them', () => {
  const jobs = ['old', 'middle', 'new'].map((name) => ({ projectId: 'prj_one', name }))
  const [one, two] = [new BusRoom(2), new BusRoom(2)]
  for (const name of ['gone', 'new']) one.take('prj_one', name)
  for (const name of ['old', 'middle']) two.take('prj_one', name)
  for (const room of [one, two]) assert.deepEqual(room.settle(jobs), [true, true, false])
  assert.deepEqual(
    [one.names(), two.names()],
    [
      ['old', 'middle', 'gone'],
      ['old', 'middle'],
    ],
  )
  for (const name of ['gone', 'middle']) one.release(name)
  assert.deepEqual([one.take('prj_one', 'next'), two.take('prj_one', 'next')], [true, false])
  // A name that two projects have is the older job's.
  const both = ['prj_one', 'prj_two'].map((projectId) => ({ projectId, name: 'same' }))
  assert.deepEqual([two.settle(both), two.holder('same')], [[true, true], 'prj_one'])
})

test('a job that is made anew as what it had is removed keeps what is sent to its workers', async () => {
  await using servers = await Servers.begin({ busJobsPerProject: 100 })
  const { ctx, clock, nodeId } = servers.story
  await ctx.store.nodes.leave(nodeId, clock.now())
  await servers.join('nod_one')
  const names = Array.from({ length: 20 }, (_, n) => `again${n}`)
  await servers.jobs(...names)
  await servers.pass(15 * SECOND, 'nod_one')
  for (const name of names) await deleteJob(ctx, WHO, { idOrName: name }, null)
  await servers.pass(LINGER_MS - 5 * SECOND, 'nod_one')
  const bus = servers.broker.open()
  // One each second, before, while and after it is time; each has a run at once.
  for (const name of names) {
    await servers.jobs(name)
    await bus.declare(simpleTopology(name), new Stop())
    const to = simpleNames(name).action
    await bus.publish(
      { exchange: '', routingKey: to, id: name, headers: {}, body: new Uint8Array(), contentType: '' },
      new Stop(),
    )
    await servers.renew('nod_one')
    await servers.story.advance(SECOND)
  }
  await servers.pass(15 * SECOND, 'nod_one')
  const kept = names.filter((name) => servers.broker.waiting(simpleNames(name).action).length === 1)
  assert.deepEqual(kept, names)
})

test('of jobs that are too many the oldest are read, and the rest is said', async () => {
  await using servers = await Servers.begin()
  const { ctx, clock, nodeId } = servers.story
  await ctx.store.nodes.leave(nodeId, clock.now())
  for (const name of ['z', 'y', 'x']) {
    await servers.jobs(name)
    await servers.story.advance(SECOND)
  }
  const one = await servers.join('nod_one', 0, { ...ctx, busRoom: new BusRoom(2) })
  await servers.pass(15 * SECOND, 'nod_one')
  assert.deepEqual([await one(), servers.noRoom.at(-1)], [['y', 'z'], 1])
})
