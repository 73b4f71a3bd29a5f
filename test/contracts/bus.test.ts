import { after, before } from 'node:test'
import { openAmqpBus } from '../../src/adapters/amqp/amqp-bus.ts'
import { InProcessBroker } from '../../src/adapters/in-process-bus/in-process-bus.ts'
import { createSystemChance } from '../../src/adapters/system/system-chance.ts'
import { systemClock } from '../../src/adapters/system/system-clock.ts'
import { Rabbit } from '../support/rabbitmq.ts'
import { busContract } from './bus.contract.ts'

const broker = new InProcessBroker(systemClock)
busContract('a bus inside the process', { open: () => broker.open() })

let rabbit: Rabbit | null = null
before(async () => {
  if (process.env['AMQP_URL'] === undefined) rabbit = await Rabbit.start()
})
after(() => rabbit?.[Symbol.asyncDispose]())

busContract('RabbitMQ', {
  open: () =>
    openAmqpBus({
      url: process.env['AMQP_URL'] ?? rabbit!.url,
      clock: systemClock,
      chance: createSystemChance(systemClock.now),
      connectionName: 'a test',
      onError: () => {},
    }),
})
