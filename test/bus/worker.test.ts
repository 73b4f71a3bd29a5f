// The kit for workers on a real broker, and a scheduler that is played by hand: how much it takes at once, and that what it has
// to say gets through.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openAmqpBus } from '../../src/adapters/amqp/amqp-bus.ts'
import { createSystemChance } from '../../src/adapters/system/system-chance.ts'
import { systemClock } from '../../src/adapters/system/system-clock.ts'
import type { MessageBus } from '../../src/ports/message-bus.ts'
import { Stop } from '../../src/ports/stop.ts'
import { startWorker } from '../../src/sdk/worker/worker.ts'
import { Rabbit } from '../support/rabbitmq.ts'
import { until } from '../support/until.ts'

const WITHIN_MS = 40_000

type Said = { runId: string; fence: number; status: string; message?: string }

let rabbit: Rabbit
let bus: MessageBus
const said: Said[] = []

before(async () => {
  rabbit = await Rabbit.start()
  bus = openAmqpBus({
    url: rabbit.url,
    clock: systemClock,
    chance: createSystemChance(systemClock.now),
    connectionName: 'a test',
    onError: () => {},
  })
  const topology = {
    queues: [{ name: 'said' }],
    exchanges: [{ name: 'carillon.stop', type: 'topic' }],
  } as const
  bus.consume(
    { queue: 'said', topology, prefetch: 100, bytesMax: 65_536, deadLetters: 'none' },
    async (letters) => {
      said.push(...letters.map(({ body }) => JSON.parse(new TextDecoder().decode(body)) as Said))
      return letters.map(() => ({ kind: 'done' }))
    },
  )
})
after(async () => {
  await bus?.[Symbol.asyncDispose]()
  await rabbit?.[Symbol.asyncDispose]()
})

let sent = 0
async function publish(
  exchange: string,
  routingKey: string,
  body: object,
  run?: [id: string, fence: number],
  replyTo = 'said',
) {
  sent += 1
  const [id, fence] = run ?? ['', 0]
  const headers =
    run === undefined ? {} : { 'Carillon-Run-Id': id, 'Carillon-Attempt': fence, 'Carillon-Fence': fence }
  const bytes = new TextEncoder().encode(JSON.stringify(body))
  const message = {
    exchange,
    routingKey,
    id: `s${sent}`,
    body: bytes,
    contentType: 'application/json',
    headers,
  }
  const published = await bus.publish({ ...message, ...(run === undefined ? {} : { replyTo }) }, new Stop())
  assert.equal(published.kind, 'confirmed')
}

async function queue(name: string, replyTo?: string): Promise<(id: string, fence?: number) => Promise<void>> {
  assert.equal((await bus.declare({ queues: [{ name }] }, new Stop())).kind, 'declared')
  return (id, fence = 1) => publish('', name, {}, [id, fence], replyTo)
}

const ends = (id: string): Said[] =>
  said.filter(({ runId, status }) => runId === id && status !== 'running' && status !== 'heartbeat')

test('it works on so many at once as it was told, and on the others later', async () => {
  const send = await queue('crowd')
  for (let n = 0; n < 9; n += 1) await send(`crowd${n}`)
  const waiting: (() => void)[] = []
  let most = 0
  let begun = 0
  await using _worker = await startWorker({
    url: rabbit.url,
    queue: 'crowd',
    atOnce: 2,
    work: () => {
      begun += 1
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push(resolve)
      most = Math.max(most, waiting.length)
      return promise
    },
  })
  const running = () =>
    said.filter(({ runId, status }) => runId.startsWith('crowd') && status === 'running').length
  for (let n = 1; n <= 9; n += 1) {
    await until(`run ${n} has begun`, WITHIN_MS, () => begun >= Math.min(9, n + 1))
    await until('it was said', WITHIN_MS, () => running() === begun)
    waiting.shift()!()
  }
  assert.equal(most, 2)
  await until(
    'all have ended',
    WITHIN_MS,
    () => said.filter(({ status }) => status === 'completed').length === 9,
  )
})

