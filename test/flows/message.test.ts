// Runs that go out as messages: done when the bus has them, or when their worker says so.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InProcessBroker } from '../../src/adapters/in-process-bus/in-process-bus.ts'
import { cancelRun } from '../../src/commands/cancel-run.ts'
import { createJob } from '../../src/commands/create-job.ts'
import { createJobs } from '../../src/commands/create-jobs.ts'
import { createProject } from '../../src/commands/projects.ts'
import { endRun, tellOfRun } from '../../src/commands/run-protocol.ts'
import { triggerJob } from '../../src/commands/trigger-job.ts'
import { updateJob } from '../../src/commands/update-job.ts'
import { AppError } from '../../src/domain/errors.ts'
import { OUTSIDE_NODE_ID } from '../../src/domain/handed-over.ts'
import type { MessageTarget } from '../../src/domain/message-target.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { PolicySpec } from '../../src/domain/policy.ts'
import type { Run } from '../../src/domain/run.ts'
import { OutsideKeeper } from '../../src/engine/outside-keeper.ts'
import type { StopTeller } from '../../src/ports/dispatcher.ts'
import type { BusMessage, ReceivedMessage } from '../../src/ports/message-bus.ts'
import { Stop } from '../../src/ports/stop.ts'
import { HandClock } from '../support/hand-clock.ts'
import { MINUTE, SECOND, Story, T0, WHO } from './story.ts'

type Json = Record<string, unknown>

/** A story with a broker, and a worker that is told by hand what to do. */
class BusStory implements AsyncDisposable {
  readonly broker: InProcessBroker
  readonly story: Story
  readonly #bus
  #sent = 0

  private constructor(broker: InProcessBroker, story: Story) {
    this.broker = broker
    this.story = story
    this.#bus = broker.open()
  }

  static async begin(...queues: readonly string[]): Promise<BusStory> {
    return BusStory.beginWith({}, ...queues)
  }

  static async beginWith(
    options: { outsideLookMs?: number; busJobsPerProject?: number },
    ...queues: readonly string[]
  ): Promise<BusStory> {
    const clock = new HandClock(T0)
    const broker = new InProcessBroker(clock)
    const story = await Story.begin({ broker, clock, ...options })
    const told = new BusStory(broker, story)
    await told.#bus.declare({ queues: queues.map((name) => ({ name })) }, new Stop())
    return told
  }

  job(name: string, message: MessageTarget, policy: PolicySpec = {}): Promise<unknown> {
    return this.story.job(name, { target: { message }, schedule: { at: '2030-01-01T00:00:10Z' }, policy })
  }

  /** Everything in a queue, once. */
  async take(queue: string): Promise<readonly ReceivedMessage[]> {
    const got: ReceivedMessage[] = []
    const { messages } = { messages: this.broker.waiting(queue) }
    if (messages.length === 0) return got
    const consumer = this.#bus.consume(
      { queue, topology: {}, prefetch: 100, bytesMax: 100_000, deadLetters: 'none' },
      async (batch) => {
        got.push(...batch)
        return batch.map(() => ({ kind: 'done' }))
      },
    )
    await this.story.advance(0)
    await consumer[Symbol.asyncDispose]()
    return got
  }

  async say(address: Pick<BusMessage, 'exchange' | 'routingKey'>, body: unknown): Promise<void> {
    this.#sent += 1
    const published = await this.#bus.publish(
      {
        ...address,
        id: `w${this.#sent}`,
        body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
        contentType: 'application/json',
        headers: {},
      },
      new Stop(),
    )
    assert.equal(published.kind, 'confirmed')
    await this.story.advance(0)
  }

  status(body: unknown): Promise<void> {
    return this.say({ exchange: '', routingKey: 'carillon.status' }, body)
  }

  async run(name: string): Promise<Run> {
    const [run] = await this.story.runs(name)
    assert.ok(run)
    return run
  }

  dead(): string[] {
    return this.broker.waiting('carillon.dead').map(({ headers }) => String(headers['x-carillon-reason']))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.story[Symbol.asyncDispose]()
    await this.#bus[Symbol.asyncDispose]()
  }
}

const jsonOf = ({ body }: ReceivedMessage): Json => JSON.parse(new TextDecoder().decode(body)) as Json

