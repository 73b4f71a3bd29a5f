// Commands and scripts from end to end: a real server with an agent inside, real processes, logs in a directory and on S3.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { type CarillonClient, createClient, type Job } from '../../src/sdk/index.ts'
import { carillon } from '../cli/cli.ts'
import { Folder } from '../support/folder.ts'
import { S3_CREDENTIALS, S3Process } from '../support/s3-process.ts'
import { ADMIN_KEY, ServerProcess } from '../support/server-process.ts'

const LINUX = { skip: process.platform === 'linux' ? false : 'the commands are those of Linux' }
const AGENT = ['--agent-slots', '4']

type Target = Job['target']
const job = (client: CarillonClient, name: string, target: Target) =>
  client.jobs.create({ name, schedule: {}, target, policy: { retry: { max: 0 } } })

async function bytesOf(client: CarillonClient, run: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of await client.logs.text(run)) parts.push(part)
  return Buffer.concat(parts)
}

test('a command: its log as it comes, its exit code as its own', LINUX, async () => {
  using folder = new Folder()
  await using server = await ServerProcess.start({ dataDir: folder.path, args: AGENT })
  const { client } = server
  await job(client, 'count', {
    command: { argv: ['bash', '-c', 'for i in 1 2 3; do echo line $i; echo err $i >&2; done; exit 17'] },
  })
  const env = { CARILLON_URL: server.url, CARILLON_API_KEY: ADMIN_KEY }
  const { code, out, err } = await carillon(['run', 'create', 'count', '--follow'], { env })
  assert.equal(code, 17)
  assert.equal(out, 'line 1\nline 2\nline 3\n')
  assert.match(err, /err 1\nerr 2\nerr 3\n/)
  assert.match(err, /failed.*ended with exit code 17/)
  const { items } = await client.runs.list({ job: 'count' })
  const { attempts } = await client.runs.get(items[0]!.id)
  assert.equal(attempts[0]?.process?.exitCode, 17)
  assert.equal(attempts[0]?.process?.outputBytes, 39)
  const page = await client.logs.read(items[0]!.id)
  assert.deepEqual([page.log?.status, page.log?.lines, page.log?.bytes], ['sealed', 6, 39])
})

test('a script is run as it was uploaded; one that is not there is told', LINUX, async () => {
  using folder = new Folder()
  await using server = await ServerProcess.start({ dataDir: folder.path, args: AGENT })
  const { client } = server
  const content = Buffer.from('import os, sys\nprint(sys.argv[1], os.environ["CARILLON_JOB_NAME"])\n')
  const { sha256 } = await client.scripts.upload(content, { interpreter: 'python3' })
  await job(client, 'hello', { script: { sha256, interpreter: 'python3', args: ['hello'] } })
  const run = await client.runs.wait((await client.jobs.trigger('hello')).id)
  assert.equal(run.status, 'succeeded', run.message ?? '')
  assert.equal((await bytesOf(client, run.id)).toString(), 'hello hello\n')
  await job(client, 'gone', { script: { sha256: '0'.repeat(64), interpreter: 'python3' } })
  const gone = await client.runs.wait((await client.jobs.trigger('gone')).id)
  assert.equal(gone.status, 'failed')
  assert.equal(gone.attempts[0]?.errorCode, 'script_unknown')
})

test('much output, byte for byte, in a bucket', LINUX, async () => {
  using folder = new Folder()
  await using s3 = await S3Process.start('logs')
  const blobs = `s3://logs/test?endpoint=${s3.endpoint}`
  const keys = {
    AWS_ACCESS_KEY_ID: S3_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: S3_CREDENTIALS.secretAccessKey,
  }
  const dataDir = folder.file('data')
  await using server = await ServerProcess.start({ dataDir, args: [...AGENT, '--blobs', blobs], env: keys })
  const client = createClient({ url: server.url, apiKey: ADMIN_KEY, timeoutMs: 60_000 })
  // The same bytes every time, of every value, without many line ends.
  const line = 'openssl enc -aes-128-ctr -nosalt -pass pass:seed -in /dev/zero 2>/dev/null | head -c 5000000'
  await job(client, 'much', { command: { shell: line } })
  const run = await client.runs.wait((await client.jobs.trigger('much')).id, { timeoutMs: 120_000 })
  assert.equal(run.status, 'succeeded', run.message ?? '')
  const bytes = await bytesOf(client, run.id)
  assert.equal(bytes.length, 5_000_000)
  const { stdout } = spawnSync('sh', ['-c', line], { maxBuffer: 30_000_000 })
  const hashOf = (data: Buffer): string => createHash('sha256').update(data).digest('hex')
  assert.equal(hashOf(bytes), hashOf(stdout))
})
