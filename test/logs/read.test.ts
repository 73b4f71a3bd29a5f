// A log is read alike while it is written and after it was sealed.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readLog, readLogText } from '../../src/commands/log/read-log.ts'
import { sealLog } from '../../src/commands/log/seal-log.ts'
import { sealedKey } from '../../src/domain/log/run-log.ts'
import { rejectsWith } from '../contracts/world.ts'
import { LogWorld, READER, type Ref, refOf, type Said } from './log-world.ts'

/** A log of 400 chunks of 25 lines, more than one stretch of an index; every tenth line is on stderr. */
async function written(log: LogWorld): Promise<Ref> {
  const ref = refOf(await log.world.running())
  for (let chunk = 0; chunk < 400; chunk += 1) {
    const said = Array.from({ length: 25 }, (_, n): Said => {
      const line = chunk * 25 + n + 1
      return [line % 10 === 0 ? 'stderr' : 'stdout', textOf(line)]
    })
    await log.append(ref, chunk, ...said)
  }
  return ref
}

const textOf = (line: number): string => `line ${line} ${'.'.repeat(line % 100)}\n`
const whole = Array.from({ length: 10_000 }, (_, n) => textOf(n + 1)).join('')
const shown = (line: number): string =>
  `${line} ${line % 10 === 0 ? 'stderr' : 'stdout'}: ${textOf(line).slice(0, -1)}`
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n)

for (const state of ['open', 'sealed'] as const) {
  describe(`a log that is ${state}`, () => {
    const ready = async (): Promise<LogWorld & { ref: Ref }> => {
      const log = await LogWorld.open()
      const ref = await written(log)
      if (state === 'sealed') await sealLog(log.house.ctx, { ...ref, chunks: 400 })
      return Object.assign(log, { ref })
    }

    test('the last lines come first', async () => {
      await using log = await ready()
      const { runId } = log.ref
      assert.deepEqual(await log.lines(runId, { limit: 60 }), range(9_941, 10_000).map(shown))
      assert.deepEqual(await log.lines(runId, { limit: 1 }), [shown(10_000)])
      assert.equal((await log.lines(runId, { limit: 20_000 })).length, 10_000)
    })

    test('any line is found by its number, and reading goes on where it ended', async () => {
      await using log = await ready()
      const { runId } = log.ref
      for (const from of [1, 25, 26, 4_999, 9_990]) {
        const page = await readLog(log.house.ctx, READER, runId, {}, { from, limit: 7 })
        assert.deepEqual(
          page.items.map(({ line }) => line),
          range(from, from + 6),
        )
        assert.equal(page.next, from + 7)
      }
      assert.deepEqual(await log.lines(runId, { from: 10_001 }), [])
      assert.deepEqual(await log.lines(runId, { from: 9_999, limit: 9 }), range(9_999, 10_000).map(shown))
    })

    test('one stream by itself', async () => {
      await using log = await ready()
      const { runId } = log.ref
      const streams = ['stderr'] as const
      assert.deepEqual(await log.lines(runId, { limit: 3, streams }), [9_980, 9_990, 10_000].map(shown))
      assert.deepEqual(await log.lines(runId, { from: 5, limit: 2, streams }), [10, 20].map(shown))
      assert.deepEqual(await log.lines(runId, { limit: 3, streams: ['system'] }), [])
      const expected = range(1, 10_000).filter((line) => line % 10 === 0)
      assert.equal(await log.text(runId, { streams }), expected.map(textOf).join(''))
    })

    test('all of it byte for byte, and any range of it', async () => {
      await using log = await ready()
      const { runId } = log.ref
      assert.equal(await log.text(runId), whole)
      for (const [from, to] of [
        [0, 10],
        [1, 2],
        [300_000, 300_100],
        [whole.length - 5, whole.length + 5],
        [7, 7],
      ]) {
        assert.equal(await log.text(runId, { from: from!, to: to! }), whole.slice(from, to))
      }
      assert.equal(await log.text(runId, { from: whole.length }), '')
    })
  })
}

test('a line without an end is shown as such', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  await log.append(ref, 0, ['stdout', 'done\nprompt: '], ['stderr', '\n'], ['stdout', 'yes\n'])
  assert.deepEqual(await log.lines(ref.runId), [
    '1 stdout: done',
    '2 stdout: prompt: …',
    '3 stderr: ',
    '4 stdout: yes',
  ])
  assert.equal(await log.text(ref.runId), 'done\nprompt: \nyes\n')
})

test('reading while it is sealed and its chunks go away', async () => {
  await using log = await LogWorld.open()
  const ref = await written(log)
  const readers = range(1, 20).map(async (n) => {
    const lines = await log.lines(ref.runId, { from: n * 400, limit: 5 })
    assert.deepEqual(lines, range(n * 400, n * 400 + 4).map(shown))
  })
  await Promise.all([sealLog(log.house.ctx, { ...ref, chunks: 400 }), ...readers])
})

for (const { title, query, expected } of [
  { title: 'all of it', query: {}, expected: whole },
  { title: 'a range', query: { from: 100, to: 400_000 }, expected: whole.slice(100, 400_000) },
  {
    title: 'one stream',
    query: { from: 50, streams: ['stderr'] as const },
    expected: range(1, 1_000)
      .map((n) => textOf(10 * n))
      .join('')
      .slice(50),
  },
]) {
  test(`text that was begun goes on where it was when the log is sealed meanwhile: ${title}`, async () => {
    await using log = await LogWorld.open()
    const ref = await written(log)
    const { content } = await readLogText(log.house.ctx, READER, ref.runId, {}, query)
    const parts: Uint8Array[] = []
    for await (const part of content) {
      parts.push(part)
      if (parts.length === 100) await sealLog(log.house.ctx, { ...ref, chunks: 400 })
    }
    assert.equal(Buffer.concat(parts).toString(), expected)
  })
}

test('text has the length that was told, whatever is written and sealed while it is read', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  await log.append(ref, 0, ['stdout', 'one\n'])
  const { bytes, content } = await readLogText(log.house.ctx, READER, ref.runId, {}, {})
  await log.append(ref, 1, ['stdout', 'two\n'])
  await sealLog(log.house.ctx, { ...ref, chunks: 2 })
  const parts: Uint8Array[] = []
  for await (const part of content) parts.push(part)
  assert.deepEqual([bytes, Buffer.concat(parts).toString()], [4, 'one\n'])
})

test('lost blobs of a log are our fault, not a log that is not found', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  await log.append(ref, 0, ['stdout', 'one\n'])
  await sealLog(log.house.ctx, { ...ref, chunks: 1 })
  await log.house.ctx.blobs.delete([sealedKey({ ...ref, chunks: 1 }, true)])
  await assert.rejects(readLogText(log.house.ctx, READER, ref.runId, {}, {}), /are not where they were/)
})

test('whoever may not see the run does not see its log', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  await log.append(ref, 0, ['stdout', 'secret\n'])
  const { ctx } = log.house
  const elsewhere = { ...READER, projectIds: ['prj_other'] }
  await rejectsWith('not_found', readLog(ctx, elsewhere, ref.runId, {}, { limit: 9 }))
  await rejectsWith(
    'forbidden',
    readLog(ctx, { ...READER, scopes: ['jobs:read'] }, ref.runId, {}, { limit: 9 }),
  )
  await rejectsWith('not_found', readLog(ctx, READER, ref.runId, { attempt: 2 }, { limit: 9 }))
})
