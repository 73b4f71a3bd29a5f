// The client library and the server it is made for, together.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { defaultConfig } from '../../src/main/config/load-config.ts'
import { type RunningServer, startServer } from '../../src/main/server.ts'
import { type CarillonClient, CarillonError, createClient, type JobDraft } from '../../src/sdk/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'carillon-sdk-'))
const adminKey = 'an-admin-key-of-more-than-24-characters'
let server: RunningServer
let client: CarillonClient

before(async () => {
  server = await startServer({
    ...defaultConfig({ mode: 'up', hostname: 'test', terminal: false }),
    listen: { host: '127.0.0.1', port: 0 },
    dataDir: folder,
    adminKey,
    logLevel: 'silent',
  })
  client = createClient({ url: server.url, apiKey: adminKey })
})

after(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const draft = (name: string): JobDraft => ({
  name,
  labels: { team: 'sdk' },
  schedule: { cron: '0 0 1 1 *' },
  target: { http: { url: `${server.url}/livez` } },
})

test('a job from its creation to its end', async () => {
  const job = await client.jobs.create(draft('lives & dies?'))
  assert.deepEqual(await client.jobs.get('lives & dies?').then(({ id }) => id), job.id)

  const run = await client.jobs.trigger(job.name)
  const ended = await client.runs.wait(run.id, { timeoutMs: 10_000 })
  assert.deepEqual(
    [ended.status, ended.attempts.length, ended.attempts[0]?.response?.status],
    ['succeeded', 1, 200],
  )
  assert.equal(
    (await client.runs.list({ job: job.name, status: ['succeeded', 'failed'] })).items[0]?.id,
    run.id,
  )

  const changed = await client.jobs.patch(
    job.id,
    { description: 'now with words' },
    { ifVersion: job.version },
  )
  assert.equal(changed.version, job.version + 1)
  await assert.rejects(client.jobs.replace(job.id, draft('x'), { ifVersion: job.version }), (error) => {
    assert.ok(error instanceof CarillonError)
    assert.deepEqual([error.code, error.currentVersion], ['version_conflict', changed.version])
    return true
  })
  assert.equal((await client.jobs.versions(job.id)).length, 2)

  const until = new Date(Date.now() + 60_000).toISOString()
  assert.equal((await client.jobs.pause(job.id, { note: 'a moment', until })).status, 'paused')
  await assert.rejects(client.jobs.trigger(job.id), { code: 'job_paused' })
  assert.equal((await client.jobs.resume(job.id, { onResume: 'skip' })).status, 'active')

  assert.equal((await client.jobs.why(job.id, new Date('2020-01-01T00:00:00Z'))).run, null)
  assert.deepEqual(
    (await client.jobs.ledger(job.id, { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' })).runs,
    [],
  )

  await client.jobs.delete(job.id)
  await assert.rejects(client.jobs.get(job.id), { code: 'not_found', status: 404 })
})

test('the same idempotency key makes one job', async () => {
  const options = { idempotencyKey: 'once-and-only' }
  const first = await client.jobs.create(draft('once'), options)
  assert.equal((await client.jobs.create(draft('once'), options)).id, first.id)
  await assert.rejects(client.jobs.create(draft('other'), options), { code: 'idempotency_key_reuse' })
  await assert.rejects(client.jobs.create(draft('once')), { code: 'name_taken' })
})

test('a batch, page by page', async () => {
  const jobs = Array.from({ length: 7 }, (_, n) => draft(`many-${n}`))
  const report = await client.jobs.createMany({
    jobs: [...jobs, { ...draft('bad'), schedule: { every: 'often' } }],
    mode: 'each',
  })
  assert.deepEqual(
    [report.created, report.failed, report.items[7]?.errors?.[0]?.pointer],
    [7, 1, '/jobs/7/schedule/every'],
  )
  const names: string[] = []
  for await (const { name } of client.jobs.all({ q: 'many-', labels: { team: 'sdk' }, limit: 3 }))
    names.push(name)
  assert.deepEqual(
    names.sort(),
    jobs.map(({ name }) => name),
  )
})

test('events come as they happen', async () => {
  const job = await client.jobs.create(draft('watched'))
  const seen: string[] = []
  const stop = new AbortController()
  const follow = client.events.follow({
    types: ['run.*'],
    job: job.id,
    signal: stop.signal,
    onOpen: () => void client.jobs.trigger(job.id),
  })
  for await (const { type, jobId } of follow) {
    assert.equal(jobId, job.id)
    seen.push(type)
    if (type === 'run.succeeded') stop.abort()
  }
  assert.equal(seen.at(-1), 'run.succeeded')
})

test('projects and keys: a key enters where it may', async () => {
  const project = await client.projects.create({ name: 'sdk-tests', keep: { days: 2 } })
  assert.equal(
    (await client.projects.patch(project.name, { description: 'tests' }, { ifVersion: 1 })).version,
    2,
  )
  const key = await client.keys.create({ name: 'reader', scopes: ['jobs:read'], projects: [project.name] })
  const reader = createClient({ url: server.url, apiKey: key.secret })
  assert.deepEqual((await reader.jobs.list()).items, [])
  await assert.rejects(reader.jobs.create(draft('no')), { status: 403, code: 'forbidden' })

  const rotated = await client.keys.rotate(key.id)
  await assert.rejects(reader.jobs.list(), { status: 401 })
  const again = createClient({ url: server.url, apiKey: rotated.secret })
  assert.equal((await again.projects.list()).items[0]?.name, project.name)
  assert.notEqual((await client.keys.revoke(key.id)).revokedAt, null)
  await assert.rejects(again.jobs.list(), { status: 401 })
  await client.projects.delete(project.name)
})

test('a callback that cannot be delivered is on the list', async () => {
  const job = await client.jobs.create({
    ...draft('told'),
    callback: { url: `${server.url}/nobody`, retryDelays: [] },
  })
  const run = await client.jobs.trigger(job.id)
  await client.runs.wait(run.id)
  const find = () => client.callbacks.list({ run: run.id })
  let page = await find()
  for (let tries = 0; page.items[0]?.status !== 'dead' && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    page = await find()
  }
  const callback = await client.callbacks.get(page.items[0]!.id)
  assert.deepEqual([callback.status, callback.deliveries[0]?.status], ['dead', 404])
  assert.equal((await client.callbacks.redeliver(callback.id)).status, 'pending')
})

test('previews, health and metrics', async () => {
  const preview = await client.schedules.preview({
    schedule: { cron: '30 2 * * *', timezone: 'Europe/Berlin' },
    count: 2,
  })
  assert.equal(preview.instants.length, 2)
  assert.deepEqual(await client.health.live(), { status: 'ok' })
  assert.equal((await client.health.ready({ verbose: true })).status, 'ok')
  assert.equal((await client.health.version()).name, 'carillon')
  assert.match(await client.health.metrics(), /^# HELP /)
})
