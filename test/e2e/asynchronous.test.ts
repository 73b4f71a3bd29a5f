// Calls that their receivers end later: over a crash of the server, with progress, a log, silence, cancelling, and tokens
// that have had their day.

import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { RunReporter } from '../../src/sdk/index.ts'
import { Folder } from '../support/folder.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const calls: IncomingHttpHeaders[] = []
let status = 202
const receiver: Server = createServer((request, response) => {
  calls.push(request.headers)
  response.writeHead(status).end()
})
after(() => receiver.close())

async function nextCall(count: number): Promise<IncomingHttpHeaders> {
  await until(`call ${count}`, 20_000, () => calls.length >= count)
  return calls[count - 1]!
}

function reporter(url: string, headers: IncomingHttpHeaders): RunReporter {
  const [run, token] = [headers['carillon-run-id'], headers['carillon-run-token']]
  return new RunReporter({ url, run: String(run), token: String(token) })
}

test('the receiver ends what it was called for', async () => {
  using folder = new Folder()
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  const start = () => ServerProcess.start({ dataDir: folder.file('data') })
  const first = await start()
  const job = async (server: ServerProcess, name: string, policy = {}): Promise<string> => {
    const target = { http: { url, async: true } }
    await server.client.jobs.create({ name, schedule: {}, target, policy })
    return (await server.client.jobs.trigger(name)).id
  }

  const id = await job(first, 'export')
  const call = await nextCall(1)
  await until('it was handed over', 10_000, async () => (await first.client.runs.get(id)).outside)
  await first.kill()
  await using server = await start()
  const { client } = server
  assert.equal((await client.runs.get(id)).status, 'running')
  const run = reporter(server.url, call)
  const heard = await run.beat({ progress: 0.4, message: '400 of 1000', extend: '2h' })
  assert.equal(heard.cancel, false)
  assert.ok(Date.parse(heard.endsAt!) > Date.now() + 7_000_000)
  const { outside } = await client.runs.get(id)
  assert.deepEqual([outside?.progress, outside?.message, outside?.endsAt], [0.4, '400 of 1000', heard.endsAt])
  await run.log(0, Buffer.from('one\ntwo\n'))
  await run.log(0, Buffer.from('one\ntwo\n'))
  await run.log(1, Buffer.from('broken\n'), 'stderr')
  await run.sealLog(2)
  assert.deepEqual(await run.complete({ output: '1000 rows' }), { counted: true })
  assert.deepEqual(await run.complete(), { counted: false })
  const done = await client.runs.get(id)
  assert.deepEqual([done.status, done.attempts.length, done.outside], ['succeeded', 1, null])
  assert.equal(done.attempts[0]?.response?.body, '1000 rows')
  const log = await client.logs.read(id, {})
  assert.deepEqual(
    log.items.map(({ stream, text }) => `${stream} ${text}`),
    ['stdout one', 'stdout two', 'stderr broken'],
  )
  await assert.rejects(run.beat(), { code: 'fence_stale' })

  // A failure that is worth another try; the first token has had its day by then.
  const again = await job(server, 'again', { retry: { delays: ['1ms'] } })
  const one = await nextCall(2)
  const early = reporter(server.url, one)
  assert.deepEqual(await early.fail({ message: 'locked' }), { counted: true })
  const two = await nextCall(3)
  assert.notEqual(one['carillon-run-token'], two['carillon-run-token'])
  await assert.rejects(early.beat(), { code: 'fence_stale' })
  const stolen = new RunReporter({ url: server.url, run: id, token: String(two['carillon-run-token']) })
  await assert.rejects(stolen.complete(), { code: 'unauthenticated' })
  await reporter(server.url, two).complete()
  assert.equal((await client.runs.wait(again, { timeoutMs: 10_000 })).status, 'succeeded')

  // Silence, then the late word of whoever was silent.
  const silent = await job(server, 'silent', { heartbeatTimeout: '1s', retry: { max: 0 } })
  const gone = reporter(server.url, await nextCall(4))
  await reporter(server.url, await nextCall(5)).complete()
  assert.equal((await client.runs.wait(silent, { timeoutMs: 10_000 })).status, 'succeeded')
  assert.deepEqual(await gone.complete(), { counted: false })
  const { attempts } = await client.runs.get(silent)
  assert.deepEqual(
    attempts.map(({ outcome, late }) => [outcome, late?.outcome ?? null]),
    [
      ['lost', 'ok'],
      ['ok', null],
    ],
  )

  // Too long; and an answer that is the end already.
  const slow = await job(server, 'slow', { timeout: '1s', retry: { max: 0 } })
  await nextCall(6)
  const late = await client.runs.wait(slow, { timeoutMs: 10_000 })
  assert.deepEqual([late.status, (await client.runs.get(slow)).attempts[0]?.outcome], ['failed', 'timeout'])
  status = 200
  const quick = await job(server, 'quick')
  assert.equal((await client.runs.wait(quick, { timeoutMs: 10_000 })).status, 'succeeded')
  status = 202

  const unwanted = await job(server, 'unwanted')
  const stopping = reporter(server.url, await nextCall(8))
  await until('it was handed over', 10_000, async () => (await client.runs.get(unwanted)).outside)
  await client.runs.cancel(unwanted)
  assert.equal((await stopping.beat()).cancel, true)
  await stopping.fail({ message: 'stopped at row 17', cancelled: true })
  assert.equal((await client.runs.wait(unwanted, { timeoutMs: 10_000 })).status, 'cancelled')
})
