// Every address of every door with one thing wrong at a time: what is sent is spoiled member by member, in the address, the query
// and the body. Whatever comes, it is answered in that system's own form, with a text, and is never a fault of ours.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CompatDoor, CompatRoute } from '../../src/doors/compat/compat-door.ts'
import { dcronDoor } from '../../src/doors/compat/dcron/routes.ts'
import { scheduleRsDoor } from '../../src/doors/compat/schedule-rs/routes.ts'
import { SCHEDULER0_DEFAULTS } from '../../src/doors/compat/scheduler0/job-words.ts'
import { scheduler0Door } from '../../src/doors/compat/scheduler0/routes.ts'
import { simpleSchedulerDoor } from '../../src/doors/compat/simple-scheduler/routes.ts'
import { taskschedulerDoor } from '../../src/doors/compat/taskscheduler/routes.ts'
import { type CompatAsking, type CompatHouse, type CompatReply, openCompatHouse } from './compat-house.ts'

type Json = Readonly<Record<string, unknown>>

type Case = {
  readonly door: CompatDoor
  /** What makes sense, by method and path. */
  readonly bodies: Readonly<Record<string, unknown>>
  readonly queries?: Readonly<Record<string, readonly string[]>>
  /** What stands for a parameter where it is to be there; made by the first body of its kind. */
  readonly params?: Readonly<Record<string, string>>
  /** Is it a refusal in that system's form, with a text? */
  readonly refusal: (reply: CompatReply) => boolean
  /** Callers are operators, as the door's own key may not do everything there is. */
  readonly asAdmin?: true
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.length > 3
const membersOf = (reply: CompatReply): Json => (reply.json ?? {}) as Json

const SCHEDULE = {
  id: 'one',
  request: { url: 'https://example.com', method: 'GET', headers: { A: 'b' }, body: 'x', retry: [1] },
  schedule: '0 0 1 1 *',
  schedule_at: null,
  callback: { url: 'https://example.com/told', headers: { A: 'b' } },
  tags: ['a'],
}
const SIMPLE_JOB = {
  name: 'mail',
  enabled: true,
  nextRunAt: '2031-01-01T00:00:00Z',
  interval: 60_000,
  runExecutionTimeout: 1_000,
  runStartTimeout: 1_000,
  maxQueueCount: 3,
  allowConcurrentRuns: false,
  heartbeatTimeout: 1_000,
}
const TASK0 = {
  project_id: 1,
  spec: '@every 1m',
  timezone: 'UTC',
  callback_url: 'https://example.com/cb',
  execution_type: 'http',
  data: 'x',
  start_date: '2031-01-01T00:00:00Z',
  end_date: '2031-02-01T00:00:00Z',
}
const SCRIPT_JOB = {
  name: 'job',
  time: '0 0 1 1 *',
  jobType: 'PYTHON',
  location: 'up.py',
  timeout: 5,
  updateIfExists: true,
}
const PAGES = ['limit', 'offset', 'projectId']

const CASES: readonly Case[] = [
  {
    door: scheduleRsDoor,
    bodies: {
      'POST /schedule': SCHEDULE,
      'PUT /schedule/{id}': SCHEDULE,
      'PUT /schedule/{id}/callback': { callback: SCHEDULE.callback },
      'POST /api/schedules': SCHEDULE,
      'PUT /api/schedules/{id}': SCHEDULE,
      'PUT /api/schedules/{id}/callback': { callback: SCHEDULE.callback },
    },
    queries: { 'GET /schedule': ['page', 'after'], 'GET /api/schedules': ['page', 'after'] },
    params: { id: 'one' },
    refusal: ({ headers, text }) => /^text\/plain/.test(String(headers['content-type'])) && isText(text),
  },
  {
    door: scheduler0Door(SCHEDULER0_DEFAULTS),
    bodies: Object.fromEntries(
      ['/v1', '/api/v1'].flatMap((base) => [
        [`POST ${base}/projects`, { name: 'p', description: 'd' }],
        [`PUT ${base}/projects/{id}`, { name: 'p', description: 'd' }],
        [`POST ${base}/jobs`, [TASK0]],
        [`PUT ${base}/jobs/{id}`, TASK0],
        [`POST ${base}/credentials`, {}],
        [`PUT ${base}/credentials/{id}`, { api_key: 'a', api_secret: 'b', archived: true }],
      ]),
    ),
    queries: Object.fromEntries(
      ['/v1', '/api/v1'].flatMap((base) => [
        [`GET ${base}/projects`, PAGES],
        [`GET ${base}/jobs`, PAGES],
        [`GET ${base}/credentials`, PAGES],
        [`GET ${base}/executions`, [...PAGES, 'jobId', 'state', 'startDate', 'endDate']],
      ]),
    ),
    params: { id: '1', requestId: '1-1.1.1' },
    asAdmin: true,
    refusal: (reply) => {
      const { data, success } = membersOf(reply)
      const told = typeof data === 'object' ? (data as Json)['Message'] : data
      return success === false && isText(told)
    },
  },
  {
    door: taskschedulerDoor({ agents: [] }),
    bodies: {
      'POST /api/v1/tasks/create': { command: 'true', frequency: 'every 5 minutes' },
      'POST /api/v1/tasks/{task_id}/complete': { agent_id: 'a', stdout: 'x', stderr: 'y' },
    },
    refusal: (reply) => isText(membersOf(reply)['error']),
  },
  {
    door: simpleSchedulerDoor,
    bodies: { 'POST /api/jobs': SIMPLE_JOB, 'PATCH /api/jobs/{name}': SIMPLE_JOB },
    queries: {
      'GET /api/runs': [
        'JobName',
        'jobName',
        'Status',
        'status',
        'CreatedBefore',
        'startedBefore',
        'heartbeatBefore',
      ],
    },
    params: { name: 'mail', id: 'run_00000000000000000000000000' },
    refusal: (reply) => (reply.status === 404 ? reply.text === '' : isText(membersOf(reply)['error'])),
  },
  {
    door: dcronDoor,
    bodies: {
      'POST /dcron.Public/NewJob': SCRIPT_JOB,
      'POST /dcron.Public/GetJob': { name: 'job' },
      'POST /dcron.Public/DisableJob': { name: 'job' },
      'POST /dcron.Internal/ExecuteJob': { name: 'job', jobType: 'RUBY', location: 'up.py', timeout: 1 },
    },
    refusal: (reply) => {
      const { code, message } = membersOf(reply)
      return typeof code === 'string' && isText(message)
    },
  },
]

const VALUES: readonly unknown[] = [
  null,
  true,
  7,
  -1,
  1.5,
  1e300,
  '',
  ' ',
  'nonsense',
  'a\u0000b',
  '\ud800',
  '{{run.id}} {{secret.none}} {{nothing',
  '__proto__',
  'x'.repeat(20_000),
  '9999-99-99T99:99:99Z',
  [],
  [[]],
  {},
  { a: { b: [] } },
]
const IN_ADDRESSES = ['%00', '%ff', '%2e%2e%2f', 'a%2Fb', '-1', '1e9', '0', '%F0%9F%94%94', 'x'.repeat(4_000)]
const IN_QUERIES = [
  '',
  '-1',
  '1.5',
  'x',
  '99999999999999999999',
  '%00',
  '%ff',
  '2031-99-01',
  'x'.repeat(2_000),
]
const RAW = [
  '',
  '{',
  '[',
  'null',
  '"text"',
  '7',
  '{"a":1,"a":2}',
  '\ufeff{}',
  '['.repeat(200),
  '{"__proto__":{}}',
]

/** The document with one member, at whatever depth, replaced or left out. */
function* spoiled(document: unknown): Generator<unknown> {
  yield* VALUES
  if (typeof document !== 'object' || document === null) return
  for (const [name, value] of Object.entries(document)) {
    const others: Record<string, unknown> = { ...(document as Json) }
    delete others[name]
    yield Array.isArray(document) ? Object.values(others) : others
    for (const other of spoiled(value)) {
      const whole = { ...others, [name]: other }
      yield Array.isArray(document) ? Object.values(whole) : whole
    }
  }
}

for (const { door, bodies, queries = {}, params = {}, refusal, asAdmin } of CASES) {
  test(`${door.system}: whatever comes is answered in its form`, async () => {
    await using house = await openCompatHouse(door)
    const { system, routes } = door
    let asked = 0
    let refused = 0
    const tell = async (method: string, path: string, more: CompatAsking = {}): Promise<void> => {
      const reply = await ask(house, asAdmin === true, method, path, more)
      asked += 1
      if (reply.status >= 400) refused += 1
      const what = `${method} ${path.slice(0, 200)} ${JSON.stringify(more).slice(0, 300)}`
      const told = `${what}: ${reply.status} ${reply.text.slice(0, 300)}`
      assert.ok(reply.status < 500, told)
      if (reply.status >= 400) assert.ok(refusal(reply), `not in the form of ${system}: ${told}`)
      for (const { fields } of house.house.faults) assert.fail(`${what}: ${String((fields as Json)['err'])}`)
    }
    // So that further on there is something to read and to change.
    for (const { method, path } of routes) {
      const body = bodies[`${method} ${path}`]
      if (method === 'POST' && body !== undefined) await tell(method, filled(path, params), { body })
    }
    for (const route of routes) {
      const { method, path } = route
      const right = bodies[`${method} ${path}`]
      const body = right === undefined ? {} : { body: right }
      for (const place of placesOf(route)) {
        for (const bad of IN_ADDRESSES) await tell(method, filled(path, { ...params, [place]: bad }), body)
      }
      for (const name of queries[`${method} ${path}`] ?? []) {
        for (const bad of IN_QUERIES) await tell(method, `${filled(path, params)}?${name}=${bad}`)
      }
      if (right === undefined) continue
      const address = filled(path, params)
      for (const raw of RAW) await tell(method, address, { raw })
      for (const wrong of spoiled(right)) {
        // Nothing at all has been sent above.
        if (wrong !== undefined) await tell(method, address, { body: wrong })
      }
    }
    await tell('GET', '/nowhere/at/all')
    for (const { path } of routes) await tell('OPTIONS', filled(path, params))
    assert.ok(asked >= 100 && refused > asked / 2, `${refused} of ${asked} were refused`)
    // On the main listener, too, also where no route is found for an address that is none.
    for (const { path } of routes) {
      const reply = await house.askMain('GET', `${path.replace(/\{\w+\}/g, '%ff')}%zz`)
      assert.ok(
        reply.status === 400 && refusal(reply),
        `${path}: ${reply.status} ${reply.text.slice(0, 200)}`,
      )
    }
  })
}

async function ask(
  { ask: asked, house }: CompatHouse,
  asAdmin: boolean,
  method: string,
  path: string,
  more: CompatAsking,
): Promise<CompatReply> {
  return asked(method, path, asAdmin ? { key: house.admin, ...more } : more)
}

function placesOf({ path }: CompatRoute): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
}

function filled(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(
    /\{(\w+)\}/g,
    (_, name: string) => params[name] ?? '00000000-0000-4000-8000-000000000000',
  )
}