test('a run is done when the bus has its message', async () => {
  await using told = await BusStory.begin('billing')
  await told.job('bill', {
    queue: 'billing',
    headers: { team: 'a' },
    body: { run: '{{run.id}}', n: '{{run.attemptCount}}' },
  })
  await told.story.advance(10 * SECOND)
  const run = await told.run('bill')
  assert.deepEqual([run.status, run.message], ['succeeded', 'done'])
  const [message, ...more] = await told.take('billing')
  assert.equal(more.length, 0)
  assert.deepEqual(jsonOf(message!), { run: run.id, n: 1 })
  const { headers } = message!
  assert.deepEqual(
    [headers['team'], headers['Carillon-Run-Id'], headers['Carillon-Attempt'], headers['Carillon-Fence']],
    ['a', run.id, 1, 1],
  )
  assert.match(String(headers['traceparent']), /^00-/)
})

test('without a body of its own the message has the facts of the run', async () => {
  await using told = await BusStory.begin('q')
  await told.job('facts', { queue: 'q' })
  await told.story.advance(10 * SECOND)
  const { id, jobId } = await told.run('facts')
  const [message] = await told.take('q')
  assert.deepEqual(jsonOf(message!), {
    runId: id,
    job: 'facts',
    jobId,
    projectId: 'prj_default',
    trigger: 'schedule',
    dueAt: '2030-01-01T00:00:10.000Z',
    late: false,
    attempt: 1,
    fence: 1,
  })
})

test('a message that no queue takes fails the run, with the reason, and is not tried again', async () => {
  await using told = await BusStory.begin()
  await told.job('nowhere', { exchange: 'gone', routingKey: 'x' })
  await told.job('no-queue', { queue: 'gone' })
  await told.story.advance(MINUTE)
  const [one, other] = [await told.run('nowhere'), await told.run('no-queue')]
  assert.deepEqual(
    [one.status, one.message, one.attempts],
    ['failed', 'there is no exchange "gone" on the broker', 1],
  )
  assert.deepEqual([other.status, other.message], ['failed', 'there is no queue "gone" on the broker'])
})

test('while the bus is away a run waits for it', async () => {
  await using told = await BusStory.begin('q')
  told.broker.break('the broker is away')
  await told.job('patient', { queue: 'q' })
  await told.story.advance(5 * MINUTE)
  assert.equal((await told.run('patient')).status, 'running')
  told.broker.mend()
  await told.story.advance(SECOND)
  assert.equal((await told.run('patient')).status, 'succeeded')
  assert.equal((await told.take('q')).length, 1)
})

test('a bus that stays away ends the attempt at its timeout, and it is tried again', async () => {
  await using told = await BusStory.begin('q')
  told.broker.break('the broker is away')
  await told.job('late', { queue: 'q' }, { timeout: '2m', retry: { delays: ['10s'] } })
  await told.story.advance(2 * MINUTE + 15 * SECOND)
  const run = await told.run('late')
  assert.match(run.message ?? '', /the broker is away/)
  told.broker.mend()
  await told.story.advance(20 * SECOND)
  assert.deepEqual([(await told.run('late')).status, (await told.run('late')).attempts], ['succeeded', 2])
  assert.equal((await told.take('q')).length, 1)
})

test('a run is done when its worker says so', async () => {
  await using told = await BusStory.begin('q')
  await told.job('long', { queue: 'q', finish: 'status' }, { heartbeatTimeout: '30s', timeout: '1h' })
  await told.story.advance(10 * SECOND)
  const { runId, fence } = jsonOf((await told.take('q'))[0]!)
  const run = await told.run('long')
  assert.equal(run.status === 'running' && run.lease.nodeId, OUTSIDE_NODE_ID)
  await told.status({ runId, fence, status: 'running' })
  for (let n = 0; n < 10; n += 1) {
    await told.story.advance(20 * SECOND)
    await told.status({ runId, fence, status: 'heartbeat' })
  }
  assert.equal((await told.run('long')).status, 'running')
  await told.status({ runId, fence, status: 'completed' })
  assert.equal((await told.run('long')).status, 'succeeded')
  assert.deepEqual(told.dead(), [])
})

test('a failure that its worker reports goes by the policy', async () => {
  await using told = await BusStory.begin('q')
  await told.job('weak', { queue: 'q', finish: 'status' }, { retry: { delays: ['5s', '5s'] } })
  await told.story.advance(10 * SECOND)
  const first = jsonOf((await told.take('q'))[0]!)
  await told.status({ ...first, status: 'failed', message: 'the disk is full' })
  assert.deepEqual((await told.run('weak')).message, 'the disk is full; next attempt in 5s')
  await told.story.advance(10 * SECOND)
  const second = jsonOf((await told.take('q'))[0]!)
  assert.deepEqual([second['attempt'], second['runId']], [2, first['runId']])
  await told.status({ ...second, status: 'failed', message: 'for good', retryable: false })
  const run = await told.run('weak')
  assert.deepEqual([run.status, run.message, run.attempts], ['failed', 'for good', 2])
})

