// Live events over a real socket.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { EVENT_STREAM_LIMITS } from '../../src/doors/http/limits.ts'
import type { CarillonEvent } from '../../src/ports/events.ts'
import type { ProblemDocument } from '../../src/protocol/problem.ts'
import { assertProblem, type House, openHouse, PING, START } from './house.ts'
import { collector, listen } from './raw-socket.ts'

type Stream = ReturnType<typeof collector> & {
  socket: Socket
  events(): { id: string; event: string; data: CarillonEvent }[]
}

async function follow(
  house: House,
  port: number,
  query = '',
  headers: string[] = [],
  key = house.admin,
): Promise<Stream> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const stream = collector(socket)
  socket.write(
    [
      `GET /v1/events${query} HTTP/1.1`,
      'Host: x',
      `Authorization: Bearer ${key}`,
      'Accept: text/event-stream',
      ...headers,
      '',
      '',
    ].join('\r\n'),
  )
  await stream.until(/retry: \d+\n\n|HTTP\/1\.1 [45]/)
  return Object.assign(stream, {
    socket,
    events: () =>
      [...stream.text.matchAll(/id: (\S+)\nevent: (\S+)\ndata: ([^\n]+)\n\n/g)].map(
        ([, id, event, data]) => ({
          id: id!,
          event: event!,
          data: JSON.parse(data!) as CarillonEvent,
        }),
      ),
  })
}

function news(type: string, more: Partial<CarillonEvent> = {}): CarillonEvent {
  return { type, at: START, projectId: 'prj_default', jobId: 'job_1', runId: null, data: {}, ...more }
}

test('what happens is told, to the one who asked for it', async () => {
  await using house = await openHouse()
  const port = await listen(house)
  const all = await follow(house, port)
  assert.match(all.text, /content-type: text\/event-stream/i)
  assert.match(all.text, /x-content-type-options: nosniff/i)
  const runs = await follow(house, port, '?types=run.*')
  const some = await follow(house, port, '?types=run.failed,job.created')
  const made = await house.ask<{ id: string }>('POST', '/v1/jobs', { body: PING })
  const ofJob = await follow(house, port, '?job=ping&types=run.*')
  house.hub.publish([
    news('run.succeeded', { data: { text: 'a\nb\r\n\u2028c' } }),
    news('run.failed', { jobId: made.body.id }),
  ])
  for (const stream of [all, runs, some, ofJob]) await stream.until('run.failed')
  const types = (stream: Stream): string[] => stream.events().map(({ event }) => event)
  assert.deepEqual(types(all), ['job.created', 'run.succeeded', 'run.failed'])
  assert.deepEqual(types(runs), ['run.succeeded', 'run.failed'])
  assert.deepEqual(types(some), ['job.created', 'run.failed'])
  assert.deepEqual(types(ofJob), ['run.failed'])
  const [, succeeded] = all.events()
  assert.equal(succeeded?.data.at as unknown, new Date(START).toISOString())
  assert.deepEqual(succeeded?.data.data, { text: 'a\nb\r\n\u2028c' })
  for (const { socket } of [all, runs, some, ofJob]) socket.destroy()
})

test('after a break it goes on where it was', async () => {
  await using house = await openHouse()
  const port = await listen(house)
  const first = await follow(house, port)
  house.hub.publish([news('run.pending')])
  await first.until('run.pending')
  first.socket.destroy()
  house.hub.publish([news('run.running'), news('run.succeeded')])
  const second = await follow(house, port, '', [`Last-Event-ID: ${first.events()[0]?.id}`])
  await second.until('run.succeeded')
  assert.deepEqual(
    second.events().map(({ event }) => event),
    ['run.running', 'run.succeeded'],
  )
  second.socket.destroy()

  const lost = await follow(house, port, '?types=run.failed', ['Last-Event-ID: another-7'])
  await lost.until('event: reset')
  lost.socket.destroy()
})

test('only events of projects the key may enter, and of jobs only for who may read jobs', async () => {
  await using house = await openHouse()
  const port = await listen(house)
  const { body: mine } = await house.ask<{ id: string }>('POST', '/v1/projects', { body: { name: 'mine' } })
  const key = await house.key({ scopes: ['runs:read'], projects: ['mine'] })
  const stream = await follow(house, port, '', [], key)
  house.hub.publish([
    news('run.failed'),
    news('job.created', { projectId: mine.id }),
    news('run.missed', { projectId: mine.id }),
  ])
  await stream.until('run.missed')
  assert.deepEqual(
    stream.events().map(({ event }) => event),
    ['run.missed'],
  )
  stream.socket.destroy()
  assertProblem(
    await house.ask('GET', '/v1/events', { key: await house.key({ scopes: ['jobs:read'] }) }),
    403,
    'forbidden',
  )
})

