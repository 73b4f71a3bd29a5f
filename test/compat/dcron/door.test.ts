// What clients of dcron call, by a stock gRPC client, and what they are answered.

import assert from 'node:assert/strict'
import { connect, constants } from 'node:http2'
import { test } from 'node:test'
import { create, toBinary } from '@bufbuild/protobuf'
import { status } from '@grpc/grpc-js'
import { HTTP_SERVER_LIMITS } from '../../../src/doors/http/limits.ts'
import { GRPC_LIMITS } from '../../../src/doors/http2/grpc-listener.ts'
import { JobRequestSchema, JobStatusRequestSchema } from '../../../src/protocol/dcron.ts'
import { DOOR_KEY } from '../compat-house.ts'
import { openDcronHouse } from './dcron-house.ts'
import { type Called, DcronClient } from './grpc-client.ts'
import { rawCall } from './raw-call.ts'

// As the document has it: the script lies in the storage, the server hears its key, its time and its interpreter.
const TEST_PY = { time: '0 */5 * * * *', job_type: 'PYTHON', location: 'test.py', name: 'my_job', timeout: 0 }
const GET_JOB = '/dcron.Public/GetJob'
const DONE = { error_code: 0, error_message: '' }

function replyOf(called: Called): Record<string, unknown> {
  assert.ok(called.ok, called.ok ? '' : `${called.code} ${called.details}`)
  return called.reply
}

function refused(called: Called, code: number, words: RegExp): void {
  assert.ok(!called.ok, 'was answered')
  assert.deepEqual([called.code, words.test(called.details) ? words : called.details], [code, words])
}

test('NewJob, GetJob, DisableJob', async () => {
  await using door = await openDcronHouse()
  const { client, scripts } = door
  await scripts.put('test.py', Buffer.from('print("hello")\n'))
  assert.deepEqual(replyOf(await client.call('NewJob', TEST_PY)), { name: 'my_job', ...DONE })
  assert.deepEqual(replyOf(await client.call('GetJob', { name: 'my_job' })), {
    ...TEST_PY,
    error_code: 0,
    executions: [],
  })
  const { store } = door.compat.house
  const [job] = (await store.jobs.list({ q: 'my_job' }, { limit: 1 })).items
  assert.equal(new Date(job!.nextDueAt!).toISOString(), '2027-01-01T00:05:00.000Z')
  assert.equal(job!.spec.target.script?.interpreter, 'python3')
  assert.deepEqual(job!.spec.policy, {
    overlap: { mode: 'queue', max: 1 },
    timeout: '0s',
    retry: { delays: ['1s', '1s', '1s'], on: ['timeout'] },
  })
  assert.deepEqual(replyOf(await client.call('DisableJob', { name: 'my_job' })), DONE)
  refused(await client.call('GetJob', { name: 'my_job' }), status.NOT_FOUND, /no active job "my_job"/)
  refused(await client.call('DisableJob', { name: 'my_job' }), status.NOT_FOUND, /no active job/)
  assert.deepEqual(door.compat.house.faults, [])
})

