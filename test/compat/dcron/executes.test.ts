// Scripts of dcron's clients from an S3 storage, executed by two workers of a real server.

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { after, before, test } from 'node:test'
import { openS3BlobStore } from '../../../src/adapters/s3/s3-blob-store.ts'
import { systemClock } from '../../../src/adapters/system/system-clock.ts'
import type { BlobStore } from '../../../src/ports/blob-store.ts'
import { AgentProcess } from '../../support/agent-process.ts'
import { anyFetch } from '../../support/any-fetch.ts'
import { ensurePackage } from '../../support/debian-package.ts'
import { Folder } from '../../support/folder.ts'
import { S3_CREDENTIALS, S3Process } from '../../support/s3-process.ts'
import { ServerProcess } from '../../support/server-process.ts'
import { until } from '../../support/until.ts'
import { DcronClient, PROTO } from './grpc-client.ts'

const BUCKET = 'rust-s3'
/** Its stock client knows no other. */
const ADDRESS = '[::1]:50051'
const WITHIN_MS = 30_000
const EVERY_SECOND = '* * * * * *'

type Execution = { executed_at: number; log: string; exit_code: number; status: string }

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0

const stack = new AsyncDisposableStack()
after(() => stack.disposeAsync())
let server: ServerProcess
let scripts: BlobStore
let client: DcronClient

before(async () => {
  assert.ok(
    ensurePackage('python3', () => has('python3')),
    'python3 is not here and cannot be installed',
  )
  const folder = stack.use(new Folder())
  const s3 = stack.use(await S3Process.start(BUCKET))
  const place = { endpoint: s3.endpoint, region: 'us-east-1', bucket: BUCKET, prefix: '' }
  scripts = openS3BlobStore(place, S3_CREDENTIALS, systemClock, anyFetch)
  const { accessKeyId, secretAccessKey } = S3_CREDENTIALS
  // As its own program was told where the storage is.
  const config = folder.file('app.toml')
  const minio = { username: accessKeyId, password: secretAccessKey, host: s3.endpoint }
  const lines = Object.entries(minio).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  writeFileSync(config, ['[minio]', ...lines, ''].join('\n'), { mode: 0o600 })
  server = stack.use(
    await ServerProcess.start({
      dataDir: folder.file('data'),
      args: ['--doors-dcron-listen', ADDRESS, '--doors-dcron-anonymous', 'true'],
      env: { DCRON_CONFIG: config },
    }),
  )
  for (const name of ['one', 'two']) {
    const { secret: token } = await server.client.agents.createToken()
    stack.use(await AgentProcess.start({ server: server.url, token, name, dataDir: folder.file(name) }))
  }
  client = stack.use(new DcronClient(ADDRESS, null))
})

async function put(key: string, lines: readonly string[]): Promise<void> {
  await scripts.put(key, Buffer.from(`${lines.join('\n')}\n`))
}

async function ok(method: string, sent: object): Promise<Record<string, unknown>> {
  const called = await client.call(method, sent)
  assert.ok(called.ok, called.ok ? '' : called.details)
  return called.reply
}

async function executions(name: string): Promise<Execution[]> {
  return (await ok('GetJob', { name })).executions as Execution[]
}

test('on time, with its log and exit code; what fails is not tried again', async () => {
  await put('hello.py', ['import sys', 'print("hello")', 'print("to you", file=sys.stderr)'])
  await put('fails.py', ['import sys', 'print("no")', 'sys.exit(3)'])
  const job = { time: EVERY_SECOND, job_type: 'PYTHON', timeout: 30 }
  await ok('NewJob', { ...job, name: 'hello', location: 'hello.py' })
  await ok('NewJob', { ...job, name: 'fails', location: 'fails.py' })
  const ended = (all: Execution[]): Execution[] => all.filter(({ status }) => status !== 'RUNNING')
  const hello = await until('hello was executed twice', WITHIN_MS, async () => {
    const found = ended(await executions('hello'))
    return found.length >= 2 ? found : undefined
  })
  for (const { log, exit_code, status } of hello) {
    assert.deepEqual([exit_code, status], [0, 'SUCCEEDED'])
    assert.deepEqual(new Set(log.split('\n')), new Set(['hello', 'to you', '']))
  }
  // Append-only: what was there stays, in its place.
  const later = await executions('hello')
  assert.deepEqual(later.slice(0, hello.length), hello)
  assert.ok(Math.abs(hello[0]!.executed_at - Date.now() / 1_000) < 60)
  const fails = await until('it has failed twice', WITHIN_MS, async () => {
    const found = ended(await executions('fails'))
    return found.length >= 2 ? found : undefined
  })
  for (const one of fails) assert.deepEqual([one.log, one.exit_code, one.status], ['no\n', 3, 'FAILED'])
  const runs = await server.client.runs.list({ job: 'fails', project: 'dcron', status: ['failed'] })
  for (const { id } of runs.items) assert.equal((await server.client.runs.get(id)).attempts.length, 1)
  for (const name of ['hello', 'fails']) await ok('DisableJob', { name })
})

