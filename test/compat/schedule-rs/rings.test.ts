// A client of schedule-rs against a real server: its request goes out, its callback is told, in its words.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Folder } from '../../support/folder.ts'
import { ServerProcess } from '../../support/server-process.ts'
import { SinkProcess } from '../../support/sink-process.ts'
import { until } from '../../support/until.ts'

const KEY = 'the-api-key-of-the-old-system'

test('rings, tells, and shows how it went', async () => {
  using folder = new Folder()
  await using sink = await SinkProcess.start(folder.file('sink'))
  await using server = await ServerProcess.start({
    dataDir: folder.file('data'),
    env: { SCHEDULERS_PORT: '0', SCHEDULERS_API_KEY: KEY, SCHEDULERS_CALLBACK_RETRY_INTERVAL: '1s,5s,30s' },
  })
  const url = /"url":"([^"]+)","door":"schedule-rs"/.exec(server.log)?.[1]
  assert.ok(url !== undefined, server.log)
  const ask = async (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const reply = await fetch(url + path, {
      method,
      headers: { 'X-API-Key': KEY, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    assert.equal(reply.status, 200, await reply.clone().text())
    return (await reply.json()) as Record<string, unknown>
  }
  const request = {
    url: `${sink.url}/hello`,
    method: 'GET',
    body: 'Hello world!',
    headers: { 'Content-Type': 'text/plain' },
  }
  const schedule_at = new Date(Date.now() + 500).toISOString()
  const callback = { url: `${sink.url}/told`, headers: { Authorization: 'Bearer token' } }
  await ask('POST', '/schedule', { id: 'once', request, schedule_at, callback })
  const done = await until('it has rung', 20_000, async () => {
    const shown = await ask('GET', '/schedule/once')
    return shown.status === 'done' ? shown : undefined
  })
  const { executed_at } = done
  assert.ok(Date.parse(String(executed_at)) >= Date.parse(schedule_at))
  assert.deepEqual(done, { id: 'once', request, ...request, schedule_at, status: 'done', executed_at })
  const told = await until('the callback is told', 20_000, () =>
    sink.heard().find(({ path }) => path === '/told'),
  )
  assert.deepEqual(JSON.parse(told.body), { id: 'once', request, schedule_at, status: 'done', executed_at })
  assert.equal(told.headers.authorization, 'Bearer token')
  const [hello] = sink.heard().filter(({ path }) => path === '/hello')
  assert.deepEqual([hello?.method, hello?.body], ['GET', 'Hello world!'])

  const nowhere = { url: 'http://127.0.0.1:1/', method: 'POST', retry: [0] }
  await ask('POST', '/schedule', {
    id: 'fails',
    request: nowhere,
    schedule_at: new Date(Date.now() + 200).toISOString(),
    callback: { url: `${sink.url}/failed` },
  })
  const failed = await until('it has failed', 20_000, async () => {
    const shown = await ask('GET', '/schedule/fails')
    return shown.status === 'failed' ? shown : undefined
  })
  assert.match(String(failed.last_error), /connect|refused/i)
  const news = await until('that is told too', 20_000, () =>
    sink.heard().find(({ path }) => path === '/failed'),
  )
  const body = JSON.parse(news.body) as Record<string, unknown>
  assert.deepEqual([body.status, body.last_error], ['failed', failed.last_error])
})
