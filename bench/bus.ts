// 20,000 one-time jobs due in one instant, each its own message, persistent and confirmed by a real RabbitMQ: from the due
// instant to the last run recorded. Then as many that wait for their workers, and all their words at once.

import { setTimeout as wait } from 'node:timers/promises'
import { connect } from 'amqplib'
import { Rabbit } from '../test/support/rabbitmq.ts'
import { Carillon } from './carillon.ts'
import type { Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, median, number } from './table.ts'

const LEAD_MS = 4_000
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
  for (let round = 0; round < rounds; round += 1) {
    const began = await due(`confirm-${round}`, {})
    done += count
    await carillon.untilSucceeded(done)
    published.push(performance.now() - began)
    const { messageCount } = await channel.purgeQueue(QUEUE)
    if (messageCount !== count) throw new Error(`${messageCount} messages are in the queue of ${count}`)
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
  return [
    line(
      `${number(count)} messages due at once, confirmed by RabbitMQ and recorded`,
      `≥ ${number(PER_SECOND)}/s`,
      `${number(rate(published))}/s`,
      rate(published) >= PER_SECOND,
    ),
    line(
      `${number(count)} words of workers at once, each the end of its run`,
      `≥ ${number(PER_SECOND)}/s`,
      `${number(rate(heard))}/s`,
      rate(heard) >= PER_SECOND,
    ),
  ]
}
