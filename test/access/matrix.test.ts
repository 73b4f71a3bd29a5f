// Every route of every door, asked by everybody there is. What is expected is reckoned from the table of actions, which
// people have read; what happens is asked of a server. A route that is new is in here without anybody's doing.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { ACTIONS, type Action, type Rule, ruleOf } from '../../src/domain/actions.ts'
import type { Scope } from '../../src/domain/api-key.ts'
import { ROLES } from '../../src/domain/roles.ts'
import { ROLES as ROLE_NAMES, SCOPES_OF_ROLE } from '../../src/protocol/scopes.ts'
import { type Furnished, furnish, JOB } from './furnished.ts'
import { addressOf, asked, routesOf } from './routes.ts'

/** Where a stranger is told that it is gone already, as the replaced system told it. Nothing of it may have changed. */
const GONE_ALREADY = /^DELETE \/compat\/(?:scheduler0\/\S*(?:projects|credentials)|simple-scheduler\/)/
const PEOPLE: Readonly<Record<string, readonly Scope[]>> = { ...ROLES, agent: ['agent'], nothing: [] }

function may(scopes: readonly Scope[], action: Action): boolean {
  const { needs } = ruleOf(action)
  if (needs === 'open' || needs === 'any_key') return true
  const implied = scopes.flatMap((scope) => IMPLIED[scope])
  return implied.includes(needs)
}

/** Written down once more: the table the product has is what is tested. */
const IMPLIED: Readonly<Record<Scope, readonly Scope[]>> = {
  'jobs:read': ['jobs:read'],
  'jobs:write': ['jobs:write', 'jobs:read'],
  'runs:read': ['runs:read'],
  'runs:write': ['runs:write', 'runs:read'],
  admin: ['admin', 'jobs:read', 'jobs:write', 'runs:read', 'runs:write'],
  agent: ['agent'],
}

test('every action is asked for by some route, or by a command behind one', async () => {
  await using furnished = await furnish()
  const stated = new Set(routesOf(furnished).map(({ action }) => action))
  const missing = (Object.keys(ACTIONS) as Action[]).filter((action) => !stated.has(action))
  assert.deepEqual(missing, ['project.limit', 'door_project.enter', 'health.detail'])
})