test('a silent worker loses its attempt, the run goes out again, and late news of it changes nothing', async () => {
  await using told = await BusStory.begin('q')
  await told.job('silent', { queue: 'q', finish: 'status' }, { heartbeatTimeout: '30s', timeout: '1h' })
  await told.story.advance(10 * SECOND)
  const first = jsonOf((await told.take('q'))[0]!)
  await told.status({ ...first, status: 'running' })
  await told.story.advance(40 * SECOND)
  const second = jsonOf((await told.take('q'))[0]!)
  assert.equal(second['attempt'], 2)
  const attempts = await told.story.attempts(String(first['runId']))
  assert.deepEqual(
    attempts.map(({ number, outcome }) => [number, outcome]),
    [
      [1, 'lost'],
      [2, null],
    ],
  )
  assert.deepEqual(attempts[0]?.detail, { kind: 'lost', message: 'its worker was silent for 30s' })
  await told.status({ ...first, status: 'heartbeat' })
  await told.status({ ...first, status: 'completed' })
  assert.equal((await told.run('silent')).status, 'running')
  assert.deepEqual(told.dead(), ['it tells of another attempt; now it is attempt 2'])
  assert.deepEqual(told.story.ignored, ['heartbeat: it tells of another attempt; now it is attempt 2'])
  await told.status({ ...second, status: 'completed' })
  assert.equal((await told.run('silent')).status, 'succeeded')
})

test('silence is looked for as often as was asked, who is to stop hears of it at once', async () => {
  await using told = await BusStory.beginWith({ outsideLookMs: 5 * MINUTE }, 'q', 'stops')
  for (const name of ['silent', 'stopped']) {
    await told.job(name, { queue: 'q', finish: 'status' }, { heartbeatTimeout: '30s', timeout: '1h' })
  }
  await told.story.advance(10 * SECOND)
  for (const name of ['silent', 'stopped']) {
    const { id, fence } = await told.run(name)
    await told.status({ runId: id, fence, status: 'running' })
  }
  await told.story.advance(2 * MINUTE)
  assert.equal((await told.run('silent')).attempts, 1)
  const { id, fence } = await told.run('stopped')
  await cancelRun(told.story.ctx, WHO, id)
  await told.story.advance(0)
  await told.status({ runId: id, fence, status: 'cancelled' })
  assert.equal((await told.run('stopped')).status, 'cancelled')
  await told.story.advance(4 * MINUTE)
  assert.equal((await told.run('silent')).attempts, 2)
})

test('while the bus is away silence says nothing', async () => {
  await using told = await BusStory.begin('q')
  await told.job('deaf', { queue: 'q', finish: 'status' }, { heartbeatTimeout: '30s', timeout: '1h' })
  await told.story.advance(10 * SECOND)
  const first = jsonOf((await told.take('q'))[0]!)
  await told.status({ ...first, status: 'running' })
  told.broker.break('the broker is away')
  await told.story.advance(5 * MINUTE)
  assert.deepEqual([(await told.run('deaf')).status, (await told.run('deaf')).attempts], ['running', 1])
  told.broker.mend()
  await told.status({ ...first, status: 'completed' })
  assert.equal((await told.run('deaf')).status, 'succeeded')
})

test('what was said while no server was there is heard before silence is judged', async () => {
  await using told = await BusStory.begin('q')
  const policy = { heartbeatTimeout: '30s', timeout: '1h' }
  for (const name of ['alive', 'ended', 'gone'])
    await told.job(name, { queue: 'q', finish: 'status' }, policy)
  await told.story.advance(10 * SECOND)
  const works = new Map((await told.take('q')).map((message) => [jsonOf(message)['job'], jsonOf(message)]))
  for (const work of works.values()) await told.status({ ...work, status: 'running' })
  told.story.kill()
  await told.story.clock.advance(5 * MINUTE, async () => {})
  await told.status({ ...works.get('alive')!, status: 'heartbeat' })
  await told.status({ ...works.get('ended')!, status: 'completed' })
  await told.story.start()
  await told.story.advance(20 * SECOND)
  await told.status({ ...works.get('alive')!, status: 'heartbeat' })
  const seen = async (name: string) => [(await told.run(name)).status, (await told.run(name)).attempts]
  assert.deepEqual(await seen('ended'), ['succeeded', 1])
  assert.deepEqual(await seen('gone'), ['running', 1])
  await told.story.advance(20 * SECOND)
  assert.deepEqual(await seen('alive'), ['running', 1])
  const [gone] = await told.story.attempts((await told.run('gone')).id)
  assert.equal(gone?.outcome, 'lost')
})