test('a name that is there is replaced when asked to, and taken again after it was disabled', async () => {
  await using door = await openDcronHouse()
  const { client, scripts } = door
  await scripts.put('test.py', Buffer.from('print("hello")\n'))
  await scripts.put('1790000000_test.py', Buffer.from('print("hello again")\n'))
  replyOf(await client.call('NewJob', TEST_PY))
  refused(await client.call('NewJob', TEST_PY), status.ALREADY_EXISTS, /"my_job" is taken/)
  const url = '/v1/jobs/my_job?project=dcron'
  const { body: before } = await door.compat.house.ask<{ target: { script: object } }>('GET', url)
  const set = {
    description: 'mine',
    target: { script: { ...before.target.script, args: ['-v'] } },
    policy: { overlap: 'skip', keep: { days: 400 } },
  }
  assert.equal((await door.compat.house.ask('PATCH', url, { body: set })).status, 200)
  const changed = { ...TEST_PY, location: '1790000000_test.py', timeout: 90, time: '0 0 3 * * 2' }
  replyOf(await client.call('NewJob', { ...changed, update_if_exists: true }))
  assert.deepEqual(replyOf(await client.call('GetJob', { name: 'my_job' })), {
    ...changed,
    error_code: 0,
    executions: [],
  })
  replyOf(await client.call('DisableJob', { name: 'my_job' }))
  replyOf(await client.call('NewJob', { ...TEST_PY, job_type: 'RUBY' }))
  assert.equal(replyOf(await client.call('GetJob', { name: 'my_job' })).job_type, 'RUBY')
  const [job] = (await door.compat.house.store.jobs.list({ q: 'my_job' }, { limit: 1 })).items
  assert.deepEqual([job?.status, job?.version], ['active', 4])
  const { description, target, policy } = job!.spec
  assert.deepEqual([description, target.script?.args], ['mine', ['-v']])
  assert.deepEqual([policy.overlap, policy.keep, policy.timeout], ['skip', { days: 400 }, '0s'])
})

test('a job of another door is nobody’s here', async () => {
  await using door = await openDcronHouse()
  const { client, scripts } = door
  await scripts.put('test.py', Buffer.from('print(1)\n'))
  const target = { command: { argv: ['true'] } }
  const body = { name: 'theirs', project: 'dcron', schedule: {}, target }
  assert.equal((await door.compat.house.ask('POST', '/v1/jobs', { body })).status, 201)
  for (const [method, sent] of [
    ['GetJob', { name: 'theirs' }],
    ['DisableJob', { name: 'theirs' }],
  ] as const)
    refused(await client.call(method, sent), status.NOT_FOUND, /no active job/)
  const taking = { ...TEST_PY, name: 'theirs', update_if_exists: true }
  refused(await client.call('NewJob', taking), status.ALREADY_EXISTS, /taken/)
})

test('scripts: by their key in the storage, or uploaded here, by name or SHA-256', async () => {
  await using door = await openDcronHouse()
  const { client, compat } = door
  const { body } = await compat.house.ask<{ sha256: string }>(
    'POST',
    '/v1/scripts?project=dcron&name=up.rb',
    {
      raw: 'puts 1\n',
      headers: { 'content-type': 'application/octet-stream' },
    },
  )
  for (const [name, location] of [
    ['by_name', 'up.rb'],
    ['by_hash', body.sha256],
  ]) {
    replyOf(await client.call('NewJob', { ...TEST_PY, name, location, job_type: 'RUBY' }))
    const [job] = (await compat.house.store.jobs.list({ q: name! }, { limit: 1 })).items
    assert.deepEqual(job?.spec.target.script, { sha256: body.sha256, interpreter: 'ruby' })
  }
  for (const location of ['nowhere.py', '../../etc/passwd', '.hidden', 'a b', 'x'.repeat(255)]) {
    refused(
      await client.call('NewJob', { ...TEST_PY, location }),
      status.INVALID_ARGUMENT,
      /There is no script/,
    )
  }
  assert.deepEqual(compat.house.faults, [])
})

test('cron: as its program read it, and as any crontab', async () => {
  await using door = await openDcronHouse()
  const { client, scripts, compat } = door
  await scripts.put('test.py', Buffer.from('print(1)\n'))
  for (const [time, first] of [
    ['0 30 9 * * 2', '2027-01-04T09:30:00.000Z'], // Monday: days of the week count from 1 = Sunday
    ['0 0 0 13 * 6', '2027-08-13T00:00:00.000Z'], // Friday the 13th: a day fits both day fields
    ['*/5 * * * *', '2027-01-01T00:05:00.000Z'],
  ] as const) {
    replyOf(await client.call('NewJob', { ...TEST_PY, time, update_if_exists: true }))
    const [job] = (await compat.house.store.jobs.list({ q: 'my_job' }, { limit: 1 })).items
    assert.equal(new Date(job!.nextDueAt!).toISOString(), first)
    assert.equal(replyOf(await client.call('GetJob', { name: 'my_job' })).time, time)
  }
})

