// A channel with confirmations for the messages of one exchange: the broker closes the channel when the exchange is gone,
// and what was under way to others is not to pay for it.

import type { ChannelModel, ConfirmChannel, Message } from 'amqplib'
import type { BusMessage, Published } from '../../ports/message-bus.ts'
import type { StopSignal } from '../../ports/stop.ts'
import { reasonOf } from './link.ts'
import { NOT_FOUND, onOwnChannel, refusesWhatWasSent } from './topology.ts'

/** What amqplib calls it when the broker says no. */
const NACKED = 'message nacked'

type UnderWay = { readonly settle: (published: Published) => void; returned: boolean }

export class Lane {
  readonly #channel: ConfirmChannel
  readonly #exchange: string
  readonly #underWay = new Map<string, UnderWay>()
  #error: unknown = null
  #open = true

  private constructor(channel: ConfirmChannel, exchange: string) {
    this.#channel = channel
    this.#exchange = exchange
    channel.on('error', (error) => {
      this.#error = error
    })
    channel.on('return', ({ properties, fields }: Message) => {
      const message = this.#underWay.get(String(properties.messageId))
      if (message === undefined) return
      message.returned = true
      message.settle({ kind: 'unroutable', message: unrouted(exchange, fields.routingKey) })
    })
    channel.on('close', () => this.#closed())
  }

  static async open(model: ChannelModel, exchange: string): Promise<Lane> {
    // Asked on a channel of its own: "no" closes it.
    if (exchange !== '') {
      await onOwnChannel(model, async (probe) => {
        await probe.checkExchange(exchange)
      })
    }
    return new Lane(await model.createConfirmChannel(), exchange)
  }

  get isOpen(): boolean {
    return this.#open
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0
  }

  send(message: BusMessage, signal: StopSignal): Promise<Published> {
    const { promise, resolve } = Promise.withResolvers<Published>()
    const stopped = (): void =>
      settle({
        kind: 'unavailable',
        message: 'the broker did not confirm the message in time',
        reached: 'maybe',
      })
    const settle = (published: Published): void => {
      if (this.#underWay.get(message.id) === underWay) this.#underWay.delete(message.id)
      signal.removeEventListener('abort', stopped)
      resolve(published)
    }
    const underWay: UnderWay = { settle, returned: false }
    this.#underWay.set(message.id, underWay)
    signal.addEventListener('abort', stopped)
    try {
      this.#publish(message, (error) => {
        // Of a returned message the confirmation says only that it was dealt with.
        if (underWay.returned) return
        if (error === null || error === undefined) return settle({ kind: 'confirmed' })
        // Anything else is the end of the channel, which is told by its own event, with its cause.
        if (reasonOf(error) === NACKED) {
          settle({ kind: 'refused', message: 'the broker refused the message: a queue may be full' })
        }
      })
    } catch (error) {
      settle(
        this.#open
          ? { kind: 'refused', message: `the message cannot be published: ${reasonOf(error)}` }
          : { kind: 'unavailable', message: 'the connection to the broker was lost', reached: 'no' },
      )
    }
    return promise
  }

  async close(): Promise<void> {
    if (this.#open) await this.#channel.close().catch(() => {})
  }

  #publish(message: BusMessage, confirmed: (error: unknown) => void): void {
    const { exchange, routingKey, body, contentType, headers, id, replyTo } = message
    const options = {
      persistent: true,
      mandatory: true,
      contentType,
      headers,
      messageId: id,
      ...(replyTo === undefined ? {} : { replyTo }),
    }
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    this.#channel.publish(exchange, routingKey, bytes, options, confirmed)
  }

  #closed(): void {
    this.#open = false
    // Of several under way some may have been in the queue when the broker said no to one.
    const alone = this.#underWay.size === 1
    const why = this.#whyClosed()
    for (const { settle } of [...this.#underWay.values()]) {
      settle(
        alone && why.kind !== 'unavailable'
          ? why
          : { kind: 'unavailable', message: why.message, reached: 'maybe' },
      )
    }
  }

  #whyClosed(): Exclude<Published, { kind: 'confirmed' }> {
    const error = this.#error
    if ((error as { code?: unknown } | null)?.code === NOT_FOUND) {
      return { kind: 'unroutable', message: noExchange(this.#exchange) }
    }
    if (refusesWhatWasSent(error))
      return { kind: 'refused', message: `the broker refused it: ${reasonOf(error)}` }
    const message = 'the connection to the broker was lost before it confirmed the message'
    return { kind: 'unavailable', message, reached: 'maybe' }
  }
}

export function noExchange(exchange: string): string {
  return `there is no exchange "${exchange}" on the broker`
}

function unrouted(exchange: string, routingKey: string): string {
  return exchange === ''
    ? `there is no queue "${routingKey}" on the broker`
    : `no queue is bound to the exchange "${exchange}" that takes the routing key "${routingKey}"`
}
