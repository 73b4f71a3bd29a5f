// Opens the message bus that the configuration names. Another bus is a folder in adapters/ and a line here.

import type { Chance } from '../ports/chance.ts'
import type { Clock } from '../ports/clock.ts'
import type { MessageBus } from '../ports/message-bus.ts'

export type BusOptions = {
  readonly url: string
  readonly password: string | null
  readonly clock: Clock
  readonly chance: Chance
  readonly connectionName: string
  readonly onError: (where: string, error: unknown) => void
}

type Open = (options: BusOptions) => Promise<MessageBus>

const openAmqp: Open = async (options) => (await import('../adapters/amqp/amqp-bus.ts')).openAmqpBus(options)

/** By the scheme of the address. */
export const BUSES: Readonly<Record<string, Open>> = {
  amqp: openAmqp,
  amqps: openAmqp,
  'in-process': async ({ url, clock }) => {
    const { InProcessBroker } = await import('../adapters/in-process-bus/in-process-bus.ts')
    return InProcessBroker.named(url, clock).open()
  },
}

export function openBus(options: BusOptions): Promise<MessageBus> {
  return BUSES[schemeOf(options.url)]!(options)
}

export function schemeOf(url: string): string {
  return url.slice(0, Math.max(0, url.indexOf(':')))
}