test('an end that was reported while no server was there counts, although its time was up meanwhile', async () => {
  await using told = await BusStory.begin('q')
  for (const name of ['ended', 'slow']) {
    await told.job(name, { queue: 'q', finish: 'status' }, { timeout: '1m', retry: { max: 0 } })
  }
  await told.story.advance(10 * SECOND)
  const ended = (await told.take('q')).map(jsonOf).find(({ job }) => job === 'ended')
  told.story.kill()
  await told.status({ ...ended, status: 'completed' })
  await told.story.down(5 * MINUTE)
  await told.story.advance(15 * SECOND)
  assert.equal((await told.run('ended')).status, 'succeeded')
  assert.deepEqual((await told.run('slow')).message, 'nobody reported its end within 1m')
})

test('a worker may come back a moment after the bus', async () => {
  await using told = await BusStory.begin('q')
  await told.job('back', { queue: 'q', finish: 'status' }, { heartbeatTimeout: '5s', timeout: '1h' })
  await told.story.advance(10 * SECOND)
  const first = jsonOf((await told.take('q'))[0]!)
  await told.status({ ...first, status: 'running' })
  told.broker.break('the broker is away')
  await told.story.advance(9 * SECOND)
  told.broker.mend()
  await told.story.advance(9 * SECOND)
  assert.equal((await told.run('back')).attempts, 1)
  await told.status({ ...first, status: 'heartbeat' })
  await told.story.advance(4 * SECOND)
  assert.equal((await told.run('back')).attempts, 1)
  await told.story.advance(5 * SECOND)
  assert.deepEqual((await told.story.attempts((await told.run('back')).id))[0]?.outcome, 'lost')
})

test('a receiver that had no server to speak to is not lost when the server is back', async () => {
  await using story = await Story.begin()
  story.outside.script('later', { kind: 'handed_over' } as unknown as Outcome)
  await story.job('later', {
    schedule: { at: '2030-01-01T00:00:10Z' },
    target: { http: { url: 'http://later.test/', async: true } },
    policy: { heartbeatTimeout: '30s', timeout: '1h' },
  })
  await story.advance(11 * SECOND)
  await story.down(5 * MINUTE)
  await story.advance(25 * SECOND)
  assert.equal(story.outside.of('later').length, 1)
  await story.advance(15 * SECOND)
  assert.equal(story.outside.of('later').length, 2)
})

test('a receiver that has spoken goes on, although its call was never answered', async () => {
  await using story = await Story.begin()
  const error = {
    kind: 'error',
    code: 'network',
    message: 'the connection was lost',
    reached: 'maybe',
  } as const
  story.outside.script('later', { afterMs: 20 * SECOND, reply: error })
  story.outside.script('mute', { afterMs: 20 * SECOND, reply: error })
  for (const name of ['later', 'mute']) {
    const target = { http: { url: `http://${name}.test/`, async: true } } as const
    await story.job(name, { schedule: { at: '2030-01-01T00:00:10Z' }, target, policy: { timeout: '1h' } })
  }
  await story.advance(15 * SECOND)
  const { runId, fence } = story.outside.of('later')[0]!
  const ticket = { runId, token: story.ctx.runTokens.make(runId, fence) }
  await story.ask((ctx) => tellOfRun(ctx, ticket, { progress: 0.5 }))
  await story.advance(MINUTE)
  assert.deepEqual([story.outside.of('later').length, story.outside.of('mute').length > 1], [1, true])
  const cancelled = { kind: 'cancelled', message: 'no more' } as const
  await assert.rejects(
    story.ask((ctx) => endRun(ctx, ticket, cancelled)),
    (error) => error instanceof AppError && error.problems[0]?.code === 'not_asked',
  )
  await story.ask((ctx) => endRun(ctx, ticket, { kind: 'ok' }))
  assert.equal((await story.run(runId)).status, 'succeeded')
})

test('what no worker begins, and what takes too long, has timed out', async () => {
  await using told = await BusStory.begin('q')
  const never = { retry: { max: 0 } }
  await told.job(
    'unwanted',
    { queue: 'q', finish: 'status', startTimeout: '20s' },
    { ...never, timeout: '1h' },
  )
  await told.job('slow', { queue: 'q', finish: 'status' }, { ...never, timeout: '1m' })
  await told.story.advance(10 * SECOND)
  const [, slow] = await told.take('q')
  await told.status({ ...jsonOf(slow!), status: 'running' })
  await told.story.advance(90 * SECOND)
  const [one, other] = [await told.run('unwanted'), await told.run('slow')]
  assert.deepEqual([one.status, one.message], ['failed', 'no worker began within 20s'])
  assert.deepEqual([other.status, other.message], ['failed', 'nobody reported its end within 1m'])
})

