// Several chunks of one log on their way at the same time: what is acknowledged is there with all before it, in its order, and
// what came to nothing takes nothing along that was promised.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appendLog, type LogReceipt } from '../../src/commands/log/append-log.ts'
import { sealLog } from '../../src/commands/log/seal-log.ts'
import { FRAME_HEAD_BYTES } from '../../src/domain/log/log-frame.ts'
import { LogIndexWriter } from '../../src/domain/log/log-index.ts'
import { EMPTY_MARK, LOG_LIMITS, sealedKey, staysInChunks } from '../../src/domain/log/run-log.ts'
import type { BlobStore } from '../../src/ports/blob-store.ts'
import { rejectsWith } from '../contracts/world.ts'
import { frames, LogWorld, type Ref, refOf, type Said } from './log-world.ts'

const AHEAD = LOG_LIMITS.aheadMax
const some = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
}

/** Puts of chunks wait for their word, each by its number. */
class Gates {
  readonly #put: BlobStore['put']
  readonly #gates = new Map<number, PromiseWithResolvers<void>>()
  puts: number[] = []

  constructor({ house }: LogWorld) {
    const { blobs } = house.ctx
    this.#put = blobs.put.bind(blobs)
    blobs.put = async (key, content) => {
      if (key.endsWith('.log')) return this.#put(key, content)
      const sequence = Number(key.slice(-9))
      this.puts.push(sequence)
      await this.#gate(sequence).promise
      return this.#put(key, content)
    }
  }

  open(...sequences: readonly number[]): void {
    for (const sequence of sequences) this.#gate(sequence).resolve()
  }

  /** The next put of it waits anew. */
  fail(sequence: number): void {
    this.#gate(sequence).reject(new Error(`the disk refuses ${sequence}`))
    this.#gates.delete(sequence)
  }

  #gate(sequence: number): PromiseWithResolvers<void> {
    const gate = this.#gates.get(sequence) ?? Promise.withResolvers<void>()
    this.#gates.set(sequence, gate)
    return gate
  }
}

function early(log: LogWorld, ref: Ref, sequence: number, ...said: readonly Said[]): Promise<LogReceipt> {
  return appendLog(log.house.ctx, { ...ref, sequence, frames: frames(...said) }, 5_000)
}

/** The first `count`, begun one after the other without a wait; told of in `answered` as they are. */
function begin(log: LogWorld, ref: Ref, count: number) {
  const answered: number[] = []
  const all = Array.from({ length: count }, (_, n) => {
    const receipt = log.append(ref, n, ['stdout', `${n}\n`])
    receipt.then(
      () => answered.push(n),
      () => undefined,
    )
    return receipt
  })
  return { answered, all }
}

test('none is acknowledged before those it follows are on disk, and one step of the store takes many', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const gates = new Gates(log)
  const { logs } = log.house.store
  const advance = logs.advance.bind(logs)
  let steps = 0
  logs.advance = (...step) => {
    steps += 1
    return advance(...step)
  }
  const { answered, all } = begin(log, ref, 4)
  gates.open(1, 2, 3)
  await some()
  assert.deepEqual(gates.puts, [0, 1, 2, 3], 'all are under way')
  assert.deepEqual(answered, [])
  assert.equal(await logs.get(ref), null, 'nor does a reader see them')
  gates.open(0)
  assert.deepEqual(
    await Promise.all(all),
    [1, 2, 3, 4].map((next) => ({ next, dropped: 0 })),
  )
  assert.equal(steps, 1)
  assert.equal(await log.text(ref.runId), '0\n1\n2\n3\n')
  assert.deepEqual(await log.lines(ref.runId, { from: 3, limit: 2 }), ['3 stdout: 2', '4 stdout: 3'])
})

test('where one could not be written those before it count, those after it are not acknowledged, and all can come again', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const gates = new Gates(log)
  const { all } = begin(log, ref, 4)
  const ends = Promise.allSettled(all)
  gates.open(0, 2, 3)
  await some()
  gates.fail(1)
  const [first, second, third, fourth] = await ends
  assert.equal(first?.status, 'fulfilled')
  assert.match(String((second as PromiseRejectedResult).reason), /the disk refuses 1/)
  for (const later of [third, fourth]) {
    assert.equal(((later as PromiseRejectedResult).reason as { code: string }).code, 'log_gap')
  }
  assert.equal(await log.text(ref.runId), '0\n')
  gates.open(1)
  const again = begin(log, ref, 4)
  assert.equal((await Promise.all(again.all)).at(-1)?.next, 4)
  assert.equal(await log.text(ref.runId), '0\n1\n2\n3\n')
})

