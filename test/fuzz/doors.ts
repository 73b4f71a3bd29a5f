// Asks the doors of replaced systems with one thing wrong at a time. They have no description of their own: what each takes is
// learnt from a request that it takes. Whatever comes: never our fault, soon, and nothing of the inside.

import assert from 'node:assert/strict'
import type { InjectOptions } from 'fastify'
import { doorProjectId } from '../../src/commands/door-project.ts'
import { type Furnished, furnish } from '../access/furnished.ts'
import { addressOf, BODIES, routesOf } from '../access/routes.ts'
import { judged, shuffled, type Tally } from './fuzz.ts'
import { type Schema, spoiled, TEXTS } from './spoil.ts'
import { watched } from './watched.ts'

/** Requests that the doors take, where the matrix of who may do what has none: what is spoilt begins here. */
const TAKEN: Readonly<Record<string, unknown>> = {
  'POST /compat/schedule-rs/schedule': {
    schedule: '0 0 * * * *',
    request: {
      url: 'https://example.com/',
      method: 'POST',
      headers: { 'X-A': 'b' },
      body: 'c',
      retry: { max: 1 },
    },
    callback: { url: 'https://example.com/', retry: { max: 1, interval: 1 } },
  },
  'POST /compat/scheduler0/v1/jobs': [
    {
      project_id: 1,
      spec: '@every 1h',
      timezone: 'UTC',
      callback_url: 'https://example.com/',
      data: 'x',
      execution_type: 'http',
    },
  ],
  'POST /compat/scheduler0/v1/projects': { name: 'a-project', description: 'of a client' },
  'POST /compat/simple-scheduler/api/jobs': {
    name: 'a-job',
    nextRunAt: '2099-01-01T00:00:00Z',
    interval: 60_000,
  },
  'POST /compat/taskscheduler/api/v1/tasks/create': { command: 'id -u', frequency: 'every 1 hours' },
  'POST /compat/dcron/dcron.Public/NewJob': {
    name: 'a-job',
    time: '0 */5 * * * *',
    jobType: 'PYTHON',
    location: 'a.py',
    timeout: 5,
  },
  'POST /compat/dcron/dcron.Public/GetJob': { name: 'a-job' },
  'POST /compat/dcron/dcron.Public/DisableJob': { name: 'a-job' },
  'POST /compat/dcron/dcron.Internal/ExecuteJob': {
    name: 'a-job',
    jobType: 'PYTHON',
    location: 'a.py',
    timeout: 5,
  },
}

const RAW: readonly string[] = [
  '',
  '{',
  '[1,2',
  'nul',
  '{"a":1,"a":2}',
  '1e400',
  '['.repeat(10_000),
  '{"__proto__":{"polluted":true}}',
]

type Asked = { readonly what: string; readonly options: InjectOptions }

export async function fuzzDoors({
  requests,
  seed,
}: {
  readonly requests: number
  readonly seed: number
}): Promise<Tally> {
  const tally: Tally = { requests: 0, slowestMs: 0, statuses: {} }
  const { opened, changes } = await watched(furnish)
  await using furnished = opened
  const { house } = furnished
  const asked = shuffled([...everything(furnished)], seed)
  // The first who comes to this door makes its project, whatever he wants.
  const who = { id: 'key_test', name: 'test', scopes: ['admin'] as const, projectIds: null }
  await doorProjectId(house.ctx, who, 'dcron')
  // A number of a sequence that was taken for a request that is refused then is gone, as with any sequence.
  let numbers = 0
  const { sequences } = house.store
  const take = sequences.take.bind(sequences)
  sequences.take = async (...what) => {
    const before = changes()
    const taken = await take(...what)
    numbers += changes() - before
    return taken
  }
  const written = (): number => changes() - numbers
  while (tally.requests < requests) {
    const { what, options } = asked[tally.requests % asked.length]!
    const headers = { ...options.headers, authorization: `Bearer ${house.admin}` }
    const before = written()
    const { reply, told } = await judged(house.app, () => what, { ...options, headers }, tally)
    if (reply.statusCode >= 400)
      assert.equal(written(), before, `refused, and yet something changed: ${told()}`)
  }
  assert.deepEqual(house.faults, [], 'nothing was our fault')
  assert.equal(({} as { polluted?: unknown }).polluted, undefined, 'no chain was polluted')
  assert.equal((await house.ask('GET', '/livez', { key: null })).status, 200)
  return tally
}

function* everything(furnished: Furnished): Generator<Asked> {
  for (const route of routesOf(furnished)) {
    if (!route.url.startsWith('/compat/')) continue
    const name = `${route.method} ${route.url}`
    const url = addressOf(route, furnished)
    const of = (what: string, at: string, payload?: string): Asked => ({
      what: `${route.method} ${at.slice(0, 100)} ${what}`,
      options: {
        method: route.method,
        url: at,
        headers: payload === undefined ? {} : { 'content-type': 'application/json' },
        ...(payload === undefined ? {} : { payload }),
      } as InjectOptions,
    })
    for (const text of TEXTS) {
      const encoded = encodeURIComponent(text.toWellFormed()).slice(0, 7_000)
      if (route.url.includes(':')) yield of('path', route.url.replace(/:\w+/g, encoded))
      if (route.method === 'GET')
        for (const query of ['limit', 'offset', 'page', 'orderBy', 'projectId', 'id', 'status', 'startDate'])
          yield of('query', `${url}?${query}=${encoded}`)
    }
    if (route.method === 'GET' || route.method === 'DELETE') continue
    for (const raw of RAW) yield of('raw', url, raw)
    const body = TAKEN[name] ?? BODIES[name] ?? {}
    for (const [what, spoilt] of spoiled(body, shapeOf(body), {}))
      yield of(what, url, JSON.stringify(spoilt) ?? '')
  }
}

/** What a document shows of what it may be. */
function shapeOf(value: unknown): Schema {
  if (Array.isArray(value)) return { items: shapeOf(value[0]) }
  if (typeof value !== 'object' || value === null) return {}
  return {
    properties: Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member)])),
  }
}