test('ExecuteJob: accepted once, rejected while it is under way', async () => {
  await using door = await openDcronHouse()
  const { client, scripts, compat } = door
  await scripts.put('test.py', Buffer.from('print(1)\n'))
  const sent = { job_type: 'PYTHON', location: 'test.py', name: 'now', timeout: 5 }
  assert.deepEqual(replyOf(await client.call('ExecuteJob', sent)), { status: 'ACCEPTED' })
  assert.deepEqual(replyOf(await client.call('ExecuteJob', sent)), { status: 'REJECTED' })
  const runs = await compat.house.store.runs.list({}, { limit: 5 })
  assert.deepEqual(
    runs.items.map(({ jobName, trigger, status }) => [jobName, trigger, status]),
    [['now', 'manual', 'pending']],
  )
  const atOnce = await Promise.all(
    Array.from({ length: 4 }, () => client.call('ExecuteJob', { ...sent, name: 'at once' })),
  )
  assert.deepEqual(atOnce.map((called) => replyOf(called)['status']).sort(), [
    'ACCEPTED',
    'REJECTED',
    'REJECTED',
    'REJECTED',
  ])
  const made = await compat.house.store.runs.list({ status: ['pending', 'running'] }, { limit: 5 })
  assert.deepEqual(made.items.map(({ jobName }) => jobName).sort(), ['at once', 'now'])
  refused(
    await client.call('ExecuteJob', { ...sent, location: 'other.py' }),
    status.ALREADY_EXISTS,
    /another script/,
  )
})

test('what makes no sense is refused as a status with a text, and nothing is stored', async () => {
  await using door = await openDcronHouse()
  const { client, scripts, compat } = door
  await scripts.put('test.py', Buffer.from('print(1)\n'))
  await scripts.put('empty.py', Buffer.from(''))
  await scripts.put('binary.py', Buffer.from('a\0b'))
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ time: '' }, /cron|empty/i],
    [{ time: '1234' }, /field/],
    [{ time: '61 * * * * *' }, /second/],
    [{ time: '0 0 0 * * 0' }, /day of week/],
    [{ time: '0 0 0 30 2 *' }, /never|no such day|30/i],
    [{ name: '' }, /name/],
    [{ name: 'a/b' }, /"\/"/],
    [{ name: 'x'.repeat(300) }, /200/],
    [{ job_type: 7 }, /PYTHON \(0\) or RUBY \(1\)/],
    [{ timeout: -1 }, /from 0 \(none\) to 86400 seconds/],
    [{ timeout: 2_147_483_647 }, /86400/],
    [{ location: '' }, /1 to 255/],
    [{ location: 'x'.repeat(300) }, /1 to 255/],
    [{ location: 'empty.py' }, /empty/],
    [{ location: 'binary.py' }, /zero byte/],
  ]
  for (const [part, words] of wrong) {
    refused(await client.call('NewJob', { ...TEST_PY, ...part }), status.INVALID_ARGUMENT, words)
  }
  assert.deepEqual((await compat.house.store.jobs.list({}, { limit: 1 })).items, [])
  assert.deepEqual(compat.house.faults, [])
})

test('behind a proxy wrong keys are counted by whom it names, and nobody else is believed', async () => {
  const guesses = async (proxies: readonly string[]): Promise<number[]> => {
    await using door = await openDcronHouse({ key: null, proxies, limits: { authFailuresPerMinute: 1 } })
    using wrong = new DcronClient(door.address, 'wrong-key-of-some-length')
    const codes: number[] = []
    for (const by of ['198.51.100.7', '198.51.100.7', '198.51.100.8']) {
      const called = await wrong.call('GetJob', { name: 'x' }, { 'x-forwarded-for': by })
      codes.push(called.ok ? 0 : called.code)
    }
    return codes
  }
  const { UNAUTHENTICATED: wrong, RESOURCE_EXHAUSTED: late } = status
  assert.deepEqual(await guesses(['::1']), [wrong, late, wrong])
  assert.deepEqual(await guesses([]), [wrong, late, late])
})