test('a server that dies takes nothing along of what is outside', async () => {
  await using told = await BusStory.begin('q')
  await told.job('outside', { queue: 'q', finish: 'status' }, { timeout: '1h' })
  await told.story.advance(10 * SECOND)
  const first = jsonOf((await told.take('q'))[0]!)
  await told.story.down(5 * MINUTE)
  await told.story.advance(MINUTE)
  assert.deepEqual([(await told.run('outside')).status, (await told.run('outside')).attempts], ['running', 1])
  await told.status({ ...first, status: 'completed' })
  assert.equal((await told.run('outside')).status, 'succeeded')
  assert.deepEqual(await told.take('q'), [])
})

test('asked to end, a worker is told; and where nobody answers the run ends all the same', async () => {
  await using told = await BusStory.begin('q', 'mine')
  await told.job('one', { queue: 'q', finish: 'status' }, { timeout: '1h' })
  await told.job('other', { queue: 'q', finish: 'status' }, { timeout: '1h' })
  await told.story.advance(10 * SECOND)
  const works = new Map((await told.take('q')).map((message) => [jsonOf(message)['job'], jsonOf(message)]))
  const [one, other] = [works.get('one')!, works.get('other')!]
  await told.story.ctx.store.handed.active([])
  const bus = told.broker.open()
  await bus.declare(
    { bindings: [{ queue: 'mine', exchange: 'carillon.stop', routingKey: String(one['runId']) }] },
    new Stop(),
  )
  await told.status({ ...one, status: 'running' })
  await told.status({ ...one, status: 'cancelled' })
  assert.deepEqual(told.dead(), ['nobody has asked for the end of this run, so it cannot be "cancelled"'])
  await told.story.ask((ctx) => cancelRun(ctx, WHO, String(one['runId'])))
  await told.story.ask((ctx) => cancelRun(ctx, WHO, String(other['runId'])))
  await told.story.advance(SECOND)
  assert.deepEqual((await told.take('mine')).map(jsonOf), [{ runId: one['runId'], attempt: 1, fence: 1 }])
  await told.status({ ...one, status: 'cancelled' })
  assert.equal((await told.run('one')).status, 'cancelled')
  assert.equal((await told.run('other')).status, 'cancelling')
  await told.story.advance(40 * SECOND)
  const ended = await told.run('other')
  assert.deepEqual(
    [ended.status, ended.message],
    ['cancelled', 'it was asked to stop, and nobody said that it has'],
  )
})

test('whoever is to stop has its time from when it was told', async () => {
  await using told = await BusStory.begin('q', 'mine')
  const bus = told.broker.open()
  await bus.declare({ bindings: [{ queue: 'mine', exchange: 'carillon.stop', routingKey: '#' }] }, new Stop())
  await told.job('far', { queue: 'q', finish: 'status' }, { heartbeatTimeout: '5s', timeout: '1h' })
  await told.story.advance(10 * SECOND)
  const word = jsonOf((await told.take('q'))[0]!)
  await told.status({ ...word, status: 'running' })
  told.broker.break('the broker is away')
  await told.story.ask((ctx) => cancelRun(ctx, WHO, String(word['runId'])))
  await told.story.advance(5 * MINUTE)
  assert.equal((await told.run('far')).status, 'cancelling')
  told.broker.mend()
  await told.story.advance(5 * SECOND)
  assert.equal((await told.take('mine')).length, 1)
  await told.story.advance(20 * SECOND)
  assert.equal((await told.run('far')).status, 'cancelling')
  await told.story.advance(15 * SECOND)
  assert.equal((await told.run('far')).status, 'cancelled')
})

test('many that nothing can be done about now are not in the way of others', async () => {
  await using told = await BusStory.begin('q')
  for (let n = 0; n < 7; n += 1) {
    await told.job(`deaf${n}`, { queue: 'q', finish: 'status' }, { heartbeatTimeout: '5s', timeout: '1h' })
  }
  await told.job('other', { queue: 'q', finish: 'status' }, { heartbeatTimeout: '10s', timeout: '1h' })
  await told.story.advance(10 * SECOND)
  for (const message of await told.take('q')) await told.status({ ...jsonOf(message), status: 'running' })
  const { ctx, clock } = told.story
  const other = (await told.run('other')).id
  let looks = 0
  const teller: StopTeller = {
    tellStop: async () => false,
    listening: ({ run }) => {
      looks += 1
      return run.id === other ? 0 : 'elsewhere'
    },
  }
  told.story.kill()
  const keeper = new OutsideKeeper({ ...ctx, store: told.story.disk, clock }, teller, {
    batch: 3,
    pollMs: SECOND,
    lookEveryMs: 0,
  })
  for (let ticks = 0; ticks < 60; ticks += 1) {
    await clock.advance(SECOND, async () => {})
    const before = looks
    // It rests although there is more.
    if ((await keeper.tick()) === null) assert.ok(looks - before <= 3)
  }
  assert.equal((await told.story.attempts(other))[0]?.outcome, 'lost')
  assert.equal((await told.run('deaf0')).status, 'running')
})

