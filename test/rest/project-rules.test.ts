// Whom a project may call and how much it may use: who sets it, how it is read, and that it holds when jobs are written.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AuditEntry } from '../../src/protocol/audit.ts'
import type { Project } from '../../src/protocol/project.ts'
import { assertProblem, type House, openHouse, PING } from './house.ts'

let house: House
before(async () => {
  house = await openHouse()
})
after(() => house[Symbol.asyncDispose]())

const job = (name: string, url: string, project: string, more: object = {}) => ({
  body: { ...PING, name, project, target: { http: { url } }, ...more },
})

test('a project says whom it may call; null takes it back', async () => {
  const body = {
    name: 'reach',
    targets: { policy: 'listed', allow: ['api.example.com'] },
    quotas: { jobs: 5 },
  }
  const made = await house.ask<Project>('POST', '/v1/projects', { body })
  assert.equal(made.status, 201, made.text)
  assert.deepEqual(made.body.targets, body.targets)
  assert.deepEqual(made.body.quotas, { jobs: 5 })
  const patched = await house.ask<Project>('PATCH', '/v1/projects/reach', {
    body: { targets: { deny: ['10.0.0.0/8'] }, quotas: { jobs: 7 } },
  })
  assert.deepEqual(patched.body.targets, { ...body.targets, deny: ['10.0.0.0/8'] })
  assert.deepEqual(patched.body.quotas, { jobs: 7 })
  const emptied = await house.ask<Project>('PATCH', '/v1/projects/reach', {
    body: { targets: null, quotas: { jobs: null } },
  })
  assert.deepEqual([emptied.body.targets, emptied.body.quotas], [{}, {}])
})

test('a rule that would match nothing, and a word that is none, are refused', async () => {
  const body = { targets: { allow: ['api.example.com', '10.0.0.0/33'], deny: ['http://x'] } }
  const { errors } = assertProblem(await house.ask('PATCH', '/v1/projects/default', { body }), 422, 'invalid')
  assert.deepEqual(
    errors.map(({ pointer, code }) => [pointer, code]),
    [
      ['/targets/allow/1', 'target_rule'],
      ['/targets/deny/0', 'target_rule'],
    ],
  )
  for (const body of [
    { targets: { policy: 'private' } },
    { targets: { alow: [] } },
    { targets: { allow: 'api.example.com' } },
    { targets: { allow: Array.from({ length: 201 }, () => 'a.example') } },
    { quotas: { jobs: -1 } },
    { quotas: { runs: 5 } },
    { quotas: { jobs: 1.5 } },
  ])
    assertProblem(await house.ask('PATCH', '/v1/projects/default', { body }), 422, 'invalid')
})

test('jobs and callbacks are checked by it when they are written, edited and written together', async () => {
  const rules = { policy: 'listed', allow: ['api.example.com', '10.20.0.0/16'] }
  await house.ask('POST', '/v1/projects', { body: { name: 'strict', targets: rules } })
  const refused = (reply: Parameters<typeof assertProblem>[0], pointer: string): void => {
    const { errors } = assertProblem(reply, 422, 'invalid')
    assert.deepEqual(
      errors.map(({ pointer, code }) => [pointer, code]),
      [[pointer, 'target_forbidden']],
    )
  }
  assert.equal(
    (await house.ask('POST', '/v1/jobs', job('a', 'https://api.example.com/', 'strict'))).status,
    201,
  )
  assert.equal((await house.ask('POST', '/v1/jobs', job('b', 'http://10.20.1.1/', 'strict'))).status, 201)
  refused(await house.ask('POST', '/v1/jobs', job('c', 'http://8.8.8.8/', 'strict')), '/target/http/url')
  refused(await house.ask('POST', '/v1/jobs', job('c', 'http://10.21.1.1/', 'strict')), '/target/http/url')
  const callback = { callback: { url: 'http://8.8.8.8/' } }
  refused(
    await house.ask('POST', '/v1/jobs', job('c', 'https://api.example.com/', 'strict', callback)),
    '/callback/url',
  )
  const { body } = job('a', 'http://8.8.8.8/', 'strict')
  refused(await house.ask('PUT', '/v1/jobs/a?project=strict', { body }), '/target/http/url')
  const jobs = [
    job('d', 'https://api.example.com/', 'strict').body,
    job('e', 'http://8.8.8.8/', 'strict').body,
  ]
  refused(await house.ask('POST', '/v1/jobs/batch', { body: { jobs } }), '/jobs/1/target/http/url')
  // The other projects go by the server's own.
  assert.equal((await house.ask('POST', '/v1/jobs', job('c', 'http://8.8.8.8/', 'default'))).status, 201)
  // What is changed holds at once.
  await house.ask('PATCH', '/v1/projects/strict', { body: { targets: { policy: 'public' } } })
  assert.equal((await house.ask('POST', '/v1/jobs', job('c', 'http://8.8.8.8/', 'strict'))).status, 201)
})