test('the audit says from where a call came', async () => {
  await using door = await openDcronHouse({ proxies: ['::1'] })
  await door.scripts.put('test.py', Buffer.from('print("hello")\n'))
  const called = await door.client.call('NewJob', TEST_PY, { 'x-forwarded-for': '198.51.100.7' })
  assert.ok(called.ok, JSON.stringify(called))
  const { items } = await door.compat.house.store.audit.list({ action: 'job.create' }, { limit: 1 })
  assert.equal(items[0]?.detail['address'], '198.51.100.7')
})

test('a key is needed, unless whoever runs it says otherwise; too many wrong ones are too many', async () => {
  await using door = await openDcronHouse({ key: null, limits: { authFailuresPerMinute: 5 } })
  refused(await door.client.call('GetJob', { name: 'x' }), status.UNAUTHENTICATED, /needs a key/)
  using wrong = new DcronClient(door.address, 'wrong-key-of-some-length')
  refused(await wrong.call('GetJob', { name: 'x' }), status.UNAUTHENTICATED, /not valid/)
  using reader = new DcronClient(
    door.address,
    await door.compat.house.key({ scopes: ['jobs:read', 'runs:read'] }),
  )
  refused(await reader.call('NewJob', TEST_PY), status.PERMISSION_DENIED, /jobs:write/)
  refused(await reader.call('GetJob', { name: 'x' }), status.NOT_FOUND, /no active job/)
  for (let n = 0; n < 4; n += 1) await wrong.call('GetJob', { name: 'x' })
  refused(await wrong.call('GetJob', { name: 'x' }), status.RESOURCE_EXHAUSTED, /5 requests in a minute/)

  await using open = await openDcronHouse({ key: null, anonymous: true })
  await open.scripts.put('test.py', Buffer.from('print(1)\n'))
  replyOf(await open.client.call('NewJob', TEST_PY))
  refused(await open.client.call('GetJob', { name: 'x' }), status.NOT_FOUND, /no active job/)
})

test('bounds: messages, metadata, rate, streams, and what is no gRPC', async () => {
  await using door = await openDcronHouse({ limits: { bodyBytesMax: 10_000, requestsPerMinute: 20 } })
  const { client, compat } = door
  const large = await client.call('GetJob', { name: 'x'.repeat(20_000) })
  refused(large, status.RESOURCE_EXHAUSTED, /10000/)

  using session = closing(connect(`http://${door.address}`))
  const long = { 'x-long': 'y'.repeat(17_000) }
  const early = (await rawCall(session.it, GET_JOB, Buffer.alloc(5), long)).headers
  assert.deepEqual(
    [early['grpc-status'], early['grpc-message']],
    [String(status.RESOURCE_EXHAUSTED), 'The metadata of a call has at most 16384 bytes.'],
  )
  // A client that has heard how much may come is not answered at all.
  const later = await rawCall(session.it, GET_JOB, Buffer.alloc(5), long)
  assert.equal(later.code, constants.NGHTTP2_ENHANCE_YOUR_CALM)
  assert.equal(session.it.remoteSettings.maxConcurrentStreams, GRPC_LIMITS.streamsMax)

  const garbage = await rawCall(session.it, GET_JOB, Buffer.from('0000000005ffffffffff', 'hex'))
  assert.equal(garbage.headers['grpc-status'], String(status.INVALID_ARGUMENT))
  const unknown = await rawCall(session.it, '/dcron.Public/Nothing', Buffer.alloc(5))
  assert.equal(unknown.headers['grpc-status'], String(status.UNIMPLEMENTED))
  const packed = await rawCall(session.it, GET_JOB, Buffer.from('0100000000', 'hex'), {
    'grpc-encoding': 'gzip',
  })
  assert.equal(packed.headers['grpc-status'], String(status.UNIMPLEMENTED))
  const page = await rawCall(session.it, GET_JOB, Buffer.from('<p>'), { 'content-type': 'text/html' })
  assert.equal(page.headers[constants.HTTP2_HEADER_STATUS], 415)

  for (let n = 0; n < 20; n += 1) await client.call('GetJob', { name: 'x' })
  refused(await client.call('GetJob', { name: 'x' }), status.RESOURCE_EXHAUSTED, /20 requests in a minute/)
  assert.deepEqual(compat.house.faults, [])
})

