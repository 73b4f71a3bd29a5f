// A real broker that is killed, restarted, short of memory, or loses what was declared on it.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { openAmqpBus } from '../../src/adapters/amqp/amqp-bus.ts'
import { createSystemChance } from '../../src/adapters/system/system-chance.ts'
import { systemClock } from '../../src/adapters/system/system-clock.ts'
import type { MessageBus, Published } from '../../src/ports/message-bus.ts'
import { Stop } from '../../src/ports/stop.ts'
import { collect, consumption, message, place, textOf } from '../contracts/bus.contract.ts'
import { SELF_SIGNED } from '../dispatch/self-signed.ts'
import { Folder } from '../support/folder.ts'
import { Rabbit } from '../support/rabbitmq.ts'
import { until } from '../support/until.ts'

const WITHIN_MS = 90_000

let rabbit: Rabbit
const folder = new Folder()
before(async () => {
  const [certificate, key] = [folder.file('certificate.pem'), folder.file('key.pem')]
  writeFileSync(certificate, SELF_SIGNED.cert)
  writeFileSync(key, SELF_SIGNED.key)
  rabbit = await Rabbit.start({ tls: { certificate, key } })
})
after(async () => {
  await rabbit[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const errors: string[] = []
function open(url = rabbit.url, password: string | null = null): MessageBus {
  return openAmqpBus({
    url,
    password,
    clock: systemClock,
    chance: createSystemChance(systemClock.now),
    connectionName: 'a test',
    onError: (where, error) => errors.push(`${where}: ${String(error)}`),
  })
}

test('over TLS it is encrypted, and the certificate is checked', async () => {
  const at = place()
  const ca = encodeURIComponent(folder.file('certificate.pem'))
  await using bus = open(`${rabbit.tlsUrl}?cacertfile=${ca}&server_name_indication=carillon.example`)
  assert.equal((await bus.declare({ queues: [{ name: at }] }, new Stop())).kind, 'declared')
  assert.equal((await bus.publish(message(at, 'x'), new Stop())).kind, 'confirmed')
  await using wary = open(`${rabbit.tlsUrl}`)
  await until('it was refused', WITHIN_MS, () => /cannot be reached/.test(wary.trouble() ?? ''))
})

test('a wrong password is said, and neither it nor the right one', async () => {
  await using bus = open(rabbit.url.replace('guest:guest', 'guest:a-wrong-secret'))
  await until('it was refused', WITHIN_MS, () => /cannot be reached/.test(bus.trouble() ?? ''))
  assert.doesNotMatch(`${bus.trouble()} ${errors.join()}`, /a-wrong-secret/)
  await using right = open(rabbit.url.replace('guest:guest', 'guest:wrong'), 'guest')
  assert.equal((await right.declare({}, new Stop())).kind, 'declared')
})

test('through a broker that is killed nothing confirmed is lost, and what waits goes out', async () => {
  const at = place()
  await using bus = open()
  const confirmed: number[] = []
  await bus.declare(consumption(at).topology, new Stop())
  const got = new Set<number>()
  await using _consumer = bus.consume(consumption(at), async (batch) => {
    for (const one of batch) got.add(Number(textOf(one)))
    return batch.map(() => ({ kind: 'done' }))
  })
  const publishThousand = (from: number): Promise<Published>[] =>
    Array.from({ length: 1_000 }, async (_, n) => {
      const published = await bus.publish(message(at, from + n), new Stop())
      if (published.kind === 'confirmed') confirmed.push(from + n)
      return published
    })
  await Promise.all(publishThousand(0))
  assert.equal(confirmed.length, 1_000)

  const underWay = publishThousand(1_000)
  await until('the broker has begun with them', WITHIN_MS, () => confirmed.length > 1_000)
  await rabbit.kill()
  await until('it is away', WITHIN_MS, () => bus.trouble() !== null)
  for (const published of await Promise.all(underWay)) {
    if (published.kind === 'confirmed') continue
    const { kind, reached } = published as { kind: string; reached?: string }
    assert.deepEqual([kind, reached], ['unavailable', 'maybe'])
  }

  const waiting = publishThousand(2_000)
  await rabbit.resume()
  for (const published of await Promise.all(waiting)) assert.deepEqual(published, { kind: 'confirmed' })
  await until('all confirmed ones came', WITHIN_MS, () => confirmed.every((n) => got.has(n)))
})

test('a clean restart is lived through by publisher and consumer', async () => {
  const at = place()
  await using bus = open()
  await bus.declare(consumption(at).topology, new Stop())
  await using taken = collect(bus, at)
  await bus.publish(message(at, 'before'), new Stop())
  await until('it came', WITHIN_MS, () => taken.got.length === 1)
  await rabbit.stop()
  await until('it is away', WITHIN_MS, () => bus.trouble() !== null)
  // Waits for the broker, and is not given up.
  const waiting = bus.publish(message(at, 'meanwhile'), new Stop())
  await rabbit.resume()
  assert.deepEqual(await waiting, { kind: 'confirmed' })
  // The one before may come again: whether the broker heard that it was done is not known here.
  await until('it came', WITHIN_MS, () => taken.got.some((one) => textOf(one) === 'meanwhile'))
})

test('while the broker is short of memory nothing is sent, and then it is', async () => {
  const at = place()
  await using bus = open()
  await bus.declare({ queues: [{ name: at }] }, new Stop())
  await bus.publish(message(at, 'first'), new Stop())
  await using leaving = open()
  await leaving.publish(message(at, 'from who leaves'), new Stop())
  await rabbit.control('set_vm_memory_high_watermark', '0.00001')
  const first = bus.publish(message(at, 'second'), new Stop())
  await until('it is blocked', WITHIN_MS, () => /takes no messages/.test(bus.trouble() ?? ''))
  const lost = leaving.publish(message(at, 'and again'), new Stop())
  await until('it is blocked too', WITHIN_MS, () => leaving.trouble() !== null)
  const went = performance.now()
  await leaving[Symbol.asyncDispose]()
  assert.ok(performance.now() - went < 10_000, 'who leaves waits for no goodbye')
  assert.equal((await lost).kind, 'unavailable')
  const stop = new Stop()
  const third = bus.publish(message(at, 'third'), stop)
  stop.stop()
  const given = await third
  assert.equal(given.kind === 'unavailable' && given.reached, 'no')
  assert.match(given.kind === 'unavailable' ? given.message : '', /takes no messages/)
  await rabbit.control('set_vm_memory_high_watermark', '0.6')
  assert.equal((await first).kind, 'confirmed')
  await using taken = collect(bus, at)
  await until('they came', WITHIN_MS, () => taken.got.length >= 3)
  const texts = taken.got.map(textOf)
  assert.ok(texts.includes('first') && texts.includes('second') && !texts.includes('third'), texts.join())
})

test('a queue that is deleted under its consumer is made again', async () => {
  const at = place()
  await using bus = open()
  const got: string[] = []
  await using _consumer = bus.consume(consumption(at), async (batch) => {
    got.push(...batch.map(textOf))
    return batch.map(() => ({ kind: 'done' }))
  })
  await until('it is there', WITHIN_MS, async () => {
    return (await bus.publish(message(at, 'one'), new Stop())).kind === 'confirmed'
  })
  await until('it came', WITHIN_MS, () => got.length === 1)
  await rabbit.control('delete_queue', at)
  await until('it is there again', WITHIN_MS, async () => {
    return (await bus.publish(message(at, 'two'), new Stop())).kind === 'confirmed'
  })
  await until('it came', WITHIN_MS, () => got.at(-1) === 'two')
})

test('a consumer of a queue that cannot be had asks again, later and later', async () => {
  const at = place()
  await using bus = open()
  await bus.declare({ queues: [{ name: at, messagesMax: 5 }] }, new Stop())
  const before = errors.length
  const consumer = bus.consume(consumption(at), async (batch) => batch.map(() => ({ kind: 'done' })))
  await until('it was refused twice', WITHIN_MS, () => errors.length >= before + 2)
  await consumer[Symbol.asyncDispose]()
  assert.ok(errors.length < before + 8, errors.slice(before).join('\n'))
})

test('what cannot even be asked costs no channel, and harms nobody', async () => {
  await using bus = open()
  const queue = place()
  await bus.declare({ queues: [{ name: queue }] }, new Stop())
  const long = 'ä'.repeat(200)
  // More than a connection has channels.
  for (let n = 0; n < 2_200; n += 1) {
    assert.notEqual((await bus.declare({ queues: [{ name: long }] }, new Stop())).kind, 'declared')
  }
  const sent = message(queue, 'x', { exchange: long })
  assert.notEqual((await bus.publish(sent, new Stop())).kind, 'confirmed')
  assert.equal((await bus.publish(message(queue, 'x'), new Stop())).kind, 'confirmed')
})

test('a message that the broker takes offence at is refused, with its reason', async () => {
  await using bus = open()
  const queue = place()
  await bus.declare({ queues: [{ name: queue }] }, new Stop())
  const published = await bus.publish(message(queue, 'x', { headers: { CC: 'no list' } }), new Stop())
  assert.equal(published.kind, 'refused')
  assert.match('message' in published ? published.message : '', /the broker refused it: .*CC/i)
  assert.equal((await bus.publish(message(queue, 'x'), new Stop())).kind, 'confirmed')
})

test('a queue that is full refuses, and that is said', async () => {
  const at = place()
  await using bus = open()
  await bus.declare({ queues: [{ name: at }] }, new Stop())
  await rabbit.control('set_policy', at, `^${at}$`, '{"max-length":1,"overflow":"reject-publish"}')
  const published = await until('it was refused', WITHIN_MS, async () => {
    const published = await bus.publish(message(at, 'x'), new Stop())
    return published.kind === 'confirmed' ? null : published
  })
  assert.deepEqual(published, {
    kind: 'refused',
    message: 'the broker refused the message: a queue may be full',
  })
})