test('a quiet stream has a heartbeat; a revoked key ends it', async () => {
  await using house = await openHouse()
  const port = await listen(house)
  const { body: made } = await house.ask<{ id: string; secret: string }>('POST', '/v1/keys', {
    body: { name: 'x', scopes: ['runs:read'] },
  })
  const stream = await follow(house, port, '', [], made.secret)
  const { heartbeatMs, recheckMs } = EVENT_STREAM_LIMITS
  const pass = async (ms: number): Promise<void> => {
    house.clock.advance(ms)
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (let at = 0; at + recheckMs < heartbeatMs; at += recheckMs) await pass(recheckMs)
  await pass((heartbeatMs % recheckMs) - 1)
  assert.doesNotMatch(stream.text, /heartbeat/)
  await pass(1)
  await stream.until(': heartbeat\n\n')
  await new Promise((resolve) => setImmediate(resolve))
  await house.ask('DELETE', `/v1/keys/${made.id}`)
  assert.ok(recheckMs < 5_000, 'within five seconds')
  house.clock.advance(recheckMs)
  await once(stream.socket, 'end')
  stream.socket.destroy()
})

test('one key takes half of the places at most, and the other half is there for others', async () => {
  await using house = await openHouse({ limits: { eventsClientsMax: 4 } })
  const port = await listen(house)
  const greedy = await house.key({ scopes: ['runs:read'] })
  const many = [await follow(house, port, '', [], greedy), await follow(house, port, '', [], greedy)]
  const refused = await house.ask<ProblemDocument>('GET', '/v1/events', { key: greedy })
  assertProblem(refused, 503, 'overloaded')
  assert.match(refused.body.detail, /One key follows live events at most 2 times at once/)
  const other = await follow(house, port)
  assert.match(other.text, /^HTTP\/1\.1 200/)
  for (const { socket } of [...many, other]) socket.destroy()
})

test('there are only so many places, and one that leaves makes room', async () => {
  await using house = await openHouse({ limits: { eventsClientsMax: 2 } })
  const port = await listen(house)
  const other = await house.key({ scopes: ['runs:read'] })
  const [first, second] = [await follow(house, port), await follow(house, port, '', [], other)]
  const refused = await house.ask('GET', '/v1/events')
  assertProblem(refused, 503, 'overloaded')
  assert.ok(Number(refused.headers['retry-after']) > 0)
  first.socket.destroy()
  let third = await follow(house, port)
  // The server hears of the closed socket a moment later.
  while (third.text.startsWith('HTTP/1.1 503')) {
    third.socket.destroy()
    third = await follow(house, port)
  }
  assert.match(third.text, /^HTTP\/1\.1 200/)
  for (const { socket } of [second, third]) socket.destroy()
})

test('a client that does not read is let go, and costs a bounded amount until then', async () => {
  await using house = await openHouse()
  const port = await listen(house)
  const stream = await follow(house, port)
  stream.socket.pause()
  const closed = once(stream.socket, 'close')
  const text = 'x'.repeat(100_000)
  // More than any socket buffer takes: writing stalls, and what is waiting is over the bound.
  for (let n = 0; n < 200; n += 1) {
    house.hub.publish([news('run.failed', { data: { text } })])
    await new Promise((resolve) => setImmediate(resolve))
    house.clock.advance(EVENT_STREAM_LIMITS.stalledMs)
  }
  stream.socket.resume()
  await closed
  assert.ok(stream.text.length < 200 * text.length, 'not everything was written')
  assert.equal((await house.ask('GET', '/livez')).status, 200)
})

test('a stopping server ends its streams', async () => {
  const house = await openHouse()
  const port = await listen(house)
  const stream = await follow(house, port)
  const ended = once(stream.socket, 'end')
  stream.socket.on('end', () => stream.socket.destroy())
  await house[Symbol.asyncDispose]()
  await ended
})

test('types that are none are refused', async () => {
  await using house = await openHouse()
  for (const types of ['', 'run.', 'run.*.x', '<x>', Array(60).fill('run.a').join(',')]) {
    const { errors } = assertProblem(await house.ask('GET', `/v1/events?types=${types}`), 422, 'invalid')
    assert.equal(errors[0]?.pointer, '?types')
  }
  assertProblem(await house.ask('GET', '/v1/events?job=nothing'), 404, 'not_found')
})
