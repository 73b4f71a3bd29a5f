// What every message bus promises, whatever carries it.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { BusMessage, Consumption, MessageBus, ReceivedMessage } from '../../src/ports/message-bus.ts'
import { Stop } from '../../src/ports/stop.ts'
import { until } from '../support/until.ts'

/** All that are opened within one kind share the same broker. */
export type BusKind = { readonly open: () => MessageBus }

const WITHIN_MS = 60_000

let places = 0
export function place(): string {
  places += 1
  return `t${process.pid}-${places}`
}

let messages = 0
export function message(routingKey: string, body: unknown, more: Partial<BusMessage> = {}): BusMessage {
  messages += 1
  return {
    exchange: '',
    routingKey,
    id: `m${messages}`,
    body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
    contentType: 'application/json',
    headers: {},
    ...more,
  }
}

export const textOf = ({ body }: { readonly body: Uint8Array }): string => new TextDecoder().decode(body)

export function consumption(queue: string, more: Partial<Consumption> = {}): Consumption {
  return {
    queue,
    topology: { queues: [{ name: queue }, { name: `${queue}.dead`, messagesMax: 100 }] },
    prefetch: 10,
    bytesMax: 1_000,
    deadLetters: `${queue}.dead`,
    ...more,
  }
}

/** Takes everything of a queue that is there. */
export function collect(
  bus: MessageBus,
  queue: string,
): AsyncDisposable & { readonly got: ReceivedMessage[] } {
  const got: ReceivedMessage[] = []
  const consumer = bus.consume(consumption(queue, { topology: {} }), async (batch) => {
    got.push(...batch)
    return batch.map(() => ({ kind: 'done' }))
  })
  return { got, [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose]() }
}