test('a store that stands still within a step makes nobody silent', async () => {
  await using told = await BusStory.begin('q')
  await told.job('alive', { queue: 'q', finish: 'status' }, { heartbeatTimeout: '30s', timeout: '1h' })
  await told.story.advance(10 * SECOND)
  const word = jsonOf((await told.take('q'))[0]!)
  await told.status({ ...word, status: 'running' })
  const { ctx, clock, disk } = told.story
  told.story.kill()
  const standing = async (step: string): Promise<void> => {
    if (step === stallsAt) await clock.advance(40 * SECOND, async () => {})
    stallsAt = step === stallsAt ? null : stallsAt
  }
  let stallsAt: string | null = null
  const handed = new Proxy(disk.handed, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...values: unknown[]) => Promise<unknown>
      return async (...values: unknown[]) => {
        await standing(String(name))
        return method.apply(target, values)
      }
    },
  })
  const teller: StopTeller = { tellStop: async () => false, listening: () => 0 }
  const keeper = new OutsideKeeper({ ...ctx, store: { ...disk, handed }, clock }, teller, {
    batch: 3,
    pollMs: SECOND,
    lookEveryMs: 0,
  })
  const lived = async (): Promise<string> => {
    await clock.advance(SECOND, async () => {})
    await keeper.tick()
    return (await told.run('alive')).status
  }
  for (let ticks = 0; ticks < 15; ticks += 1) assert.equal(await lived(), 'running')
  stallsAt = 'overdue'
  assert.equal(await lived(), 'running', 'in the step that asks who is silent')
  const [handing] = await disk.handed.active([String(word['runId'])])
  await disk.handed.hand(
    [{ run: handing!.work.run, accepted: true, lookAt: clock.now() + 30_000 }],
    clock.now(),
  )
  for (let ticks = 0; ticks < 15; ticks += 1) assert.equal(await lived(), 'running')
  stallsAt = 'stopping'
  assert.equal(await lived(), 'running')
  assert.equal(await lived(), 'running', 'and in any other')
  for (let ticks = 0; ticks < 31; ticks += 1) await lived()
  assert.equal(
    (await told.story.attempts(String(word['runId'])))[0]?.outcome,
    'lost',
    'silence ends it still',
  )
})

test('a run that a newer one replaces is told to stop', async () => {
  await using told = await BusStory.begin('q', 'stops')
  const bus = told.broker.open()
  await bus.declare(
    { bindings: [{ queue: 'stops', exchange: 'carillon.stop', routingKey: '#' }] },
    new Stop(),
  )
  await told.story.job('newest', {
    target: { message: { queue: 'q', finish: 'status' } },
    schedule: { every: '1m' },
    policy: { overlap: 'replace', timeout: '1h' },
  })
  await told.story.advance(2 * MINUTE + SECOND)
  const [first, second] = (await told.take('q')).map(jsonOf)
  const [stop, ...more] = (await told.take('stops')).map(jsonOf)
  assert.deepEqual([stop?.['runId'], stop?.['attempt'], more.length], [first?.['runId'], 1, 0])
  const statuses = (await told.story.runs('newest')).map(({ status }) => status)
  assert.deepEqual(statuses, ['cancelled', 'running'])
  await told.status({ ...first, status: 'completed' })
  await told.status({ ...second, status: 'completed' })
  assert.deepEqual(
    (await told.story.runs('newest')).map(({ status }) => status),
    ['cancelled', 'succeeded'],
  )
})

