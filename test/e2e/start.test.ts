// How a server starts when something is in the way, and how it ends when it is asked to.

import assert from 'node:assert/strict'
import { chmodSync, closeSync, mkdirSync, openSync, truncateSync, writeSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { Folder } from '../support/folder.ts'
import { type Ended, type ServerOptions, ServerProcess } from '../support/server-process.ts'
import { SinkProcess } from '../support/sink-process.ts'
import { readStored } from '../support/stored.ts'
import { until } from '../support/until.ts'

/** By itself, not after a timeout of ours; a busy machine takes its time. */
const QUICK_MS = 20_000
/** sysexits.h: EX_CONFIG. */
const CONFIGURATION = 78

/** A start that is refused: it ends by itself, soon, in words and without a stack. */
async function refused(options: ServerOptions): Promise<Ended> {
  const begun = performance.now()
  await using server = new ServerProcess(options)
  const late = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`it did not end: ${server.log}`)), QUICK_MS * 2)
    void server.ended.then(() => clearTimeout(timer))
  })
  const ended = await Promise.race([server.ended, late])
  assert.ok(performance.now() - begun < QUICK_MS, 'it took its time')
  assert.notEqual(ended.code, 0)
  assert.doesNotMatch(ended.log, /\n\s+at |"msg":"ready"/)
  return ended
}

test('a second server on the same data directory is refused and names the first, which goes on', async () => {
  using folder = new Folder()
  const dataDir = folder.file('data')
  await using first = await ServerProcess.start({ dataDir })
  const { code, log } = await refused({ dataDir })
  assert.equal(code, 1)
  assert.match(log, new RegExp(`data directory .* is in use by process ${first.pid}\\b`))
  assert.deepEqual((await first.client.jobs.list()).items, [])
})

test('after a kill -9 the data directory is free at once', async () => {
  using folder = new Folder()
  const dataDir = folder.file('data')
  const first = await ServerProcess.start({ dataDir })
  await first.kill()
  await using second = await ServerProcess.start({ dataDir })
  assert.equal((await second.client.health.ready()).status, 'ok')
})

test('a port in use is named, with another to try', async () => {
  using folder = new Folder()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = other.address() as AddressInfo
    const { code, log } = await refused({ dataDir: folder.file('data'), listen: `127.0.0.1:${port}` })
    assert.equal(code, 1)
    assert.match(log, new RegExp(`127\\.0\\.0\\.1:${port} is in use by another program`))
  } finally {
    other.close()
  }
})

test('a data directory that may not be written is named', async () => {
  using folder = new Folder()
  const closed = folder.file('closed')
  mkdirSync(closed)
  chmodSync(closed, 0o555)
  chmodSync(folder.path, 0o755)
  const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {}
  const { code, log } = await refused({ dataDir: `${closed}/data`, ...nobody })
  assert.equal(code, CONFIGURATION)
  assert.match(log, /The data directory .*closed\/data cannot be written by this user/)
})

const damages: readonly [string, (file: string) => void][] = [
  ['overwritten', (file) => overwrite(file, 4_096, 40_000)],
  ['its beginning overwritten', (file) => overwrite(file, 0, 100)],
  ['cut off', (file) => truncateSync(file, 20_000)],
  ['emptied', (file) => truncateSync(file, 0)],
]

function overwrite(file: string, from: number, bytes: number): void {
  const opened = openSync(file, 'r+')
  writeSync(opened, Buffer.alloc(bytes, 0xa5), 0, bytes, from)
  closeSync(opened)
}

test('a database that is damaged is refused with what to do, and is left as it is', async () => {
  for (const [name, damage] of damages) {
    using folder = new Folder()
    const dataDir = folder.file('data')
    const before = await ServerProcess.start({ dataDir })
    for (let n = 0; n < 20; n += 1) {
      const target = { http: { url: 'http://127.0.0.1:1/' } }
      await before.client.jobs.create({ name: `job-${n}`, schedule: { every: '1h' }, target })
    }
    assert.equal((await before.stop()).code, 0)
    damage(`${dataDir}/carillon.db`)
    const { code, log } = await refused({ dataDir })
    assert.equal(code, 1, name)
    assert.match(log, /the database .*carillon\.db is damaged|carillon\.db/, name)
    assert.match(log, /backup/, name)
  }
})

test('SIGTERM: what is under way may end, is written down, and the server ends with 0', async () => {
  using folder = new Folder()
  await using sink = await SinkProcess.start(folder.file('sink.jsonl'))
  const dataDir = folder.file('data')
  await using server = await ServerProcess.start({ dataDir })
  const target = { http: { url: `${sink.url}/slow/1500` } }
  await server.client.jobs.create({ name: 'slow', schedule: {}, target })
  const { id } = await server.client.jobs.trigger('slow')
  await until('the call has arrived', QUICK_MS, () => sink.rung().length === 1)
  const { code, signal, log } = await server.stop()
  assert.deepEqual([code, signal], [0, null], log)
  const { jobs, attempts } = await readStored(dataDir)
  assert.deepEqual(
    jobs.get('slow')!.runs.map(({ status }) => status),
    ['succeeded'],
  )
  assert.deepEqual(
    attempts.get(id)!.map(({ outcome }) => outcome),
    ['ok'],
  )
  assert.equal(sink.rung().length, 1)
})

test('SIGTERM: a call that takes longer than the drain timeout is given back as lost and rung again', async () => {
  using folder = new Folder()
  await using sink = await SinkProcess.start(folder.file('sink.jsonl'))
  const dataDir = folder.file('data')
  const args = ['--drain-timeout', '300ms']
  await using server = await ServerProcess.start({ dataDir, args })
  const target = { http: { url: `${sink.url}/slow/1500` } }
  await server.client.jobs.create({ name: 'slow', schedule: {}, target })
  const { id } = await server.client.jobs.trigger('slow')
  await until('the call has arrived', QUICK_MS, () => sink.rung().length === 1)
  const begun = performance.now()
  const { code, log } = await server.stop()
  assert.equal(code, 0, log)
  assert.ok(performance.now() - begun < 1_400, 'it waited longer than its drain timeout')
  const between = await readStored(dataDir)
  assert.deepEqual(
    between.jobs.get('slow')!.runs.map(({ status }) => status),
    ['pending'],
  )
  assert.deepEqual(
    between.attempts.get(id)!.map(({ outcome }) => outcome),
    ['lost'],
  )

  await using again = await ServerProcess.start({ dataDir })
  const run = await again.client.runs.wait(id, { timeoutMs: 10_000 })
  assert.equal(run.status, 'succeeded')
  assert.deepEqual(
    run.attempts.map(({ cause, outcome }) => `${cause} ${outcome}`),
    ['first lost', 'node_lost ok'],
  )
  assert.deepEqual(
    sink.rung().map(({ attempt }) => attempt),
    [1, 2],
  )
})

test('SIGTERM right after the start, and twice: it ends', async () => {
  using folder = new Folder()
  await using server = new ServerProcess({ dataDir: folder.file('data') })
  await server.ready()
  server.child.kill('SIGTERM')
  const { code, signal } = await server.stop()
  assert.ok(code === 0 || signal === 'SIGTERM')
})
