// 20,000 one-time jobs due in one instant, each its own message, persistent and confirmed by a real RabbitMQ: from the due
// instant to the last run recorded; beside it, in turns, a bare amqplib loop that publishes the same messages. Then as many
// that wait for their workers, and all their words at once.

import { setTimeout as wait } from 'node:timers/promises'
import { type ConfirmChannel, connect } from 'amqplib'
import { Rabbit } from '../test/support/rabbitmq.ts'
import { Carillon } from './carillon.ts'
import type { Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, median, number } from './table.ts'

const LEAD_MS = 8_000
const PER_SECOND = 5_000
const QUEUE = 'bench'

type Word = { readonly runId: string; readonly fence: number }

export async function bus(_sink: Sink, scale: Scale): Promise<Line[]> {
  const count = scale.quick ? 5_000 : 20_000
  const rounds = scale.quick ? 1 : 3
  await using rabbit = await Rabbit.start()
  await using carillon = await Carillon.start({
    args: ['--bus', rabbit.url, ...scale.serverArgs],
    nodeArgs: scale.nodeArgs,
  })
  const client = await connect(rabbit.url)
  const channel = await client.createConfirmChannel()
  await channel.assertQueue(QUEUE, { durable: true })
  let done = 0
  const due = async (name: string, target: object): Promise<number> => {
    const dueAt = Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000
    await carillon.create(count, (n) => ({
      name: `${name}-${n}`,
      schedule: { at: new Date(dueAt).toISOString() },
      target: { message: { queue: QUEUE, ...target } },
    }))
    if (Date.now() >= dueAt) throw new Error('the jobs were due before all of them were created')
    await wait(dueAt - Date.now())
    return performance.now()
  }
  const published: number[] = []
  const heard: number[] = []
  const bare: number[] = []
  const cpuUs: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const began = await due(`confirm-${round}`, {})
    const cpu = carillon.cpuSeconds()
    done += count
    await carillon.untilSucceeded(done)
    published.push(performance.now() - began)
    cpuUs.push(((carillon.cpuSeconds() - cpu) / count) * 1_000_000)
    const { messageCount } = await channel.purgeQueue(QUEUE)
    if (messageCount !== count) throw new Error(`${messageCount} messages are in the queue of ${count}`)
    bare.push(await bareLoop(channel, count))
    await channel.purgeQueue(QUEUE)
  }
  for (let round = 0; round < rounds; round += 1) {
    await due(`status-${round}`, { finish: 'status' })
    const words: Word[] = []
    const { consumerTag } = await channel.consume(
      QUEUE,
      (message) => {
        if (message !== null) words.push(JSON.parse(message.content.toString()) as Word)
      },
      { noAck: true },
    )
    while (words.length < count) await wait(10)
    await channel.cancel(consumerTag)
    const began = performance.now()
    for (const { runId, fence } of words) {
      const body = JSON.stringify({ runId, fence, status: 'completed' })
      if (!channel.sendToQueue('carillon.status', Buffer.from(body), { persistent: true })) await wait(0)
    }
    done += count
    await carillon.untilSucceeded(done)
    heard.push(performance.now() - began)
  }
  await client.close()
  const counts = await carillon.stopAndCount()
  if (counts.succeeded !== done || counts.attempts !== done) {
    throw new Error(`${counts.succeeded} runs and ${counts.attempts} attempts are in the ledger of ${done}`)
  }
  const rate = (times: number[]): number => (count / median(times)) * 1_000
  const share = median(bare.map((time, round) => time / published[round]!))
  return [
    line(
      `${number(count)} messages due at once, confirmed by RabbitMQ and recorded`,
      `≥ ${number(PER_SECOND)}/s`,
      `${number(rate(published))}/s`,
      rate(published) >= PER_SECOND,
    ),
    line(
      '… beside a bare amqplib loop that writes nothing down',
      '–',
      `${Math.round(share * 100)} % of ${number(rate(bare))}/s`,
      null,
    ),
    line('… processor time of the server for each', '–', `${Math.round(median(cpuUs))} µs`, null),
    line(
      `${number(count)} words of workers at once, each the end of its run`,
      `≥ ${number(PER_SECOND)}/s`,
      `${number(rate(heard))}/s`,
      rate(heard) >= PER_SECOND,
    ),
  ]
}

/** As many under way as the server's slots let it have. */
const DEPTH = 8_192

/** Milliseconds to the last confirmation. */
async function bareLoop(channel: ConfirmChannel, count: number): Promise<number> {
  const began = performance.now()
  const { promise: all, resolve } = Promise.withResolvers<void>()
  let [sent, confirmed] = [0, 0]
  const fill = (): void => {
    while (sent < count && sent - confirmed < DEPTH) {
      sent += 1
      channel.sendToQueue(QUEUE, BODY, { ...OPTIONS, messageId: `bare-${sent}` }, () => {
        confirmed += 1
        if (confirmed === count) resolve()
        else if (sent - confirmed < DEPTH / 2) fill()
      })
    }
  }
  fill()
  await all
  return performance.now() - began
}

const RUN = 'run_01JGFJJZ00AZ5V9W7Q3K4M6N8P'
const JOB = 'job_01JGFJJZ00AZ5V9W7Q3K4M6N8P'
const DUE_AT = '2027-01-01T00:00:00.000Z'
const BODY = Buffer.from(
  JSON.stringify({ runId: RUN, job: 'confirm-0-10000', jobId: JOB, dueAt: DUE_AT, attempt: 1, fence: 1 }),
)
const OPTIONS = {
  persistent: true,
  mandatory: true,
  contentType: 'application/json',
  headers: {
    'Carillon-Run-Id': RUN,
    'Carillon-Job-Id': JOB,
    'Carillon-Job-Name': 'confirm-0-10000',
    'Carillon-Attempt': 1,
    'Carillon-Due-At': DUE_AT,
    'Carillon-Fence': 1,
    'Carillon-Trigger': 'schedule',
    traceparent: '00-00000000000000000000000000000000-0000000000000000-01',
  },
}
