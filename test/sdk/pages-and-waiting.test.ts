import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient } from '../../src/sdk/index.ts'
import { problem, startStubServer } from './stub-server.ts'

test('all() walks over every page, and only as far as it is asked to', async () => {
  await using server = await startStubServer(({ query }) => {
    const page = Number(query.get('cursor') ?? '0')
    const items = [{ name: `job-${page}a` }, { name: `job-${page}b` }]
    return { json: { items, nextCursor: page === 2 ? null : String(page + 1) } }
  })
  const client = createClient({ url: server.url })
  const names: string[] = []
  for await (const { name } of client.jobs.all({ q: 'job' })) names.push(name)
  assert.deepEqual(names, ['job-0a', 'job-0b', 'job-1a', 'job-1b', 'job-2a', 'job-2b'])
  assert.ok(server.asked.every(({ query }) => query.get('q') === 'job'))

  const before = server.asked.length
  for await (const _ of client.jobs.all()) break
  assert.equal(server.asked.length, before + 1)
})

test('wait() returns the ended run and tells of each change once', async () => {
  const states = ['pending', 'pending', 'running', 'failed']
  await using server = await startStubServer((_, count) => ({
    json: { id: 'run_1', status: states[count - 1], attemptCount: count < 3 ? 0 : 1 },
  }))
  const seen: string[] = []
  const client = createClient({ url: server.url })
  const run = await client.runs.wait('run_1', { onChange: ({ status }) => seen.push(status) })
  assert.equal(run.status, 'failed')
  assert.deepEqual(seen, ['pending', 'running', 'failed'])
})

test('wait() gives up at its deadline', async () => {
  await using server = await startStubServer(() => ({
    json: { id: 'run_1', status: 'running', attemptCount: 1 },
  }))
  const client = createClient({ url: server.url })
  await assert.rejects(client.runs.wait('run_1', { timeoutMs: 60 }), { code: 'timed_out' })
})

test('wait() rejects for a run that is not there', async () => {
  await using server = await startStubServer(() => problem(404, 'not_found', 'No such run.'))
  await assert.rejects(createClient({ url: server.url }).runs.wait('run_0'), {
    code: 'not_found',
    status: 404,
  })
})
