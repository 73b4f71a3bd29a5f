import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { JobDraft } from '../../src/sdk/index.ts'
import { type Asked, problem, startStubServer } from '../sdk/stub-server.ts'
import { carillon } from './cli.ts'
import { CREATED, JOB, PREVIEW, RUN } from './wire.ts'

const folder = mkdtempSync(join(tmpdir(), 'carillon-cli-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('options become the document of a job; the reply is words, instants and warnings', async () => {
  await using server = await startStubServer(({ path }) => ({
    json: path === '/v1/jobs' ? CREATED : PREVIEW,
  }))
  const args = [
    '--url',
    server.url,
    'job',
    'create',
    'ping',
    '--cron',
    '30 2 * * *',
    '--timezone',
    'Europe/Berlin',
    '--url',
    'https://example.com/ping',
    '--method',
    'put',
    '--header',
    'X-Team: web: 1',
    '--body',
    '{"a":1}',
    '--timeout',
    '5s',
    '--accept',
    '2xx,304',
    '--batch-items',
    '10',
    '--overlap',
    'queue',
    '--catch-up',
    'all',
    '--retry-delays',
    '1s,5s',
    '--callback',
    'https://ops.example.com',
    '--label',
    'team=web',
    '--label',
    'x=y=z',
    '--description',
    'Rings.',
    '--project',
    'web',
    '--max-runs',
    '7',
    '--at-most-once',
    '--start-within',
    '1m',
  ]
  const { code, out, err } = await carillon(args, { env: { CARILLON_API_KEY: 'k' } })
  assert.equal(code, 0, err)
  assert.deepEqual(server.asked[0]?.body, {
    name: 'ping',
    project: 'web',
    description: 'Rings.',
    labels: { team: 'web', x: 'y=z' },
    schedule: { cron: '30 2 * * *', timezone: 'Europe/Berlin', maxRuns: 7 },
    target: {
      http: {
        url: 'https://example.com/ping',
        method: 'PUT',
        headers: { 'X-Team': 'web: 1' },
        body: { a: 1 },
        timeout: '5s',
        acceptStatus: ['2xx', 304],
        batch: { maxItems: 10 },
      },
    },
    policy: {
      overlap: 'queue',
      catchUp: 'all',
      startWithin: '1m',
      retry: { delays: ['1s', '5s'] },
      delivery: 'at_most_once',
    },
    callback: { url: 'https://ops.example.com' },
  } satisfies JobDraft)
  assert.match(
    out,
    /^Created ping \(job_01JGFJJZ00AZ5V9W7Q3K4M6N8P\)\nEvery 30 seconds: GET https:\/\/example\.com\/ping\nnext {2}2027-01-01 00:00:30Z/,
  )
  assert.equal(err, 'warning: Either day is enough.\n')
})

test('-o json is the shape of the API and nothing else', async () => {
  await using server = await startStubServer(() => ({ json: CREATED }))
  const args = ['--url', server.url, 'job', 'create', 'ping', '--url', 'http://x', '-o', 'json']
  const { out } = await carillon(args)
  assert.deepEqual(JSON.parse(out), CREATED)
})

test('a body is text, a file, or standard input', async () => {
  await using server = await startStubServer(() => ({ json: CREATED }))
  const bodies = ['just text', `@${file('body.json', '[1, 2]')}`, '@-']
  for (const body of bodies) {
    await carillon(['--url', server.url, 'job', 'create', 'p', '--url', 'http://x', '--body', body], {
      stdin: '{broken',
    })
  }
  const sent = server.asked
    .filter(({ path }) => path === '/v1/jobs')
    .map(({ body }) => (body as JobDraft).target.http?.body)
  assert.deepEqual(sent, ['just text', [1, 2], '{broken'])
})

test('a refusal names the option to mend, the pointer, and what was meant', async () => {
  await using server = await startStubServer(() =>
    problem(422, 'invalid', 'One of two.', [
      { pointer: '/schedule/cron', code: 'cron', detail: 'Minute 99 is out of range.' },
      { pointer: '/schedule/timezone', code: 'zone', detail: 'No such zone.', suggestion: 'Europe/Berlin' },
    ]),
  )
  const { code, err } = await carillon([
    '--url',
    server.url,
    'job',
    'create',
    'p',
    '--cron',
    '99 * * * *',
    '--url',
    'http://x',
  ])
  assert.equal(code, 2)
  assert.equal(
    err,
    'error: One of two.\n' +
      '  --cron (/schedule/cron): Minute 99 is out of range.\n' +
      '  --timezone (/schedule/timezone): No such zone. Did you mean "Europe/Berlin"?\n',
  )
})

const drafts = (count: number): JobDraft[] =>
  Array.from({ length: count }, (_, n) => ({
    name: `j${n}`,
    schedule: { every: '1m' },
    target: { http: { url: 'http://x' } },
  }))

function batchReport({ body }: Asked) {
  const { jobs } = body as { jobs: JobDraft[] }
  return {
    created: jobs.length,
    failed: 0,
    items: jobs.map(({ name }) => ({ job: { ...CREATED, name, warnings: [] } })),
  }
}

