// The disk is full: the server says so and lives on, loses nothing it acknowledged, and goes on when there is space.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CarillonError } from '../../src/sdk/index.ts'
import { everyFrom } from '../support/due-by-hand.ts'
import { Folder } from '../support/folder.ts'
import { checkLedger } from '../support/ledger-check.ts'
import { ServerProcess } from '../support/server-process.ts'
import { SinkProcess } from '../support/sink-process.ts'
import { readStored } from '../support/stored.ts'
import { until } from '../support/until.ts'
import { smallDisk } from './small-disk.ts'

/** Creates jobs until the server takes no more. Returns the names it acknowledged, and its refusal. */
async function fill(server: ServerProcess): Promise<{ acknowledged: string[]; refusal: CarillonError }> {
  const acknowledged: string[] = []
  // Large ones first, then small ones, so that the disk is full to the last page.
  for (const bytes of [200_000, 10_000, 100]) {
    for (let n = 0; ; n += 1) {
      const name = `filler-${bytes}-${n}`
      const target = { http: { url: 'http://127.0.0.1:1/', body: 'x'.repeat(bytes) } }
      const refusal = await server.client.jobs.create({ name, schedule: {}, target }).then(
        () => null,
        (error: unknown) => error,
      )
      if (refusal === null) acknowledged.push(name)
      else if (!(refusal instanceof CarillonError)) throw refusal
      else if (bytes === 100) return { acknowledged, refusal }
      else break
    }
  }
  throw new Error('unreachable')
}

test('full: refused in words, alive, nothing acknowledged is lost, and it goes on when there is space', async () => {
  using folder = new Folder()
  using disk = smallDisk(folder.path)
  await using sink = await SinkProcess.start(folder.file('sink.jsonl'))
  await using server = await ServerProcess.start({ dataDir: disk.dataDir, ...disk.options })
  const { client } = server
  await client.jobs.create({
    name: 'pulse',
    schedule: { every: '1s' },
    target: { http: { url: `${sink.url}/ok` } },
    policy: { catchUp: 'all', overlap: 'allow' },
  })
  await until('it rings', 10_000, () => sink.rung().length > 0)
  const { acknowledged, refusal } = await fill(server)
  assert.ok(acknowledged.length > 3)
  assert.ok(refusal.status === 503 || refusal.status === 507, `${refusal.status}`)
  assert.match(refusal.code, /^storage_(?:full|unavailable)$/)
  assert.doesNotMatch(refusal.detail, /SQLITE|INSERT|\.ts/)
  assert.equal((await client.health.live()).status, 'ok')
  await until(
    'it says that it is not ready',
    10_000,
    async () => (await client.health.ready()).status !== 'ok',
  )
  const first = await client.jobs.get(acknowledged[0]!)
  assert.equal(first.name, acknowledged[0], 'it can still be read')

  disk.giveSpace(server.pid)
  await until('it is ready', 20_000, async () => (await client.health.ready()).status === 'ok')
  await client.jobs.create({ name: 'after', schedule: {}, target: { http: { url: sink.url } } })
  const rings = sink.rung().length
  await until('it rings again', 20_000, () => sink.rung().length > rings + 1)
  const { code, log } = await server.stop()
  assert.equal(code, 0, log)

  const { damage, jobs, attempts } = await readStored(disk.dataDir)
  assert.deepEqual(damage, [])
  assert.deepEqual(
    [...acknowledged, 'after'].filter((name) => !jobs.has(name)),
    [],
  )
  const { job, ...ledger } = jobs.get('pulse')!
  assert.deepEqual(
    checkLedger(everyFrom(job.createdAt, 1_000, job.createdAt, job.plannedThrough), ledger),
    [],
  )
  const rung = sink.rung().map(({ runId, attempt }) => `${runId} ${attempt}`)
  assert.equal(new Set(rung).size, rung.length, 'an attempt rang twice')
  for (const { runId, attempt } of sink.rung()) {
    assert.ok(
      attempts.get(runId)?.some(({ number }) => number === attempt),
      'a ring without an entry',
    )
  }
})

test('full, and asked to stop: it ends, and starts again where it was once there is space', async () => {
  using folder = new Folder()
  using disk = smallDisk(folder.path)
  await using sink = await SinkProcess.start(folder.file('sink.jsonl'))
  const args = ['--drain-timeout', '1s']
  await using server = await ServerProcess.start({ dataDir: disk.dataDir, args, ...disk.options })
  const { client } = server
  await client.jobs.create({ name: 'slow', schedule: {}, target: { http: { url: `${sink.url}/slow/3000` } } })
  await client.jobs.trigger('slow')
  await until('the call has arrived', 5_000, () => sink.rung().length === 1)
  const { acknowledged } = await fill(server)
  disk.takeSpace(server.pid)
  // Each look writes a little, into the last room the files have of their own.
  await until('nothing fits any more', 2_000, async () => (await client.health.ready()).status !== 'ok')
  assert.equal(sink.rung().length, 1)
  const begun = performance.now()
  const { signal, log } = await server.stop()
  assert.equal(signal, null)
  assert.match(log, /storage|disk/)
  assert.ok(performance.now() - begun < 5_000, `it did not end in time: ${log}`)

  disk.giveSpace(null)
  await using again = await ServerProcess.start({ dataDir: disk.dataDir })
  for (const name of acknowledged) assert.equal((await again.client.jobs.get(name)).name, name)
  const [run] = (await again.client.runs.list({ job: 'slow' })).items
  const ended = await again.client.runs.wait(run!.id, { timeoutMs: 15_000 })
  assert.equal(ended.status, 'succeeded')
})