test('what nobody can use is dead, with the reason, and harms nobody', async () => {
  await using told = await BusStory.begin('q')
  await told.job('sane', { queue: 'q', finish: 'status' })
  await told.job('confirmed', { queue: 'q', body: 'x' })
  await told.story.advance(10 * SECOND)
  const sane = (await told.take('q')).find(({ contentType }) => contentType === 'application/json')!
  const { runId, fence } = jsonOf(sane)
  const unknown = `run_${'0'.repeat(26)}`
  for (const word of [
    'not json',
    '[]',
    'x'.repeat(100_000),
    {},
    { runId: 'nonsense', fence: 1, status: 'completed' },
    { runId, status: 'completed' },
    { runId, fence, status: 'exploded' },
    { runId: unknown, fence: 1, status: 'completed' },
  ]) {
    await told.status(word)
  }
  assert.deepEqual(told.dead(), [
    'it is no JSON in UTF-8',
    'it is no object of JSON',
    'it has 100000 bytes, at most 65536 are read',
    '"runId" is the id of a run, as it stood in the message',
    '"runId" is the id of a run, as it stood in the message',
    '"fence" is the number from the message, by which it is known which attempt this is about',
    '"status" is one of running, heartbeat, completed, failed, cancelled',
    `there is no run ${unknown}`,
  ])
  await told.status({ runId, fence, status: 'completed' })
  assert.equal((await told.run('sane')).status, 'succeeded')
  // Said again it is only a repetition; said otherwise it is too late.
  await told.status({ runId, fence, status: 'completed' })
  assert.equal(told.dead().length, 8)
  await told.status({ runId, fence, status: 'failed' })
  assert.equal(told.dead().length, 9)
})

test('a job that would speak for workers is refused', async () => {
  await using told = await BusStory.begin()
  for (const message of [
    { queue: 'carillon.status' },
    { exchange: 'scheduler.job.other.status' },
    { queue: 'a', exchange: 'b' },
    { protocol: 'simple-scheduler', queue: 'q' } as const,
    { queue: 'q', startTimeout: '1m' },
    { queue: 'q', headers: { 'Carillon-Fence': '7' } },
    { queue: 'q', headers: { CC: 'carillon.status' } },
    { queue: 'q', headers: { BCC: 'other' } },
  ]) {
    const draft = { name: 'forger', schedule: {}, target: { message } }
    await assert.rejects(
      told.story.ask((ctx) => createJob(ctx, WHO, draft)),
      (error) => error instanceof AppError,
    )
  }
})

test('workers of Simple Scheduler get what they know, and are understood', async () => {
  await using told = await BusStory.begin()
  const target = { protocol: 'simple-scheduler', startTimeout: '1m' } as const
  await told.job('mail', target, { heartbeatTimeout: '30s', timeout: '10m' })
  await told.story.advance(10 * SECOND)
  const { id } = await told.run('mail')
  const [action] = await told.take('scheduler.job.mail.action')
  assert.deepEqual(jsonOf(action!), { jobName: 'mail', runId: id, action: 'run' })
  // By the one exchange, as its sources have it, and by the three of its document.
  const bySource = { exchange: 'scheduler.job.mail', routingKey: 'status' }
  const byDocument = { exchange: 'scheduler.job.mail.status', routingKey: '' }
  const beat = { exchange: 'scheduler.job.mail.heartbeat', routingKey: '' }
  await told.say(bySource, { jobName: 'mail', runId: id, status: 'running' })
  await told.story.advance(20 * SECOND)
  await told.say(beat, { jobName: 'mail', runId: id })
  await told.story.advance(20 * SECOND)
  assert.equal((await told.run('mail')).attempts, 1)
  // Now it is silent, and goes out again under another id.
  await told.story.advance(20 * SECOND)
  const [again] = await told.take('scheduler.job.mail.action')
  assert.deepEqual(jsonOf(again!), { jobName: 'mail', runId: `${id}.2`, action: 'run' })
  await told.say(byDocument, { jobName: 'mail', runId: id, status: 'completed' })
  await told.say(byDocument, { jobName: 'mail', runId: `${id}.2`, status: 'pending' })
  await told.say(byDocument, { jobName: 'mail', runId: `${id}.2`, status: 'cancelled' })
  assert.deepEqual(told.dead(), [
    'it tells of another attempt; now it is attempt 2',
    'a run becomes "pending" by its scheduler only',
    'nobody has asked for the end of this run, so it cannot be "cancelled"',
  ])
  assert.equal((await told.run('mail')).status, 'running')
  await told.say(byDocument, { jobName: '', runId: `${id}.2`, status: 'completed' })
  assert.equal((await told.run('mail')).status, 'succeeded')
})

test('a job of Simple Scheduler has a name that its queues can be named after', async () => {
  await using told = await BusStory.begin()
  const target = { message: { protocol: 'simple-scheduler' } } as const
  const longest = 'ä'.repeat(115)
  await told.story.ask((ctx) => createJob(ctx, WHO, { name: longest, schedule: {}, target }))
  await assert.rejects(
    told.story.ask((ctx) => createJob(ctx, WHO, { name: `${longest}ä`, schedule: {}, target })),
    (error) => error instanceof AppError && error.problems[0]?.code === 'name_too_long',
  )
})