test('a file of one job is one job, in JSON or YAML, from disk or standard input', async () => {
  await using server = await startStubServer(() => ({ json: CREATED }))
  const yaml = 'name: a\nschedule: {every: 1m}\ntarget: {http: {url: "http://x"}}\n'
  await carillon(['--url', server.url, 'job', 'create', '-f', file('one.yaml', yaml)])
  await carillon(['--url', server.url, 'job', 'create', 'b', '--project', 'web', '-f', '-'], {
    stdin: JSON.stringify(drafts(1)[0]),
  })
  const [first, second] = server.asked
    .filter(({ path }) => path === '/v1/jobs')
    .map(({ body }) => body as JobDraft)
  assert.deepEqual(first, { name: 'a', schedule: { every: '1m' }, target: { http: { url: 'http://x' } } })
  assert.deepEqual([second?.name, second?.project], ['b', 'web'])
})

for (const [form, text] of [
  ['a list', JSON.stringify(drafts(1_201))],
  ['{jobs: […]}', JSON.stringify({ jobs: drafts(1_201) })],
  [
    'YAML documents',
    drafts(1_201)
      .map((draft) => JSON.stringify(draft))
      .join('\n---\n'),
  ],
] as const) {
  test(`many jobs in ${form} go out 500 a request`, async () => {
    await using server = await startStubServer((asked) => ({ json: batchReport(asked) }))
    const { code, out, err } = await carillon([
      '--url',
      server.url,
      'job',
      'create',
      '-f',
      file('many.yaml', text),
    ])
    assert.deepEqual([code, out], [0, 'Created 1201 of 1201 jobs\n'], err)
    assert.deepEqual(
      server.asked.map(({ body }) => (body as { jobs: unknown[] }).jobs.length),
      [500, 500, 201],
    )
  })
}

test('refused ones of a batch are named, the others are made: exit 2', async () => {
  const refused = {
    code: 'invalid',
    errors: [{ pointer: '/jobs/1/schedule/every', code: 'duration', detail: 'No duration.' }],
  }
  await using server = await startStubServer(() => ({
    json: { created: 1, failed: 1, items: [{ job: CREATED }, refused] },
  }))
  const { code, out, err } = await carillon([
    '--url',
    server.url,
    '-q',
    'job',
    'create',
    '-f',
    file('two.json', JSON.stringify(drafts(2))),
  ])
  assert.equal(code, 2)
  assert.equal(out, 'Created 1 of 2 jobs\n')
  assert.equal(err, 'error: 1 of 2 jobs were refused.\n  job "j1" /schedule/every: No duration.\n')
})

test('a file that is no YAML is refused with its place', async () => {
  const { code, err } = await carillon(['job', 'create', '-f', file('bad.yaml', 'name: [a\nb: 1\n')])
  assert.equal(code, 2)
  assert.match(err, /is neither JSON nor YAML\.\n .*bad\.yaml: .*line \d/)
})

test('lists: filters travel, a page tells of the next, --all walks', async () => {
  await using server = await startStubServer(({ query }) => ({
    json: { items: [JOB], nextCursor: query.get('cursor') === null ? 'next' : null },
  }))
  const one = await carillon([
    '--url',
    server.url,
    'job',
    'list',
    '-s',
    'pi',
    '--status',
    'active',
    '-l',
    'team=web',
  ])
  assert.equal(server.asked[0]?.query.toString(), 'q=pi&status=active&label=team%3Dweb')
  assert.match(one.out, /^NAME +STATUS +SCHEDULE +NEXT +DUE +DOES\nping +active +every 30s/)
  assert.match(one.err, /There is more: --all, or --cursor next/)
  const all = await carillon(['--url', server.url, 'job', 'list', '--all', '-o', 'json'])
  assert.deepEqual(JSON.parse(all.out), { items: [JOB, JOB], nextCursor: null })
})

test('an empty list is empty data; the advice is talk', async () => {
  await using server = await startStubServer(() => ({ json: { items: [], nextCursor: null } }))
  const { code, out, err } = await carillon(['--url', server.url, 'job', 'list'])
  assert.deepEqual([code, out], [0, ''])
  assert.match(err, /^No jobs\. Make one:/)
})

test('--set changes one part, under the version that was read', async () => {
  await using server = await startStubServer(({ method }) => ({
    json: method === 'GET' ? JOB : { ...CREATED, version: 4 },
  }))
  const args = [
    'job',
    'edit',
    'ping',
    '--set',
    'schedule.every=1m',
    '--set',
    'labels.team=',
    '--set',
    'policy.retry.max=5',
  ]
  const { code, out } = await carillon(['--url', server.url, ...args])
  assert.deepEqual([code, out], [0, 'Changed ping: version 4\n'])
  const put = server.asked[1]
  assert.deepEqual([put?.method, put?.path, put?.headers['if-match']], ['PUT', `/v1/jobs/${JOB.id}`, '"3"'])
  const { name, description, target, callback } = JOB
  assert.deepEqual(put?.body, {
    name,
    description,
    labels: {},
    schedule: { every: '1m' },
    target,
    policy: { retry: { max: 5 } },
    callback,
  })
})

