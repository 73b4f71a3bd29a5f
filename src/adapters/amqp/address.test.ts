import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readBrokerAddress } from './address.ts'

test('an address is read as RabbitMQ writes it', () => {
  const { hosts, user, password, vhost } = readBrokerAddress(
    'amqp://me:a%40b%2Fc@one,two:5673/jobs?heartbeat=5',
  )
  assert.deepEqual(hosts, [
    { host: 'one', port: 5672 },
    { host: 'two', port: 5673 },
  ])
  assert.deepEqual([user, password, vhost], ['me', 'a@b/c', 'jobs'])
})

test('a password that is not escaped is refused, and no piece of it is shown', () => {
  for (const secret of [
    'ge@heim',
    'ge/heim',
    'ge?heim',
    'g@e/heim',
    'g@e?heim',
    'g/e?heim',
    'ge/he/im',
    'ge#/heim',
  ]) {
    assert.throws(
      () => readBrokerAddress(`amqp://me:${secret}@host/jobs`),
      ({ message }: Error) => /%40|amqp:/.test(message) && !/ge|heim/.test(message.replace('geheim', '')),
      secret,
    )
  }
  assert.throws(
    () => readBrokerAddress('amqp://me:geheim/jobs'),
    ({ message }: Error) => !message.includes('geheim'),
  )
})