test('workers of Simple Scheduler work for one project only', async () => {
  await using told = await BusStory.begin()
  const message = { protocol: 'simple-scheduler' } as const
  await told.job('mail', message)
  const { store, clock } = told.story.ctx
  const other = await told.story.ask((ctx) => createProject(ctx, WHO, { name: 'other' }))
  const draft = { name: 'mail', project: other.id, schedule: {}, target: { message } }
  const refused = (error: unknown) =>
    error instanceof AppError && error.problems.some(({ code }) => code === 'bus_name_taken')
  await assert.rejects(
    told.story.ask((ctx) => createJob(ctx, WHO, draft)),
    refused,
  )
  await assert.rejects(
    told.story.ask((ctx) => createJobs(ctx, WHO, [draft], 'whole')),
    refused,
  )
  const { job } = await told.story.ask((ctx) => createJob(ctx, WHO, { ...draft, name: 'post' }))
  await assert.rejects(
    told.story.ask((ctx) => updateJob(ctx, WHO, { idOrName: job.id }, draft, null)),
    refused,
  )
  // One that got by all the same: its runs reach nobody.
  const sneaked = { ...job, id: 'job_7ZZZZZZZZZZZZZZZZZZZZZZZZZ', spec: { ...job.spec, name: 'mail' } }
  await store.jobs.add([{ ...sneaked, createdAt: clock.now() }], WHO.id)
  const {
    run: { id },
  } = await told.story.ask((ctx) => triggerJob(ctx, WHO, { idOrName: 'job_7ZZZZZZZZZZZZZZZZZZZZZZZZZ' }, {}))
  await told.story.advance(SECOND)
  const run = await told.story.run(id)
  assert.deepEqual([run.status, /another project/.test(run.message ?? '')], ['failed', true])
  assert.deepEqual(told.broker.waiting('scheduler.job.mail.action'), [])
  await told.story.advance(10 * SECOND)
  assert.equal((await told.take('scheduler.job.mail.action')).length, 1)
})

test('a job that has no place on the bus declares nothing there, and its run says why', async () => {
  await using told = await BusStory.beginWith({ busJobsPerProject: 1 })
  const target = { message: { protocol: 'simple-scheduler' } } as const
  const trigger = async (idOrName: string): Promise<Run> => {
    const { run } = await told.story.ask((ctx) => triggerJob(ctx, WHO, { idOrName }, {}))
    await told.story.advance(SECOND)
    return told.story.run(run.id)
  }
  await told.story.ask((ctx) => createJob(ctx, WHO, { name: 'mail', schedule: {}, target }))
  assert.equal((await trigger('mail')).status, 'running')
  // Another server made it, which did not know of the first.
  const { busRoom: _, ...elsewhere } = told.story.ctx
  await createJob(elsewhere, WHO, { name: 'post', schedule: {}, target })
  const { status, message } = await trigger('post')
  assert.equal(status, 'failed')
  assert.match(message ?? '', /A project may have 1 jobs of Simple Scheduler.*bus-jobs-per-project/)
  assert.deepEqual(
    ['mail', 'post'].map((name) => told.broker.hasQueue(`scheduler.job.${name}.action`)),
    [true, false],
  )
})

test('what workers of Simple Scheduler do not begin or end in time is cancelled, and they are told', async () => {
  await using told = await BusStory.begin()
  await told.job('start', { protocol: 'simple-scheduler', startTimeout: '30s' }, { timeout: '1h' })
  await told.job('end', { protocol: 'simple-scheduler' }, { timeout: '1m' })
  await told.story.advance(10 * SECOND)
  const [start, end] = [await told.run('start'), await told.run('end')]
  const status = (name: string) => ({ exchange: `scheduler.job.${name}`, routingKey: 'status' })
  await told.say(status('end'), { jobName: 'end', runId: end.id, status: 'running' })
  await told.story.advance(75 * SECOND)
  for (const [name, run] of [
    ['start', start],
    ['end', end],
  ] as const) {
    const [, cancel] = await told.take(`scheduler.job.${name}.action`)
    assert.deepEqual(jsonOf(cancel!), { jobName: name, runId: run.id, action: 'cancel' })
  }
  // Its time was up, but it has been told only now.
  assert.equal((await told.run('end')).status, 'cancelling')
  await told.say(status('end'), { jobName: 'end', runId: end.id, status: 'cancelled' })
  assert.deepEqual((await told.run('end')).status, 'cancelled')
  await told.story.advance(MINUTE)
  assert.deepEqual((await told.run('start')).status, 'cancelled')
})
