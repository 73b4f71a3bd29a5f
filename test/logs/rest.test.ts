// Logs over REST: lines, downloads, live streams, and what is refused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sealLog } from '../../src/commands/log/seal-log.ts'
import type { LogEvent, LogPage } from '../../src/protocol/log.ts'
import { createClient } from '../../src/sdk/index.ts'
import { again, done } from '../contracts/world.ts'
import { assertProblem } from '../rest/house.ts'
import { AT, LogWorld, refOf } from './log-world.ts'

test('a reader reads what came in', async () => {
  await using log = await LogWorld.open()
  const work = await log.world.running()
  const ref = refOf(work)
  await log.append(ref, 0, ['stdout', 'one\n'], ['stderr', 'two\r\nthree'])
  const page = await log.house.ask<LogPage>('GET', `/v1/runs/${ref.runId}/log`)
  const at = new Date(AT).toISOString()
  const createdAt = new Date(log.house.clock.now()).toISOString()
  const info = { attempt: 1, part: 0, note: null, lines: 3, bytes: 14, createdAt }
  assert.deepEqual(page.body, {
    log: { ...info, status: 'open', sealedAt: null },
    items: [
      { line: 1, at, stream: 'stdout', text: 'one' },
      { line: 2, at, stream: 'stderr', text: 'two' },
      { line: 3, at, stream: 'stderr', text: 'three', open: true },
    ],
    next: 4,
  })
  await sealLog(log.house.ctx, { ...ref, chunks: 1 })
  const list = await log.house.ask('GET', `/v1/runs/${ref.runId}/logs`)
  assert.deepEqual(list.body, { items: [{ ...info, status: 'sealed', sealedAt: createdAt }] })
})

test('it is downloaded as it was written, whole, in part, or one stream of it', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const binary = Buffer.from([0, 255, 27, 91, 49, 109, 13, 10])
  await log.append(ref, 0, ['stdout', binary], ['stderr', 'err\n'])
  const get = (query = '') =>
    log.house.app.inject({
      url: `/v1/runs/${ref.runId}/log/text${query}`,
      headers: { authorization: `Bearer ${log.house.admin}`, accept: 'text/plain' },
    })
  const whole = await get()
  assert.equal(whole.statusCode, 200)
  assert.equal(whole.headers['content-type'], 'text/plain; charset=utf-8')
  assert.equal(whole.headers['content-length'], '12')
  assert.equal(whole.headers['content-disposition'], `inline; filename="${ref.runId}-1.log"`)
  assert.deepEqual(whole.rawPayload, Buffer.concat([binary, Buffer.from('err\n')]))
  assert.deepEqual((await get('?from=1&to=9')).rawPayload, whole.rawPayload.subarray(1, 9))
  assert.equal((await get('?stream=stderr')).body, 'err\n')
  assert.equal((await get('?stream=stdout,stderr,system')).rawPayload.length, 12)
})

test('what is wrong with a request is told, all of it', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const path = `/v1/runs/${ref.runId}/log`
  const { ask } = log.house
  assertProblem(await ask('GET', `${path}?tail=0`), 422, 'invalid')
  assertProblem(await ask('GET', `${path}?tail=5&from=1`), 422, 'invalid')
  assertProblem(await ask('GET', `${path}?limit=5`), 422, 'invalid')
  assertProblem(await ask('GET', `${path}?stream=stdin`), 422, 'invalid')
  assertProblem(await ask('GET', `${path}?attempt=7`), 404, 'not_found')
  assertProblem(await ask('GET', '/v1/runs/run_none/log'), 404, 'not_found')
  assertProblem(await ask('GET', `${path}/text`), 404, 'not_found')
})

test('a very long line is cut in a page', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  await log.append(ref, 0, ['stdout', `${'x'.repeat(100_000)}\n`])
  const { body } = await log.house.ask<LogPage>('GET', `/v1/runs/${ref.runId}/log`)
  assert.equal(body.items[0]?.text.length, 16_384)
  assert.equal(body.items[0]?.cut, true)
})

test('who follows hears what there is, what comes, and the end; after a break nothing twice', async () => {
  await using log = await LogWorld.open()
  await log.house.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = log.house.app.server.address() as { port: number }
  const client = createClient({ url: `http://127.0.0.1:${port}`, apiKey: log.house.admin })
  const work = await log.world.running()
  const first = refOf(work)
  await log.append(first, 0, ['stdout', 'one\n'])
  const told: string[] = []
  const saw = (event: LogEvent): void => {
    if (event.type === 'lines') told.push(...event.items.map(({ text }) => `${event.attempt}: ${text}`))
    else told.push(event.type === 'log' ? `${event.log.attempt}: ${event.log.status}` : event.status)
  }
  const events = client.logs.follow(first.runId)
  const next = async (): Promise<void> => saw((await events.next()).value as LogEvent)
  await next()
  await next()
  assert.deepEqual(told.splice(0), ['1: one', '1: open'])
  await log.append(first, 1, ['stderr', 'two\n'])
  await next()
  await log.world.settle(again(work, log.world.now))
  const [second] = await log.world.claim()
  await log.append(refOf(second!), 0, ['stdout', 'again\n'])
  // The board of news is asked at once; a change of status alone waits for the next look.
  await next()
  await next()
  await next()
  assert.deepEqual(told.splice(0), ['1: two', '1: incomplete', '2: again', '2: open'])
  await events.return()

  const rest: string[] = []
  const headers = { authorization: `Bearer ${log.house.admin}`, 'last-event-id': '1.0:2,2.0:2' }
  await sealLog(log.house.ctx, { ...refOf(second!), chunks: 1 })
  await sealLog(log.house.ctx, { ...first, chunks: 2 })
  await log.world.settle(done(second!))
  const reply = await fetch(`http://127.0.0.1:${port}/v1/runs/${first.runId}/log/stream`, { headers })
  const text = await reply.text()
  for (const [, data] of text.matchAll(/^data: (.*)$/gm)) rest.push(data!)
  const items = rest.map((data) => JSON.parse(data) as LogEvent)
  assert.deepEqual(
    items.map((item) => (item.type === 'lines' ? item.items.map(({ text }) => text) : item.type)),
    [['two'], 'log', 'log', 'end'],
  )
  assert.match(text, /^id: 1\.0:3,2\.0:2$/m)
})
