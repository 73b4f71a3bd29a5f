// RabbitMQ, and whatever else speaks AMQP 0-9-1: durable, mandatory, confirmed.

import type { Chance } from '../../ports/chance.ts'
import type { Clock } from '../../ports/clock.ts'
import type { MessageBus } from '../../ports/message-bus.ts'
import { readBrokerAddress } from './address.ts'
import { Consumer } from './consumer.ts'
import { Link, reasonOf } from './link.ts'
import { Publisher } from './publisher.ts'
import { declareOn, isRefusal, removeOn, unlessStopped } from './topology.ts'

export type AmqpOptions = {
  readonly url: string
  /** In place of the one in the address. */
  readonly password?: string | null
  readonly clock: Clock
  readonly chance: Chance
  /** What the broker's own tools show of us. */
  readonly connectionName: string
  readonly onError: (where: string, error: unknown) => void
}

/** Does not wait for the broker: what needs it does. */
export function openAmqpBus(options: AmqpOptions): MessageBus {
  const { clock, chance, connectionName, onError } = options
  const address = readBrokerAddress(options.url, options.password ?? null)
  const link = new Link({ address, clock, chance, connectionName, onError })
  // Another connection for what comes in: a broker short of memory stops reading from those that publish.
  const inward = new Link({ address, clock, chance, connectionName: `${connectionName} (in)`, onError })
  const publisher = new Publisher(link)
  const publish: MessageBus['publish'] = (message, signal, mayLeave) =>
    publisher.publish(message, signal, mayLeave)
  return {
    trouble: () => link.trouble(),
    publish,
    async declare(topology, signal) {
      for (;;) {
        const model = await link.wait(false, signal)
        if (model === null) return { kind: 'unavailable', message: link.trouble() ?? 'it was given up' }
        try {
          const done = await unlessStopped(
            link.during(model, declareOn(model, topology)).then(() => true),
            signal,
          )
          return done === null
            ? { kind: 'unavailable', message: link.trouble() ?? 'the broker did not answer in time' }
            : { kind: 'declared' }
        } catch (error) {
          if (isRefusal(error)) return { kind: 'refused', message: reasonOf(error) }
          if (link.now(false) === model) return { kind: 'unavailable', message: reasonOf(error) }
        }
      }
    },
    async remove(topology, signal) {
      const model = await link.wait(false, signal)
      if (model === null) return false
      const removed = link.during(model, removeOn(model, topology)).then(() => true)
      return unlessStopped(removed, signal).then(
        (done) => done ?? false,
        () => false,
      )
    },
    consume: (consumption, handle) => {
      const newId = (): string => chance.id('req')
      return new Consumer({ link: inward, clock, newId, publish, onError }, consumption, handle)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([link[Symbol.asyncDispose](), inward[Symbol.asyncDispose]()])
    },
  }
}