test('what takes too long is ended and tried again on the other worker; each try stays', async () => {
  await put('slow.py', ['import time', 'print("begun", flush=True)', 'time.sleep(60)'])
  const sent = { job_type: 'PYTHON', location: 'slow.py', name: 'slow', timeout: 3 }
  assert.deepEqual(await ok('ExecuteJob', sent), { status: 'ACCEPTED' })
  const tries = await until('all tries have ended', WITHIN_MS, async () => {
    const found = await executions('slow')
    return found.length === 4 && found.every(({ status }) => status === 'TIMEOUT') ? found : undefined
  })
  for (const { log, exit_code } of tries) assert.deepEqual([log, exit_code], ['begun\n', -1])
  const [run] = (await server.client.runs.list({ job: 'slow', project: 'dcron' })).items
  const { attempts } = await server.client.runs.get(run!.id)
  const agents = attempts.map(({ agent }) => agent)
  assert.deepEqual(new Set(agents), new Set(['one', 'two']))
  for (let n = 1; n < agents.length; n += 1) assert.notEqual(agents[n], agents[n - 1], agents.join(', '))
})

test('an execution that takes longer than the distance: the next one waits for it', async () => {
  await put('long.py', ['import time', 'time.sleep(2.3)'])
  const job = { time: EVERY_SECOND, job_type: 'PYTHON', timeout: 0, name: 'long', location: 'long.py' }
  await ok('NewJob', job)
  await until('three were executed', WITHIN_MS, async () =>
    (await executions('long')).filter(({ status }) => status === 'SUCCEEDED').length >= 3 ? true : undefined,
  )
  await ok('DisableJob', { name: 'long' })
  const { items } = await server.client.runs.list({ job: 'long', project: 'dcron', status: ['succeeded'] })
  const times = items.map(
    ({ startedAt, finishedAt }) => [Date.parse(startedAt!), Date.parse(finishedAt!)] as const,
  )
  times.sort(([one], [other]) => one - other)
  for (let n = 1; n < times.length; n += 1) {
    const [begun] = times[n]!
    const [, over] = times[n - 1]!
    assert.ok(begun >= over, `${begun} before ${over}`)
    // And it goes out at once then: it did not wait for another instant.
    assert.ok(begun - over < 1_000, `${begun - over} ms later`)
  }
})

const RUBY = ensurePackage('ruby', () => has('ruby'))
test('ruby', { skip: RUBY ? false : 'there is no ruby here, and it cannot be installed' }, async () => {
  await put('hello.rb', ['puts "hello from ruby"'])
  await ok('ExecuteJob', { job_type: 'RUBY', location: 'hello.rb', name: 'rubin', timeout: 20 })
  const [one] = await until('it was executed', WITHIN_MS, async () => {
    const found = await executions('rubin')
    return found[0]?.status === 'SUCCEEDED' ? found : undefined
  })
  assert.equal(one?.log, 'hello from ruby\n')
})

test('by grpcurl', {
  skip: has('grpcurl') ? false : 'there is no grpcurl here, and Debian has no package of it',
}, () => {
  const args = ['-plaintext', '-import-path', dirname(PROTO), '-proto', PROTO.split('/').at(-1)!]
  const said = execFileSync('grpcurl', [...args, '-d', '{"name":"slow"}', ADDRESS, 'dcron.Public/GetJob'], {
    encoding: 'utf8',
  })
  assert.equal((JSON.parse(said) as { name: string }).name, 'slow')
})
