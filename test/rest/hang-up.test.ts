// Callers that hang up early, that read nothing, or whose key ends: they cost nothing for long, and stop what they asked for.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { EVENT_STREAM_LIMITS, HTTP_SERVER_LIMITS } from '../../src/doors/http/limits.ts'
import { LogWorld, refOf } from '../logs/log-world.ts'
import { HeldStep } from '../support/held-step.ts'
import { assertProblem, type House, openHouse, PING } from './house.ts'
import { collector, listen } from './raw-socket.ts'

async function send(house: House, port: number, line: string, body = '', key = house.admin): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => {})
  const head = [line, 'Host: x', `Authorization: Bearer ${key}`, 'Content-Type: application/json']
  socket.write(`${[...head, `Content-Length: ${Buffer.byteLength(body)}`].join('\r\n')}\r\n\r\n${body}`)
  return socket
}

/** Hangs up while the server waits for its store, and waits until the server has heard of it. */
async function hangUpMeanwhile(house: House, port: number, step: HeldStep, line: string, body = '') {
  step.hold()
  const request = once(house.app.server, 'request')
  const socket = await send(house, port, line, body)
  const [, response] = (await request) as [IncomingMessage, ServerResponse]
  const closed = once(response, 'close')
  await step.reached.promise
  socket.destroy()
  await closed
  step.release()
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('whoever hangs up before the stream begins leaves the place free', async () => {
  const step = new HeldStep()
  await using house = await openHouse({
    limits: { eventsClientsMax: 1 },
    store: (store) => step.around(store, 'jobs', 'byName'),
  })
  const port = await listen(house)
  await house.ask('POST', '/v1/jobs', { body: PING })
  for (let n = 0; n < 3; n += 1) {
    await hangUpMeanwhile(house, port, step, 'GET /v1/events?job=ping HTTP/1.1')
    await turn()
  }
  const stream = await send(house, port, 'GET /v1/events?job=ping HTTP/1.1')
  await collector(stream).until('retry: ')
  stream.destroy()
})

test('so does whoever hangs up before the log begins, and no more follow than there are places', async () => {
  const step = new HeldStep()
  await using log = await LogWorld.open({
    limits: { eventsClientsMax: 1 },
    store: (store) => step.around(store, 'runs', 'get'),
  })
  const port = await listen(log.house)
  const ref = refOf(await log.world.running())
  await log.append(ref, 0, ['stdout', 'one\n'])
  const line = `GET /v1/runs/${ref.runId}/log/stream HTTP/1.1`
  for (let n = 0; n < 3; n += 1) {
    await hangUpMeanwhile(log.house, port, step, line)
    await turn()
  }
  step.hold()
  const stream = await send(log.house, port, line)
  await step.reached.promise
  assertProblem(await log.house.ask('GET', `/v1/runs/${ref.runId}/log/stream`), 503, 'overloaded')
  step.release()
  await collector(stream).until('one')
  stream.destroy()
})

async function someJobs(house: House, count: number): Promise<void> {
  const jobs = Array.from({ length: count }, (_, n) => ({ ...PING, name: `job-${n}` }))
  await house.ask('POST', '/v1/jobs/batch', { body: { jobs } })
}

async function jobsLeft(house: House): Promise<number> {
  return house.store.jobs.count({}, 10_000)
}

const DELETE_ALL = JSON.stringify({ action: 'delete', filter: {} })

test('a bulk action that is left before it begins is not begun', async () => {
  const step = new HeldStep()
  await using house = await openHouse({ store: (store) => step.around(store, 'jobs', 'count') })
  const port = await listen(house)
  await someJobs(house, 50)
  await hangUpMeanwhile(house, port, step, 'POST /v1/jobs/bulk HTTP/1.1', DELETE_ALL)
  for (let n = 0; n < 1_000; n += 1) await turn()
  assert.equal(await jobsLeft(house), 50)
})

for (const [what, method, body] of [
  ['is revoked', 'DELETE', undefined],
  ['may do less', 'PATCH', { roles: ['viewer'] }],
] as const) {
  test(`a bulk action stops when its key ${what}, and says by its missing end that it did`, async () => {
    const step = new HeldStep()
    await using house = await openHouse({ store: (store) => step.around(store, 'jobs', 'list') })
    const port = await listen(house)
    await someJobs(house, 500)
    const { body: key } = await house.ask<{ id: string; secret: string }>('POST', '/v1/keys', {
      body: { name: 'x', scopes: ['jobs:write'] },
    })
    step.hold()
    const socket = await send(house, port, 'POST /v1/jobs/bulk HTTP/1.1', DELETE_ALL, key.secret)
    const told = collector(socket)
    await step.reached.promise
    await house.ask(method, `/v1/keys/${key.id}`, { body })
    step.release()
    await once(socket, 'close')
    assert.match(told.text, /"total":500/)
    assert.doesNotMatch(told.text, /"done":/)
    assert.equal(await jobsLeft(house), 400)
  })
}

test('a bulk action stops when the server does', async () => {
  const step = new HeldStep()
  const house = await openHouse({ store: (store) => step.around(store, 'jobs', 'list') })
  const port = await listen(house)
  await someJobs(house, 300)
  step.hold()
  const socket = await send(house, port, 'POST /v1/jobs/bulk HTTP/1.1', DELETE_ALL)
  const told = collector(socket)
  await step.reached.promise
  const closed = house.app.close()
  await turn()
  step.release()
  await closed
  assert.doesNotMatch(told.text, /"done":/)
  assert.equal(await jobsLeft(house), 300)
  await house[Symbol.asyncDispose]()
})

test('a bulk action whose results nobody reads is cut off', { timeout: 20_000 }, async () => {
  await using house = await openHouse()
  const port = await listen(house)
  const jobs = Array.from({ length: 10_000 }, (_, n) => `${'x'.repeat(190)}${n}`)
  const body = JSON.stringify({ action: 'pause', jobs })
  const request = once(house.app.server, 'request')
  const socket = await send(house, port, 'POST /v1/jobs/bulk HTTP/1.1', body)
  socket.pause()
  const [, response] = (await request) as [IncomingMessage, ServerResponse]
  while (!response.destroyed) {
    await turn()
    if (response.writableNeedDrain) house.clock.advance(EVENT_STREAM_LIMITS.stalledMs)
  }
  assert.ok(!response.writableFinished)
})

test('a server stops although a client reads nothing of its answer', { timeout: 20_000 }, async () => {
  await using log = await LogWorld.open()
  const { house } = log
  const port = await listen(house)
  const ref = refOf(await log.world.running())
  const line = `${'x'.repeat(60_000)}\n`
  // More than the buffers of both ends take.
  for (let n = 0; n < 20; n += 1) {
    await log.append(ref, n, ...Array.from({ length: 14 }, () => ['stdout', line] as const))
  }
  const socket = await send(house, port, `GET /v1/runs/${ref.runId}/log/text HTTP/1.1`)
  await once(socket, 'readable')
  let closed = false
  const stopped = house.app.close().then(() => {
    closed = true
  })
  for (let n = 0; n < 50; n += 1) await turn()
  house.clock.advance(HTTP_SERVER_LIMITS.closeGraceMs - 1)
  for (let n = 0; n < 50; n += 1) await turn()
  assert.equal(closed, false, 'an answer under way is waited for')
  house.clock.advance(1)
  await stopped
  socket.destroy()
})