export function busContract(name: string, { open }: BusKind): void {
  describe(name, () => {
    test('what is published to a queue arrives in order, with its facts', async () => {
      const queue = place()
      await using bus = open()
      await using other = open()
      assert.deepEqual(await bus.declare({ queues: [{ name: queue }] }, new Stop()), { kind: 'declared' })
      for (const n of [1, 2, 3]) {
        const sent = message(queue, { n }, { headers: { 'x-n': n, 'x-text': 'ä', 'x-yes': true } })
        assert.deepEqual(await bus.publish(sent, new Stop()), { kind: 'confirmed' })
      }
      await using taken = collect(other, queue)
      await until('all have come', WITHIN_MS, () => taken.got.length === 3)
      assert.deepEqual(taken.got.map(textOf), ['{"n":1}', '{"n":2}', '{"n":3}'])
      const { exchange, routingKey, contentType, headers, bytes } = taken.got[1]!
      assert.deepEqual(
        { exchange, routingKey, contentType, bytes },
        { exchange: '', routingKey: queue, contentType: 'application/json', bytes: 7 },
      )
      assert.equal(headers['x-n'], 2)
      assert.equal(headers['x-text'], 'ä')
      assert.equal(headers['x-yes'], true)
    })

    test('an exchange hands on by its kind and key', async () => {
      const at = place()
      await using bus = open()
      const queues = ['one', 'two', 'all'].map((name) => ({ name: `${at}.${name}` }))
      const topology = {
        exchanges: [
          { name: `${at}.topic`, type: 'topic' },
          { name: `${at}.fan`, type: 'fanout' },
        ],
        queues,
        bindings: [
          { queue: `${at}.one`, exchange: `${at}.topic`, routingKey: 'a.*' },
          { queue: `${at}.two`, exchange: `${at}.topic`, routingKey: 'a.#' },
          { queue: `${at}.all`, exchange: `${at}.fan`, routingKey: '' },
        ],
      } as const
      // Twice: what is there already is left as it is.
      for (const _ of [1, 2]) assert.equal((await bus.declare(topology, new Stop())).kind, 'declared')
      const send = (exchange: string, key: string) =>
        bus.publish(message(key, key, { exchange: `${at}.${exchange}` }), new Stop())
      for (const key of ['a', 'a.b', 'a.b.c']) assert.equal((await send('topic', key)).kind, 'confirmed')
      assert.equal((await send('fan', 'whatever')).kind, 'confirmed')
      await using one = collect(bus, `${at}.one`)
      await using two = collect(bus, `${at}.two`)
      await using all = collect(bus, `${at}.all`)
      await until('all have come', WITHIN_MS, () => two.got.length === 3 && one.got.length === 1)
      await until('the fan too', WITHIN_MS, () => all.got.length === 1)
      assert.deepEqual(one.got.map(textOf), ['a.b'])
      assert.deepEqual(two.got.map(textOf), ['a', 'a.b', 'a.b.c'])
    })

    test('a message that nobody wants is unroutable, and says why', async () => {
      const at = place()
      await using bus = open()
      const exchange = `${at}.x`
      await bus.declare({ exchanges: [{ name: exchange, type: 'direct' }] }, new Stop())
      const cases = [
        { sent: message(`${at}.none`, ''), why: `there is no queue "${at}.none" on the broker` },
        {
          sent: message('key', '', { exchange: `${at}.gone` }),
          why: `there is no exchange "${at}.gone" on the broker`,
        },
        {
          sent: message('key', '', { exchange }),
          why: `no queue is bound to the exchange "${exchange}" that takes the routing key "key"`,
        },
      ]
      for (const { sent, why } of cases) {
        assert.deepEqual(await bus.publish(sent, new Stop()), { kind: 'unroutable', message: why })
      }
      // And others are not harmed.
      await bus.declare({ queues: [{ name: `${at}.there` }] }, new Stop())
      assert.deepEqual(await bus.publish(message(`${at}.there`, ''), new Stop()), { kind: 'confirmed' })
    })

    test('what nobody uses is taken away, and the rest stays', async () => {
      const at = place()
      await using bus = open()
      const topology = {
        exchanges: [
          { name: `${at}.in`, type: 'topic' },
          { name: `${at}.out`, type: 'topic' },
        ],
        queues: [{ name: `${at}.read` }, { name: `${at}.left` }],
        bindings: [
          { queue: `${at}.read`, exchange: `${at}.out`, routingKey: 'read' },
          { queue: `${at}.left`, exchange: `${at}.out`, routingKey: 'left' },
        ],
        relays: [{ from: `${at}.in`, to: `${at}.out`, routingKey: '#' }],
      } as const
      await bus.declare(topology, new Stop())
      const send = (key: string) =>
        bus.publish(message(key, key, { exchange: `${at}.in` }), new Stop()).then(({ kind }) => kind)
      assert.deepEqual([await send('read'), await send('left')], ['confirmed', 'confirmed'])
      const taken = collect(bus, `${at}.read`)
      await until('it is read', WITHIN_MS, () => taken.got.length === 1)
      const stopped = new Stop()
      stopped.stop()
      assert.equal(await bus.remove(topology, stopped), false)
      assert.equal(await send('left'), 'confirmed')
      assert.equal(await bus.remove(topology, new Stop()), true)
      const kinds = ['left', 'read'].map((key) => bus.publish(message(`${at}.${key}`, key), new Stop()))
      assert.deepEqual(
        (await Promise.all(kinds)).map(({ kind }) => kind),
        ['unroutable', 'confirmed'],
      )
      // It may be declared again, and taken away twice.
      await bus.declare(topology, new Stop())
      assert.equal(await send('left'), 'confirmed')
      await taken[Symbol.asyncDispose]()
      for (const _ of [1, 2]) assert.equal(await bus.remove(topology, new Stop()), true)
      assert.deepEqual([await send('read'), await send('left')], ['unroutable', 'unroutable'])
    })

    test('who listens says since when all is handed over, and while it is not', async () => {
      const queue = place()
      await using bus = open()
      let fails = false
      let asked = 0
      const listener = bus.consume(consumption(queue), async (batch) => {
        asked += 1
        if (fails) throw new Error('not now')
        return batch.map(() => ({ kind: 'done' }))
      })
      const first = await until('it listens', WITHIN_MS, () => listener.since())
      fails = true
      await bus.publish(message(queue, 'x'), new Stop())
      await until('it was asked', WITHIN_MS, () => asked > 0)
      await until('it says so', WITHIN_MS, () => listener.since() === null)
      fails = false
      const again = await until('it listens again', WITHIN_MS, () => listener.since())
      assert.ok(again >= first)
      await listener[Symbol.asyncDispose]()
    })

    test('many at once are each confirmed or not, by themselves', async () => {
      const at = place()
      await using bus = open()
      await bus.declare({ queues: [{ name: at }] }, new Stop())
      const results = await Promise.all(
        Array.from({ length: 600 }, (_, n) => {
          const key = n % 3 === 0 ? `${at}.none` : at
          return bus.publish(message(key, n, n % 5 === 0 ? { exchange: `${at}.gone` } : {}), new Stop())
        }),
      )
      for (const [n, { kind }] of results.entries()) {
        assert.equal(kind, n % 3 === 0 || n % 5 === 0 ? 'unroutable' : 'confirmed', String(n))
      }
      await using taken = collect(bus, at)
      const expected = results.filter(({ kind }) => kind === 'confirmed').length
      await until('all have come', WITHIN_MS, () => taken.got.length === expected)
    })

    test('what is given up before it leaves has not left', async () => {
      const at = place()
      await using bus = open()
      await bus.declare({ queues: [{ name: at }] }, new Stop())
      const stopped = new Stop()
      stopped.stop()
      const published = await bus.publish(message(at, 'late'), stopped)
      assert.equal(published.kind === 'unavailable' && published.reached, 'no')
      const refused = await bus.publish(message(at, 'no lease'), new Stop(), () => false)
      assert.equal(refused.kind === 'unavailable' && refused.reached, 'no')
      await bus.publish(message(at, 'last'), new Stop())
      await using taken = collect(bus, at)
      await until('it has come', WITHIN_MS, () => taken.got.length > 0)
      assert.deepEqual(taken.got.map(textOf), ['last'])
    })

    test('what nobody can use goes to the dead letters, with the reason, and the rest goes on', async () => {
      const at = place()
      await using bus = open()
      await bus.declare(consumption(at).topology, new Stop())
      for (const n of [1, 2, 3]) await bus.publish(message(at, n), new Stop())
      const seen: string[] = []
      await using _consumer = bus.consume(consumption(at), async (batch) => {
        seen.push(...batch.map(textOf))
        return batch.map((one) =>
          textOf(one) === '2' ? { kind: 'dead', reason: 'it is two' } : { kind: 'done' },
        )
      })
      await until('all were seen', WITHIN_MS, () => seen.length === 3)
      await using dead = collect(bus, `${at}.dead`)
      await until('it has come', WITHIN_MS, () => dead.got.length === 1)
      assert.equal(textOf(dead.got[0]!), '2')
      assert.equal(dead.got[0]!.headers['x-carillon-reason'], 'it is two')
      assert.equal(dead.got[0]!.headers['x-carillon-queue'], at)
    })

    test('a handler that throws gets the same again', async () => {
      const at = place()
      await using bus = open()
      await bus.declare(consumption(at).topology, new Stop())
      await bus.publish(message(at, 'once'), new Stop())
      let calls = 0
      await using _consumer = bus.consume(consumption(at), async (batch) => {
        calls += 1
        if (calls < 3) throw new Error('the store is away')
        return batch.map(() => ({ kind: 'done' }))
      })
      await until('it was asked three times', WITHIN_MS, () => calls === 3)
    })

    test('of a message of ten megabytes only the beginning is kept', async () => {
      const at = place()
      await using bus = open()
      await bus.declare(consumption(at).topology, new Stop())
      const body = new Uint8Array(10_000_000).fill(65)
      assert.equal((await bus.publish(message(at, '', { body }), new Stop())).kind, 'confirmed')
      await using taken = collect(bus, at)
      await until('it has come', WITHIN_MS, () => taken.got.length === 1)
      assert.equal(taken.got[0]!.bytes, 10_000_000)
      assert.equal(taken.got[0]!.body.byteLength, 1_000)
    })

    test('a topology that contradicts what is there is refused, and harms nothing', async () => {
      const at = place()
      await using bus = open()
      const exchange = (type: 'topic' | 'fanout') => ({
        exchanges: [{ name: at, type }],
        queues: [{ name: at }],
      })
      assert.equal((await bus.declare(exchange('topic'), new Stop())).kind, 'declared')
      assert.equal((await bus.declare(exchange('fanout'), new Stop())).kind, 'refused')
      assert.equal((await bus.publish(message(at, ''), new Stop())).kind, 'confirmed')
    })
  })
}
