// Exchanges, queues and bindings: durable, never deleted by the broker, on a channel of their own, because a refusal closes
// the channel it came by.

import type { Channel, ChannelModel } from 'amqplib'
import type { QueueRule, Topology } from '../../ports/message-bus.ts'
import type { StopSignal } from '../../ports/stop.ts'

/** Throws the broker's refusal, or that the connection is gone. */
export async function declareOn(model: ChannelModel, topology: Topology): Promise<void> {
  const { exchanges = [], queues = [], bindings = [], relays = [] } = topology
  await onOwnChannel(model, async (channel) => {
    for (const { name, type } of exchanges) await channel.assertExchange(name, type, { durable: true })
    for (const rule of queues) await channel.assertQueue(rule.name, queueOptions(rule))
    for (const { queue, exchange, routingKey } of bindings) {
      await channel.bindQueue(queue, exchange, routingKey)
    }
    for (const { from, to, routingKey } of relays) await channel.bindExchange(to, from, routingKey)
  })
}

/** A refusal is an answer: somebody uses it. Throws that the connection is gone. */
export async function removeOn(model: ChannelModel, topology: Topology): Promise<void> {
  const { exchanges = [], queues = [], relays = [] } = topology
  const steps: ((channel: Channel) => Promise<unknown>)[] = [
    ...queues.map(({ name }) => {
      return (channel: Channel) => channel.deleteQueue(name, { ifUnused: true })
    }),
    // One that still leads to a queue is in use.
    ...relays.map(({ from, to, routingKey }) => {
      return (channel: Channel) => channel.unbindExchange(to, from, routingKey)
    }),
    ...exchanges.map(
      ({ name }) =>
        (channel: Channel) =>
          channel.deleteExchange(name, { ifUnused: true }),
    ),
  ]
  for (const step of steps) {
    try {
      await onOwnChannel(model, async (channel) => void (await step(channel)))
    } catch (error) {
      if (!isRefusal(error)) throw error
    }
  }
}

/** Asks on a channel of its own, which is closed whatever comes: a connection has few of them. */
export async function onOwnChannel(
  model: ChannelModel,
  ask: (channel: Channel) => Promise<void>,
): Promise<void> {
  const channel = await model.createChannel()
  // Told by the rejected call too; without a listener it would be thrown.
  channel.on('error', () => {})
  try {
    await ask(channel)
  } catch (error) {
    // The broker has closed it, unless it never heard of the question. Nobody waits for that.
    void close(channel).catch(() => {})
    throw error
  }
  await channel.close()
}

async function close(channel: Channel): Promise<void> {
  await channel.close()
}

function queueOptions({ messagesMax }: QueueRule): { durable: true; maxLength?: number } {
  return messagesMax === undefined ? { durable: true } : { durable: true, maxLength: messagesMax }
}

/** A refusal by the broker itself has a code; a lost connection has none. */
export function isRefusal(error: unknown): boolean {
  return typeof (error as { code?: unknown } | null)?.code === 'number'
}

export const NOT_FOUND = 404

/** Of what was asked by a channel: too large, not allowed, not there, locked, not so. Others are the end of a conversation. */
const CHANNEL_REFUSALS = [311, 403, NOT_FOUND, 405, 406]

/** What was sent by a channel that the broker closed for this has not been taken. */
export function refusesWhatWasSent(error: unknown): boolean {
  return CHANNEL_REFUSALS.includes((error as { code?: number } | null)?.code ?? 0)
}

/** What the broker answers, or null when the signal comes first: a broker short of memory answers nothing at all. */
export function unlessStopped<Answer>(asked: Promise<Answer>, signal: StopSignal): Promise<Answer | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer | null>()
  const stopped = (): void => resolve(null)
  signal.addEventListener('abort', stopped)
  asked.then(resolve, reject)
  return promise.finally(() => signal.removeEventListener('abort', stopped))
}