test('the table people read is the one that counts', () => {
  const rows = Object.entries<Rule>(ACTIONS).map(([action, { needs, everywhere }]) => {
    return `| \`${action}\` | ${NEEDED[needs] ?? `\`${needs}\``}${everywhere ? ', for all projects' : ''} |`
  })
  const document = readFileSync(new URL('../../docs/access.md', import.meta.url), 'utf8')
  assert.deepEqual(document.match(/^\| `[a-z_]+\.[a-z_]+` \| .+ \|$/gm), rows)
  for (const [role, scopes] of Object.entries<readonly Scope[]>(ROLES)) {
    const row = `| ${role} | ${scopes.map((scope) => `\`${scope}\``).join(', ')} |`
    assert.ok(document.includes(row), row)
  }
})

const NEEDED: Readonly<Record<string, string>> = { open: 'nothing', any_key: 'any key' }

test('roles have the same names on the wire', () => {
  assert.deepEqual([...ROLE_NAMES], Object.keys(ROLES))
  assert.deepEqual(SCOPES_OF_ROLE, ROLES)
})

test('anonymous', async () => {
  await using furnished = await furnish()
  for (const route of routesOf(furnished)) {
    const { status, text } = await asked(furnished, route, null)
    const told = `${route.method} ${route.url}: ${status} ${text.slice(0, 200)}`
    if (ruleOf(route.action).needs === 'open') assert.ok(status < 500, told)
    else assert.equal(status, 401, told)
  }
})

describe('of the same project', () => {
  for (const [name, scopes] of Object.entries(PEOPLE)) {
    test(name, async () => {
      await using furnished = await furnish()
      const key = await keyWith(furnished, scopes, null)
      for (const route of routesOf(furnished)) {
        if (route.action === 'visit.sign_in') continue
        const { status, text } = await asked(furnished, route, key)
        const told = `${route.method} ${route.url}: ${status} ${text.slice(0, 200)}`
        // The token of an attempt is asked for, and no key stands in for it.
        if (route.action === 'run.report') {
          assert.equal(status, 401, told)
          continue
        }
        // A session belongs to one agent: another one is told so.
        const own = route.action === 'agent.work' && scopes.includes('agent')
        if (!may(scopes, route.action)) assert.equal(status, 403, told)
        else if (route.action === 'job.bulk' || own) assert.ok(status < 500, told)
        else assert.ok(status !== 401 && status !== 403 && status < 500, told)
      }
      assert.deepEqual(furnished.house.faults, [])
    })
  }
})

describe('of another project', () => {
  for (const [name, scopes] of Object.entries(PEOPLE)) {
    test(name, async () => {
      await using furnished = await furnish()
      const before = await everything(furnished)
      const key =
        name === 'agent'
          ? await foreignAgent(furnished)
          : await keyWith(furnished, scopes, [furnished.elsewhere])
      for (const route of routesOf(furnished)) {
        if (route.action === 'visit.sign_in' || route.action === 'page.read') continue
        const { status, text } = await asked(furnished, route, key)
        const told = `${route.method} ${route.url}: ${status} ${text.slice(0, 300)}`
        const theirs = route.url.includes(':')
        const rule = ruleOf(route.action)
        if (route.action === 'run.report') assert.equal(status, 401, told)
        else if (!may(scopes, route.action) || rule.everywhere) assert.equal(status, 403, told)
        else if (theirs && GONE_ALREADY.test(`${route.method} ${route.url}`)) assert.equal(status, 204, told)
        else if (route.action === 'agent.work') assert.ok([403, 409, 422].includes(status), told)
        else if (theirs) assert.equal(status, 404, told)
        else assert.ok(status < 500, told)
        const path = addressOf(route, furnished)
        for (const mark of furnished.marks) {
          if (!path.includes(mark)) assert.ok(!text.includes(mark), `${told} shows ${mark}`)
        }
      }
      assert.deepEqual(await everything(furnished), before, 'nothing of theirs has changed')
      assert.deepEqual(furnished.house.faults, [])
    })
  }
})

test('a stranger gets nowhere by naming what is not his', async () => {
  await using furnished = await furnish()
  const { house, names, elsewhere, marks } = furnished
  const before = await everything(furnished)
  const key = await keyWith(furnished, ['admin'], [elsewhere])
  const run = names['run'] ?? ''
  for (const [method, url, body] of [
    ['POST', '/v1/jobs', JOB],
    ['POST', '/v1/jobs/check', JOB],
    ['POST', `/v1/jobs/${names['job']}/check`, JOB],
    ['POST', '/v1/jobs/batch', { jobs: [JOB] }],
    ['POST', '/v1/jobs/bulk', { action: 'pause', filter: { project: 'mine' } }],
    ['POST', '/v1/keys', { name: 'x', scopes: ['admin'], projects: ['mine'] }],
    ['POST', '/v1/agent-tokens', { projects: ['mine'] }],
    ['GET', '/v1/jobs?project=mine'],
    ['GET', '/v1/jobs/private-job?project=mine'],
    ['GET', '/v1/runs?project=mine'],
    ['GET', `/v1/runs?job=${names['job']}`],
    ['GET', '/v1/callbacks?project=mine'],
    ['GET', `/v1/callbacks?run=${run}`],
    ['GET', '/v1/scripts?project=mine'],
    ['GET', `/v1/scripts/${names['sha256']}?project=mine`],
    ['GET', '/v1/overview?project=mine'],
    ['GET', `/v1/recent-runs?jobs=${names['job']}`],
    ['GET', '/v1/events?project=mine'],
    ['GET', `/v1/events?job=${names['job']}`],
  ] as const) {
    const reply = await house.ask(method, url, { key, ...(body === undefined ? {} : { body }) })
    const told = `${method} ${url}: ${reply.status} ${reply.text}`
    const empty = reply.status === 200 && JSON.stringify(Object.values(reply.body).flat(2)).length < 10
    assert.ok(empty || [404, 422].includes(reply.status), told)
    for (const mark of marks) {
      const sent = url.includes(mark) || JSON.stringify(body ?? '').includes(mark)
      assert.ok(sent || !reply.text.includes(mark), `${told} shows ${mark}`)
    }
  }
  const bulk = { action: 'delete', jobs: [names['job']] }
  const { text } = await house.ask('POST', '/v1/jobs/bulk', { key, body: bulk })
  assert.match(text, /"ok":false,"code":"not_found"/)
  assert.deepEqual(await everything(furnished), before)
})

async function keyWith(
  { house }: Furnished,
  scopes: readonly Scope[],
  projects: readonly string[] | null,
): Promise<string> {
  const draft = { scopes: scopes.length === 0 ? (['jobs:read'] as const) : scopes }
  const secret = await house.key(projects === null ? draft : { ...draft, projects })
  if (scopes.length > 0) return secret
  // A key that may do nothing can only come from an older version.
  const { items } = await house.store.keys.list({ limit: 500 })
  await house.store.keys.update({ ...items.at(-1)!, scopes: [] })
  return secret
}

/** An agent with a session of its own, which tries its luck with another's. */
async function foreignAgent({ house, elsewhere }: Furnished): Promise<string> {
  const token = await house.ask<{ secret: string }>('POST', '/v1/agent-tokens', {
    body: { projects: [elsewhere] },
  })
  const body = { token: token.body.secret, name: 'stranger', hostname: 'far', version: '1' }
  const { secret } = (await house.ask<{ secret: string }>('POST', '/v1/agents/join', { body })).body
  const session = { hostname: 'far', pid: 2, version: '1', labels: {}, slots: 1, held: [] }
  await house.ask('POST', '/v1/agents/self/sessions', { key: secret, body: session })
  return secret
}

/** What the project has, as its own admin sees it. */
async function everything({ house, names }: Furnished): Promise<unknown[]> {
  const all: unknown[] = []
  for (const url of [
    `/v1/projects/${names['project']}`,
    '/v1/jobs?project=mine',
    '/v1/jobs?project=schedule-rs',
    '/v1/jobs?project=scheduler0-1',
    '/v1/runs?project=mine',
    `/v1/callbacks/${names['callback']}`,
    '/v1/scripts?project=mine',
    `/v1/agents/${names['agent']}`,
    '/v1/nodes',
  ]) {
    const { body, text, status } = await house.ask<{ items?: unknown }>('GET', url)
    assert.equal(status, 200, text)
    all.push(body.items ?? body)
  }
  const { items } = await house.store.keys.list({ limit: 500 })
  all.push(items.find(({ id }) => id === names['key']))
  all.push(await house.store.agents.token(names['token'] ?? ''))
  return all
}