test('whoever governs one project does not open the network to it, or give it more', async () => {
  await house.ask('POST', '/v1/projects', { body: { name: 'tenant', quotas: { jobs: 5 } } })
  const { body: own } = await house.ask<Project>('GET', '/v1/projects/tenant')
  const key = await house.key({ scopes: ['admin'], projects: ['tenant'] })
  for (const body of [
    { targets: { allow: ['10.0.0.0/8'] } },
    { targets: { deny: ['example.com'] } },
    { quotas: { jobs: 6 } },
    { quotas: null },
  ])
    assertProblem(await house.ask('PATCH', '/v1/projects/tenant', { key, body }), 403, 'forbidden')
  const { body: after } = await house.ask<Project>('GET', '/v1/projects/tenant')
  assert.deepEqual(after, own)
  // What it may change it changes, with the rest as it is.
  const same = { description: 'ours', quotas: { jobs: 5 } }
  assert.equal((await house.ask('PATCH', '/v1/projects/tenant', { key, body: same })).status, 200)
})

test('whoever governs one project does not give it a name that others go by', async () => {
  const { body: own } = await house.ask<Project>('POST', '/v1/projects', { body: { name: 'team-a' } })
  const key = await house.key({ scopes: ['admin'], projects: ['team-a'] })
  const rename = (name: string, by?: string) =>
    house.ask<Project>('PATCH', `/v1/projects/${own.id}`, {
      body: { name },
      ...(by === undefined ? {} : { key: by }),
    })
  // Clients of that system would put their jobs there, and a grant may name a project that is still to come.
  for (const name of ['dcron', 'team-b']) assertProblem(await rename(name, key), 403, 'forbidden')
  assert.equal((await rename('team-a', key)).status, 200)
  assert.equal((await rename('team-c')).body.name, 'team-c')
})

test('what was set is in the audit', async () => {
  await house.ask('PATCH', '/v1/projects/tenant', { body: { targets: { allow: ['10.0.0.0/8'] } } })
  const { body } = await house.ask<{ items: AuditEntry[] }>('GET', '/v1/audit?action=project.update&limit=1')
  assert.deepEqual(body.items[0]?.detail['targets'], { allow: ['10.0.0.0/8'] })
})

test('a project with a quota of jobs has no more, one by one or many at once', async () => {
  await house.ask('POST', '/v1/projects', { body: { name: 'few', quotas: { jobs: 2 } } })
  const of = (name: string) => job(name, 'https://example.com/', 'few')
  assert.equal((await house.ask('POST', '/v1/jobs', of('a'))).status, 201)
  const many = { body: { jobs: [of('b').body, of('c').body] } }
  assertProblem(await house.ask('POST', '/v1/jobs/batch', many), 429, 'quota_exceeded')
  assert.equal((await house.ask('POST', '/v1/jobs', of('b'))).status, 201)
  const { detail } = assertProblem(await house.ask('POST', '/v1/jobs', of('c')), 429, 'quota_exceeded')
  assert.match(detail, /^This project may have 2 jobs\./)
  await house.ask('DELETE', '/v1/jobs/a?project=few')
  assert.equal((await house.ask('POST', '/v1/jobs', of('c'))).status, 201)
  // Below what there is: nothing is taken away, nothing is added.
  await house.ask('PATCH', '/v1/projects/few', { body: { quotas: { jobs: 1 } } })
  assertProblem(await house.ask('POST', '/v1/jobs', of('d')), 429, 'quota_exceeded')
})