test('a server that dies between two leaves what it has acknowledged, and the next one takes the rest', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const gates = new Gates(log)
  gates.open(0)
  await log.append(ref, 0, ['stdout', '0\n'])
  // The second of two is on disk, the first never will be: its server is gone, and with it whatever it knew.
  void log.append(ref, 1, ['stdout', '1\n']).catch(() => undefined)
  void log.append(ref, 2, ['stdout', '2\n']).catch(() => undefined)
  gates.open(2)
  await some()
  const { blobs } = log.house.ctx
  const next = { ...log.house.ctx, blobs: openedAnew(blobs) }
  gates.open(1)
  const bring = (sequence: number) =>
    appendLog(next, { ...ref, sequence, frames: frames(['stdout', `${sequence}\n`]) })
  assert.deepEqual(await bring(0), { next: 1, dropped: 0 }, 'a repeat of what was acknowledged')
  await Promise.all([bring(1), bring(2), bring(3), gates.open(3)])
  assert.equal(await log.text(ref.runId), '0\n1\n2\n3\n')
})

/** Another opening of the same store, as far as who remembers lanes is concerned. */
function openedAnew(blobs: BlobStore): BlobStore {
  return new Proxy(blobs, {
    get: (target, name) => (Reflect.get(target, name) as () => unknown).bind(target),
  })
}

test('a repeat of one that is under way is that one', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const gates = new Gates(log)
  const { all } = begin(log, ref, 2)
  const twice = [log.append(ref, 1, ['stdout', '1\n']), log.append(ref, 0, ['stdout', '0\n'])]
  await some()
  gates.open(0, 1)
  await Promise.all([...all, ...twice])
  assert.deepEqual(gates.puts, [0, 1])
  assert.equal(await log.text(ref.runId), '0\n1\n')
})

test('one that overtook the one it follows is refused at once, unless it may wait', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  await rejectsWith('log_gap', log.append(ref, 1, ['stdout', '1\n']))
  const waiting = [early(log, ref, 2, ['stdout', '2\n']), early(log, ref, 1, ['stdout', '1\n'])]
  await some()
  assert.equal(await log.house.store.logs.get(ref), null)
  await log.append(ref, 0, ['stdout', '0\n'])
  assert.deepEqual(
    (await Promise.all(waiting)).map(({ next }) => next),
    [3, 2],
  )
  assert.equal(await log.text(ref.runId), '0\n1\n2\n')
})

test('it waits no longer than it may, nor for what is far away, nor with many others', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  await rejectsWith('log_gap', early(log, ref, AHEAD, ['stdout', 'far\n']))
  const waiting = Promise.allSettled(
    Array.from({ length: 3 * AHEAD }, () => early(log, ref, 1, ['stdout', '1\n'])),
  )
  await some()
  for (let waited = 0; waited <= LOG_LIMITS.holdMaxMs; waited += 100) {
    log.house.clock.advance(100)
    await some()
  }
  const reasons = (await waiting).map((end) => (end as PromiseRejectedResult).reason as { code: string })
  assert.deepEqual(new Set(reasons.map(({ code }) => code)), new Set(['log_gap']))
})

test('no more than so many of one log are written at the same time', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const gates = new Gates(log)
  const { all } = begin(log, ref, AHEAD + 1)
  await rejectsWith('log_gap', all[AHEAD]!)
  gates.open(...Array(AHEAD).keys())
  await Promise.all(all.slice(0, AHEAD))
  assert.equal((await log.house.store.logs.get(ref))?.chunks, AHEAD)
})