test('delete with -y asks nothing', async () => {
  await using server = await startStubServer(() => ({ status: 204 }))
  const { code } = await carillon(['--url', server.url, 'job', 'delete', 'a', 'b', '-y'])
  assert.equal(code, 0)
  assert.deepEqual(
    server.asked.map(({ method, path }) => `${method} ${path}`),
    ['DELETE /v1/jobs/a', 'DELETE /v1/jobs/b'],
  )
})

test('why: the sentence first, and the time as people say it', async () => {
  const explanation = {
    at: '2027-01-01T00:00:30.000Z',
    due: true,
    answer: 'It rang on time.',
    run: RUN,
    gap: null,
    previous: null,
    next: '2027-01-01T00:01:00.000Z',
    facts: [{ label: 'schedule', detail: 'every 30s' }],
  }
  await using server = await startStubServer(() => ({ json: explanation }))
  const { out } = await carillon(['--url', server.url, 'why', 'ping', '2027-01-01T01:00:30+01:00'])
  assert.match(out, /^It rang on time\.\n/)
  assert.match(out, /schedule +every 30s/)
  assert.equal(server.asked[0]?.query.get('at'), '2027-01-01T00:00:30.000Z')
})

test('what comes from elsewhere cannot speak to the terminal', async () => {
  const evil = 'a\u001b[31m\u009b2J\u202eb\r\nc'
  const job = { ...JOB, name: evil, description: evil, labels: { [evil]: evil } }
  await using server = await startStubServer(({ path }) => ({
    json: path.endsWith('s') ? { items: [job], nextCursor: null } : job,
  }))
  for (const words of [
    ['job', 'list'],
    ['job', 'get', 'x'],
    ['job', 'get', 'x', '-o', 'json'],
    ['job', 'get', 'x', '-o', 'yaml'],
  ]) {
    const { out } = await carillon(['--url', server.url, ...words])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: just these must not come through
    assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/, words.join(' '))
    assert.match(out, /b/)
  }
  const json = await carillon(['--url', server.url, 'job', 'get', 'x', '-o', 'json'])
  assert.equal((JSON.parse(json.out) as { name: string }).name, evil)
})

test('what an agent says of itself cannot speak to the terminal', async () => {
  const evil = 'a\u001b]52;c;ZWNobw==\u0007\u009b2Jb'
  const agent = {
    id: 'agt_1',
    name: 'db-1',
    labels: { zone: evil },
    projectIds: null,
    slots: 1,
    version: evil,
    hostname: evil,
    status: 'live',
    createdAt: '2027-01-01T00:00:00.000Z',
    seenAt: '2027-01-01T00:00:00.000Z',
  }
  const entry = {
    id: 'aud_1',
    at: '2027-01-01T00:00:00.000Z',
    actorName: evil,
    subject: evil,
    detail: { hostname: evil },
    link: 1,
  }
  await using server = await startStubServer(({ path }) => ({
    json: path.endsWith('/chain') ? { items: [entry] } : agent,
  }))
  for (const words of [
    ['agent', 'get', 'db-1'],
    ['audit', 'export'],
  ]) {
    const { out, err, code } = await carillon(['--url', server.url, ...words])
    assert.equal(code, 0, err)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: just these must not come through
    assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/, words.join(' '))
    assert.match(out, /52;c/)
  }
  const exported = await carillon(['--url', server.url, 'audit', 'export'])
  assert.deepEqual(JSON.parse(exported.out), entry)
})

test('a message, and one for workers of another system', async () => {
  await using server = await startStubServer(({ path }) => ({
    json: path === '/v1/jobs' ? CREATED : PREVIEW,
  }))
  const create = (...args: readonly string[]) =>
    carillon(['--url', server.url, 'job', 'create', 'm', '--every', '1m', ...args])
  const message = ['--exchange', 'billing', '--routing-key', 'day.close', '--header', 'team: web']
  await create(...message, '--body', '{"run":"{{run.id}}"}', '--finish', 'status', '--start-timeout', '5m')
  await create('--worker-protocol', 'simple-scheduler', '--heartbeat-timeout', '30s')
  const targets = server.asked
    .filter(({ path, method }) => path === '/v1/jobs' && method === 'POST')
    .map(({ body }) => (body as JobDraft).target)
  assert.deepEqual(targets, [
    {
      message: {
        exchange: 'billing',
        routingKey: 'day.close',
        headers: { team: 'web' },
        body: { run: '{{run.id}}' },
        finish: 'status',
        startTimeout: '5m',
      },
    },
    { message: { protocol: 'simple-scheduler' } },
  ])
  const both = await create('--queue', 'q', '--url', 'https://example.com/')
  assert.equal(both.code, 2)
})