test('a message in pieces is one message; more, less and other than one is refused', async () => {
  await using door = await openDcronHouse()
  using session = closing(connect(`http://${door.address}`))
  const message = toBinary(JobStatusRequestSchema, create(JobStatusRequestSchema, { name: 'my_job' }))
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message])
  const pieces = await rawCall(
    session.it,
    GET_JOB,
    [...frame].map((byte) => Buffer.from([byte])),
  )
  assert.equal(pieces.headers['grpc-message'], 'There is no active job "my_job".')
  const { INVALID_ARGUMENT, UNIMPLEMENTED } = status
  const wrong = [
    [Buffer.alloc(0), UNIMPLEMENTED, /carries none/],
    [Buffer.concat([frame, frame]), UNIMPLEMENTED, /carries more/],
    [frame.subarray(0, 3), INVALID_ARGUMENT, /less than it announces/],
    [frame.subarray(0, -1), INVALID_ARGUMENT, /less than it announces/],
    [Buffer.concat([Buffer.from([7]), frame.subarray(1)]), INVALID_ARGUMENT, /something else/],
    [Buffer.from('000000000212ff', 'hex'), INVALID_ARGUMENT, /JobStatusRequest/],
  ] as const
  for (const [bytes, code, words] of wrong) {
    const { headers } = await rawCall(session.it, GET_JOB, bytes)
    assert.equal(headers['grpc-status'], String(code), String(words))
    assert.match(String(headers['grpc-message']), words)
  }
  const announced = await rawCall(session.it, GET_JOB, Buffer.from('00ffffffff00', 'hex'))
  assert.equal(announced.headers['grpc-status'], String(status.RESOURCE_EXHAUSTED))
  const json = Buffer.from('\0\0\0\0\x11{"name":"my_job"}', 'latin1')
  const type = { 'content-type': 'application/grpc+json' }
  const asJson = await rawCall(session.it, GET_JOB, json, type)
  assert.equal(asJson.headers['grpc-message'], 'There is no active job "my_job".')
  const noJson = await rawCall(session.it, GET_JOB, Buffer.from('\0\0\0\0\x01{', 'latin1'), type)
  assert.equal(noJson.headers['grpc-status'], String(INVALID_ARGUMENT))
  const asked = await rawCall(session.it, GET_JOB, [], { ':method': 'GET' })
  assert.deepEqual([asked.headers[':status'], asked.headers['allow']], [405, 'POST'])
  assert.deepEqual(door.compat.house.faults, [])
})