test('a quota that ends within what came together ends the log where it would have ended one by one', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const { store } = log.house
  const project = (await store.projects.get('prj_default'))!
  const room = frames(['stdout', '0\n']).length
  await store.projects.update({
    ...project,
    quotas: { logBytesPerDay: 2 * room },
    version: project.version + 1,
  })
  const gates = new Gates(log)
  const { all } = begin(log, ref, 5)
  gates.open(1, 2, 3, 4)
  await some()
  gates.open(0)
  assert.deepEqual(
    (await Promise.all(all)).map(({ dropped }) => dropped),
    [0, 0, 2, 4, 6],
  )
  assert.equal(await log.text(ref.runId), '0\n1\n')
  await sealLog(log.house.ctx, { ...ref, chunks: 5 })
  assert.equal(await log.text(ref.runId), '0\n1\n')
  assert.equal((await store.logs.get(ref))?.dropped, 6)
})

test('the end of a log and another fence come between as ever', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const gates = new Gates(log)
  gates.open(0)
  await log.append(ref, 0, ['stdout', '0\n'])
  const late = [1, 2].map((n) => log.append(ref, n, ['stdout', `${n}\n`]))
  const ends = Promise.allSettled(late)
  await rejectsWith('fence_stale', log.append({ ...ref, fence: ref.fence + 1 }, 1, ['stdout', 'x\n']))
  await log.house.store.logs.seal(ref, 1, { whole: false }, log.world.now)
  gates.open(1, 2)
  const codes = (await ends).map((end) => ((end as PromiseRejectedResult).reason as { code: string }).code)
  assert.deepEqual(codes, ['log_sealed', 'log_sealed'])
})

test('a large log is not copied when it is sealed, and reads as before', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const line = `${'x'.repeat(99)}\n`
  const text = line.repeat(10_000)
  const count = Math.ceil(LOG_LIMITS.mergedBytesMax / text.length)
  for (let n = 0; n < count; n += 1) await log.append(ref, n, ['stdout', text])
  const before = (await log.house.ctx.blobs.list(`logs/${ref.runId}/`, { limit: 99 })).map(({ key }) => key)
  await sealLog(log.house.ctx, { ...ref, chunks: count })
  const row = (await log.house.store.logs.get(ref))!
  assert.equal(staysInChunks(row), true)
  assert.equal(row.seal?.whole, true)
  const after = (await log.house.ctx.blobs.list(`logs/${ref.runId}/`, { limit: 99 })).map(({ key }) => key)
  assert.deepEqual(after, before)
  const whole = text.repeat(count)
  assert.equal((await log.text(ref.runId)) === whole, true)
  assert.equal(
    await log.text(ref.runId, { from: whole.length - 150, to: whole.length - 50 }),
    whole.slice(-150, -50),
  )
  const last = await log.lines(ref.runId, { from: 10_000 * count })
  assert.equal(last.at(-1), `${10_000 * count} stdout: ${line.trimEnd()}`)
})

test('a large log that an older server has made one blob of is read from that', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const { store, ctx } = log.house
  const said = frames(['stdout', 'from one blob\n'.repeat(30_000)])
  const mark = { chunks: 40, bytes: LOG_LIMITS.mergedBytesMax, textBytes: 420_000, lines: 30_000, dropped: 0 }
  await store.logs.advance(ref, EMPTY_MARK, mark, log.world.now)
  const index = new LogIndexWriter()
  index.at({ line: 0, text: 0, offset: 0 })
  index.at({ line: 30_000, text: 420_000, offset: said.length })
  const filler = frames(['stdout', new Uint8Array(mark.bytes - said.length - FRAME_HEAD_BYTES)])
  await ctx.blobs.put(sealedKey({ ...ref, ...mark }, true), [said, filler, index.bytes()])
  await store.logs.seal(ref, mark.chunks, { whole: true }, log.world.now)
  assert.equal(await log.text(ref.runId, { from: 0, to: 14 }), 'from one blob\n')
})

test('many small chunks are one blob afterwards', () => {
  const large = LOG_LIMITS.mergedBytesMax
  assert.equal(staysInChunks({ bytes: large, chunks: 10 }), true)
  assert.equal(staysInChunks({ bytes: large - 1, chunks: 10 }), false)
  assert.equal(staysInChunks({ bytes: large, chunks: large / LOG_LIMITS.stayingChunkBytes + 1 }), false)
})
