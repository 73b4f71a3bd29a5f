// Tokens of a real OpenID provider at the door of a real server: what their scopes say, in that system's project.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Folder } from '../../support/folder.ts'
import { IdentityProvider } from '../../support/identity-provider-process.ts'
import { ServerProcess } from '../../support/server-process.ts'

type Answer = { readonly status: number; readonly body: unknown }

test('a token may what its scopes say, and nothing beside this system', async () => {
  using folder = new Folder()
  await using provider = await IdentityProvider.start({ audience: 'simple-scheduler' })
  await using server = await ServerProcess.start({
    dataDir: folder.path,
    env: { SIMPLE_SCHEDULER_OIDC_ISSUER: provider.issuer, SIMPLE_SCHEDULER_API_URL: ':0' },
  })
  const door = /"url":"([^"]+)","door":"simple-scheduler"/.exec(server.log)?.[1]
  assert.ok(door !== undefined, server.log)
  const ask = async (token: string, method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(door + path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  }
  const missing = (scope: string): Answer => ({
    status: 403,
    body: {
      error: 'Missing required scopes',
      missing_scopes: [scope],
      detail: `This key lacks the scope ${scope}. Use a key that has it, or have one made.`,
    },
  })
  const job = { name: 'mail', enabled: true, nextRunAt: '2099-01-01T00:00:00Z', interval: 60_000 }

  const jobsReader = await provider.robotToken('jobs:read')
  assert.deepEqual(await ask(jobsReader, 'GET', '/api/jobs'), { status: 200, body: null })
  assert.deepEqual(await ask(jobsReader, 'POST', '/api/jobs', job), missing('jobs:write'))
  assert.deepEqual(await ask(jobsReader, 'GET', '/api/runs'), missing('runs:read'))

  const jobsWriter = await provider.robotToken('jobs:read jobs:write')
  assert.deepEqual(await ask(jobsWriter, 'POST', '/api/jobs', job), { status: 201, body: { name: 'mail' } })
  assert.equal((await ask(jobsWriter, 'PATCH', '/api/jobs/mail', { interval: 30_000 })).status, 204)
  assert.equal((await ask(jobsReader, 'GET', '/api/jobs/mail')).status, 200)

  const { id } = await server.client.jobs.trigger('mail', {}, { project: 'simple-scheduler' })
  const runsReader = await provider.robotToken('runs:read')
  const listed = await ask(runsReader, 'GET', '/api/runs')
  assert.deepEqual([listed.status, (listed.body as { id: string }[])[0]?.id], [200, id])
  assert.deepEqual(await ask(runsReader, 'GET', '/api/jobs'), missing('jobs:read'))
  assert.deepEqual(await ask(runsReader, 'GET', `/api/runs/${id}/cancel`), missing('runs:write'))
  const runsWriter = await provider.robotToken('runs:read runs:write')
  assert.equal((await ask(runsWriter, 'GET', `/api/runs/${id}/cancel`)).status, 204)

  // Elsewhere it is worth nothing: other projects are not there for it.
  const elsewhere = await fetch(`${server.url}/v1/jobs?project=default`, {
    headers: { authorization: `Bearer ${jobsWriter}` },
  })
  assert.equal(elsewhere.status, 404)
  const broken = await ask(`${jobsReader.slice(0, -4)}AAAA`, 'GET', '/api/jobs')
  assert.deepEqual([broken.status, Object.keys(broken.body as object)], [401, ['error']])
})

test('a token that is meant for somebody else is none', async () => {
  using folder = new Folder()
  await using provider = await IdentityProvider.start({ audience: 'billing' })
  await using server = await ServerProcess.start({
    dataDir: folder.path,
    env: { SIMPLE_SCHEDULER_OIDC_ISSUER: provider.issuer, SIMPLE_SCHEDULER_API_URL: ':0' },
  })
  const door = /"url":"([^"]+)","door":"simple-scheduler"/.exec(server.log)?.[1]
  const headers = { authorization: `Bearer ${await provider.robotToken('jobs:read')}` }
  assert.equal((await fetch(`${door}/api/jobs`, { headers })).status, 401)
})