test('a caller that waits only so long hears that the time is up; the work goes on', async () => {
  const asked = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const beforeScript = (): Promise<void> => {
    asked.resolve()
    return goOn.promise
  }
  await using door = await openDcronHouse({ beforeScript })
  await door.scripts.put('test.py', Buffer.from('print(1)\n'))
  using session = closing(connect(`http://${door.address}`))
  const soon = await rawCall(session.it, GET_JOB, Buffer.alloc(5), { 'grpc-timeout': 'soon' })
  assert.match(String(soon.headers['grpc-message']), /eight digits/)
  const { name, time, location } = TEST_PY
  const message = toBinary(JobRequestSchema, create(JobRequestSchema, { name, time, location }))
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message])
  const call = rawCall(session.it, '/dcron.Public/NewJob', frame, { 'grpc-timeout': '1500m' })
  await asked.promise
  door.compat.house.clock.advance(1_500)
  assert.equal((await call).headers['grpc-status'], String(status.DEADLINE_EXCEEDED))
  goOn.resolve()
  while ((await door.compat.house.store.jobs.list({}, { limit: 1 })).items.length === 0) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  replyOf(await door.client.call('GetJob', { name }))
  assert.deepEqual(door.compat.house.faults, [])
})

test('a call whose message does not come is let go', async () => {
  await using door = await openDcronHouse()
  using session = closing(connect(`http://${door.address}`))
  const stream = session.it.request({
    ':method': 'POST',
    ':path': GET_JOB,
    'content-type': 'application/grpc',
    'x-api-key': DOOR_KEY,
  })
  stream.on('error', () => {})
  stream.write(Buffer.from('00000000ff', 'hex'))
  // One that comes after it has been answered: so it has arrived.
  await rawCall(session.it, GET_JOB, Buffer.alloc(5))
  door.compat.house.clock.advance(HTTP_SERVER_LIMITS.requestTimeoutMs)
  await new Promise((resolve) => stream.once('close', resolve))
  assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL)
})

test('a stop finishes what is under way, then takes nothing more', async () => {
  const asked = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const beforeScript = (): Promise<void> => {
    asked.resolve()
    return goOn.promise
  }
  await using door = await openDcronHouse({ beforeScript })
  await door.scripts.put('test.py', Buffer.from('print(1)\n'))
  const underWay = door.client.call('NewJob', TEST_PY)
  await asked.promise
  const stopped = door.listener[Symbol.asyncDispose]()
  goOn.resolve()
  replyOf(await underWay)
  await stopped
  const session = connect(`http://${door.address}`)
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => session.once('error', resolve))
  assert.equal(error.code, 'ECONNREFUSED')
})

test('on the main listener the same calls as JSON', async () => {
  await using door = await openDcronHouse()
  const { compat, scripts } = door
  await scripts.put('test.py', Buffer.from('print(1)\n'))
  const sent = { time: '0 */5 * * * *', jobType: 'PYTHON', location: 'test.py', name: 'my_job' }
  const made = await compat.askMain('POST', '/dcron.Public/NewJob', { body: sent })
  assert.deepEqual([made.status, made.json], [200, { name: 'my_job' }])
  const got = await compat.askMain('POST', '/dcron.Public/GetJob', { body: { name: 'my_job' } })
  assert.deepEqual([got.status, got.json], [200, { location: 'test.py', name: 'my_job', time: sent.time }])
  const again = await compat.askMain('POST', '/dcron.Public/NewJob', { body: sent })
  assert.deepEqual([again.status, (again.json as { code: string }).code], [409, 'already_exists'])
  for (const body of [{ name: 7 }, { name: 'x', jobType: 'PERL' }, { name: 'x', timeout: 1e12 }, []]) {
    const wrong = await compat.askMain('POST', '/dcron.Public/NewJob', { body })
    assert.deepEqual(
      [wrong.status, (wrong.json as { code: string }).code],
      [400, 'invalid_argument'],
      wrong.text,
    )
  }
  const nobody = await compat.askMain('POST', '/dcron.Public/GetJob', { body: { name: 'x' }, key: null })
  assert.deepEqual([nobody.status, (nobody.json as { code: string }).code], [401, 'unauthenticated'])
  assert.deepEqual(compat.house.faults, [])
})

function closing<T extends { close(): void }>(it: T): { it: T } & Disposable {
  return { it, [Symbol.dispose]: () => it.close() }
}
