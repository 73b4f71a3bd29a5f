// What a server says of its bus: whether it is there, what was published to it, what came in.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Folder } from '../support/folder.ts'
import { ADMIN_KEY, ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

async function ask(server: ServerProcess, path: string): Promise<Response> {
  return fetch(server.url + path, { headers: { 'x-api-key': ADMIN_KEY } })
}

async function busFigures(server: ServerProcess): Promise<Record<string, number>> {
  const text = await (await ask(server, '/metrics')).text()
  const lines = [...text.matchAll(/^carillon_bus_(\S+) (\S+)$/gm)]
  return Object.fromEntries(lines.map(([, name, value]) => [name, Number(value)]))
}

test('a bus that is there: what it confirmed, and what nobody there wanted', async () => {
  using folder = new Folder()
  await using server = await ServerProcess.start({
    dataDir: folder.path,
    args: ['--bus', 'in-process:figures', '--bus-refresh', '200ms'],
  })
  const { jobs, runs } = server.client
  const message = (queue: string) => ({ schedule: {}, target: { message: { queue } } })
  await jobs.create({ name: 'lost', ...message('nowhere') })
  await jobs.create({ name: 'old', schedule: {}, target: { message: { protocol: 'simple-scheduler' } } })
  for (const name of ['lost', 'old']) await jobs.trigger(name)
  await until('both have gone out', 20_000, async () => {
    const { items } = await runs.list({})
    return items.every(({ status, startedAt }) => status === 'failed' || startedAt !== null)
  })
  const figures = await until('both are counted', 20_000, async () => {
    const seen = await busFigures(server)
    return seen['published_total{answer="confirmed"}'] === 1 && seen['jobs'] === 1 ? seen : null
  })
  assert.deepEqual(figures, {
    connected: 1,
    jobs: 1,
    'published_total{answer="confirmed"}': 1,
    'published_total{answer="unroutable"}': 1,
    'published_total{answer="refused"}': 0,
    'published_total{answer="unavailable"}': 0,
    'taken_total{verdict="done"}': 0,
    'taken_total{verdict="dead"}': 0,
  })
})

test('a bus that is away is said, and requests are taken all the same', async () => {
  using folder = new Folder()
  await using server = await ServerProcess.start({
    dataDir: folder.path,
    args: ['--bus', 'amqp://guest@127.0.0.1:1'],
  })
  assert.equal((await busFigures(server))['connected'], 0)
  const ready = await ask(server, '/readyz?verbose')
  const { status, checks } = (await ready.json()) as { status: string; checks: Record<string, unknown>[] }
  const bus = checks.find(({ name }) => name === 'bus')
  assert.deepEqual([ready.status, status, bus?.['ok']], [200, 'ok', false])
  assert.match(String(bus?.['detail']), /127\.0\.0\.1:1|not connected|refused/)
})

test('without a bus there is nothing to say of it', async () => {
  using folder = new Folder()
  await using server = await ServerProcess.start({ dataDir: folder.path })
  assert.deepEqual(await busFigures(server), {})
})
