import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startStubServer } from '../sdk/stub-server.ts'
import { carillon } from './cli.ts'
import { AT, JOB, RUN } from './wire.ts'

const ENDS = [
  { status: 'succeeded', exit: 0 },
  { status: 'failed', exit: 5 },
  { status: 'cancelled', exit: 5 },
  { status: 'skipped', exit: 5 },
  { status: 'missed', exit: 5 },
  { status: 'unknown', exit: 5 },
] as const

for (const { status, exit } of ENDS) {
  test(`trigger --wait of a run that ends as ${status}: exit ${exit}`, async () => {
    const states = ['pending', 'running', status]
    await using server = await startStubServer(({ method }, count) => ({
      json: { ...RUN, status: method === 'POST' ? 'pending' : states[Math.min(count - 2, 2)] },
    }))
    const { code, out } = await carillon([
      '--url',
      server.url,
      'job',
      'trigger',
      'ping',
      '--wait',
      '-o',
      'json',
    ])
    assert.equal(code, exit)
    assert.equal((JSON.parse(out) as { status: string }).status, status)
  })
}

test('--follow tells each change on standard error', async () => {
  const states = ['pending', 'running', 'succeeded']
  await using server = await startStubServer(({ method }, count) => ({
    json: { ...RUN, status: method === 'POST' ? 'pending' : states[Math.min(count - 2, 2)] },
  }))
  const { code, out, err } = await carillon([
    '--url',
    server.url,
    'job',
    'trigger',
    'ping',
    '--follow',
    '--params',
    '{"a":1}',
  ])
  assert.equal(code, 0)
  assert.deepEqual(
    err
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/)[1]),
    states,
  )
  assert.match(out, /Status +succeeded \(answered 200\)/)
  assert.match(out, /Answer\npong/)
  assert.deepEqual(server.asked[0]?.body, { params: { a: 1 } })
})

test('a wait that lasts too long: exit 7, the run goes on', async () => {
  await using server = await startStubServer(() => ({ json: { ...RUN, status: 'running' } }))
  const { code, err } = await carillon(['--url', server.url, 'run', 'watch', RUN.id, '--timeout', '60ms'])
  assert.equal(code, 7)
  assert.match(err, /It goes on; only the wait has ended\.\nhint: Look again with: carillon run get run_/)
})

test('watch follows the events of a job, a line each', async () => {
  const data = { jobName: 'ping', status: 'succeeded', reason: null, attempts: 2, message: 'answered 200' }
  const event = { type: 'run.succeeded', at: AT, projectId: 'p', jobId: JOB.id, runId: RUN.id, data }
  await using server = await startStubServer(() => ({
    by: (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`id: 1\ndata: ${JSON.stringify(event)}\n\n`)
    },
  }))
  const watch = ['--url', server.url, 'run', 'watch', '--job', 'ping', '--timeout', '150ms']
  const human = await carillon(watch)
  assert.equal(human.code, 7)
  assert.equal(human.out, `00:00:30Z  succeeded   ping attempt 2  ${RUN.id}  answered 200\n`)
  assert.deepEqual(
    [server.asked[0]?.query.get('job'), server.asked[0]?.query.get('types')],
    ['ping', 'run.*,reset'],
  )
  const lines = await carillon([...watch, '-o', 'json'])
  assert.deepEqual(JSON.parse(lines.out), { id: '1', ...event })
})

test('list: words are lists, times are instants', async () => {
  await using server = await startStubServer(() => ({ json: { items: [RUN], nextCursor: null } }))
  const args = [
    'run',
    'list',
    '-j',
    'ping',
    '--status',
    'failed, missed',
    '--from',
    '2027-01-01T01:00:00+01:00',
  ]
  const { out } = await carillon(['--url', server.url, ...args])
  assert.equal(server.asked[0]?.query.get('job'), 'ping')
  assert.deepEqual(server.asked[0]?.query.getAll('status'), ['failed', 'missed'])
  assert.equal(server.asked[0]?.query.get('from'), '2027-01-01T00:00:00.000Z')
  assert.match(
    out,
    /run_01JGFJJZ00AZ5V9W7Q3K4M6N8P +ping +succeeded +2027-01-01 00:00:30Z +85ms +1 +manual, answered 200/,
  )
})

test('the secret of a new key is the only data', async () => {
  const key = { id: 'key_1', name: 'ci', scopes: ['jobs:write'], secret: 'crl_new' }
  await using server = await startStubServer(() => ({ json: key }))
  const { out, err } = await carillon([
    '--url',
    server.url,
    'key',
    'create',
    'ci',
    '-s',
    'jobs:write,runs:read',
    '-s',
    'jobs:read',
  ])
  assert.equal(out, 'crl_new\n')
  assert.match(err, /Nobody can show it again/)
  assert.deepEqual(server.asked[0]?.body, { name: 'ci', scopes: ['jobs:write', 'runs:read', 'jobs:read'] })
})

test('all dead callbacks are delivered again, once each', async () => {
  await using server = await startStubServer(({ method, path }) => ({
    json:
      method === 'GET'
        ? { items: [{ id: 'eff_1' }, { id: 'eff_2' }], nextCursor: null }
        : { id: path.split('/')[3], status: 'pending' },
  }))
  const { code, out } = await carillon(['--url', server.url, 'callback', 'redeliver', '--dead', '-y'])
  assert.deepEqual([code, out], [0, 'Callback eff_1 is pending\nCallback eff_2 is pending\n'])
  assert.equal(server.asked[0]?.query.get('status'), 'dead')
})