test('what was not begun is left to others when it stops', async () => {
  const send = await queue('left')
  const held = Promise.withResolvers<void>()
  const took: string[] = []
  const first = await startWorker({
    url: rabbit.url,
    queue: 'left',
    atOnce: 1,
    work: async ({ id }) => {
      took.push(id)
      await held.promise
    },
  })
  for (const id of ['left0', 'left1']) await send(id)
  await until('it works', WITHIN_MS, () => took.length === 1)
  const stopped = first.stop()
  held.resolve()
  await stopped
  const others: string[] = []
  await using _second = await startWorker({
    url: rabbit.url,
    queue: 'left',
    work: ({ id }) => others.push(id),
  })
  await until('another one did it', WITHIN_MS, () => ends('left1').length === 1)
  assert.deepEqual([took, others], [['left0'], ['left1']])
})

test('an end with a long reason gets through, whatever it is made of', async () => {
  const send = await queue('wordy')
  await send('wordy')
  await using _worker = await startWorker({
    url: rabbit.url,
    queue: 'wordy',
    work: () => {
      throw new Error('\0😀'.repeat(50_000))
    },
  })
  await until('it was said', WITHIN_MS, () => ends('wordy').length === 1)
  const [{ status, message = '' } = assert.fail()] = ends('wordy')
  assert.deepEqual([status, message.length], ['failed', 4_096])
})

test('an end that no queue takes is kept until there is one', async () => {
  const send = await queue('lonely', 'said-later')
  const errors: string[] = []
  await using worker = await startWorker({
    url: rabbit.url,
    queue: 'lonely',
    onError: ({ message }) => errors.push(message),
    work: () => {},
  })
  await send('lonely')
  await until('it came back', WITHIN_MS, () => errors.some((text) => /said-later is not there/.test(text)))
  const stopped = worker.stop()
  const heard: Said[] = []
  await using _late = bus.consume(
    {
      queue: 'said-later',
      topology: { queues: [{ name: 'said-later' }] },
      prefetch: 10,
      bytesMax: 1_000,
      deadLetters: 'none',
    },
    async (letters) => {
      heard.push(...letters.map(({ body }) => JSON.parse(new TextDecoder().decode(body)) as Said))
      return letters.map(() => ({ kind: 'done' }))
    },
  )
  await stopped
  await until('it was said', WITHIN_MS, () => heard.some(({ status }) => status === 'completed'))
  assert.equal(heard.filter(({ status }) => status === 'completed').length, 1)
})

test('a later attempt hears its stop, although the earlier one ends meanwhile', async () => {
  const send = await queue('later')
  const ended: string[] = []
  await using _worker = await startWorker({
    url: rabbit.url,
    queue: 'later',
    work: async ({ fence }, signal) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      ended.push(`fence ${fence}`)
      throw new Error('stopped')
    },
  })
  await send('later', 1)
  await until('the first has begun', WITHIN_MS, () => said.some(({ runId }) => runId === 'later'))
  await send('later', 2)
  await until('the first was overtaken', WITHIN_MS, () => ends('later').length === 1)
  assert.deepEqual(ended, ['fence 1'])
  await publish('carillon.stop', 'later', { runId: 'later', attempt: 2, fence: 2 })
  await until('the second has stopped', WITHIN_MS, () => ended.length === 2)
})

test('an end is said before it leaves, although the broker was away', async () => {
  const send = await queue('patient')
  await send('patient')
  const held = Promise.withResolvers<void>()
  let begun = false
  let away = false
  const worker = await startWorker({
    url: rabbit.url,
    queue: 'patient',
    onError: () => {
      away = true
    },
    work: async () => {
      begun = true
      await held.promise
    },
  })
  await until('it works', WITHIN_MS, () => begun && said.some(({ runId }) => runId === 'patient'))
  await rabbit.kill()
  await until('it has noticed', WITHIN_MS, () => away)
  held.resolve()
  const stopped = worker.stop()
  await rabbit.resume()
  await stopped
  await until('it was said', WITHIN_MS, () => ends('patient').length === 1)
  assert.equal(ends('patient')[0]?.status, 'completed')
})
