// From what a process writes to chunks: nothing lost, nothing twice, never more waiting than there may be.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LOG_WRITER_LIMITS, type LogTransport, LogWriter } from '../../src/dispatch/log/log-writer.ts'
import { type LOG_STREAMS, linesOf, readFrames } from '../../src/domain/log/log-frame.ts'
import { LOG_LIMITS } from '../../src/domain/log/run-log.ts'
import { HandClock } from '../support/hand-clock.ts'

class Kept implements LogTransport {
  readonly ahead: number
  readonly chunks: Uint8Array[] = []
  sealed: number | null = null
  broken = false
  #gate: PromiseWithResolvers<void> | null = null

  constructor(ahead = 1) {
    this.ahead = ahead
  }

  async append(sequence: number, frames: Uint8Array): Promise<void> {
    if (this.broken) throw new Error('away for good')
    assert.equal(sequence, this.chunks.length)
    assert.ok(frames.length <= LOG_LIMITS.chunkBytesMax)
    this.chunks.push(frames)
    await this.#gate?.promise
  }

  async seal(chunks: number): Promise<void> {
    this.sealed = chunks
  }

  hold(): void {
    this.#gate = Promise.withResolvers()
  }

  release(): void {
    this.#gate?.resolve()
    this.#gate = null
  }

  text(stream: (typeof LOG_STREAMS)[number] = 'stdout'): string {
    const bytes = this.chunks.flatMap((chunk) =>
      [...readFrames(chunk)].filter((frame) => frame.stream === stream),
    )
    return Buffer.concat(bytes.map((frame) => frame.bytes)).toString('latin1')
  }

  lines(): string[] {
    return this.chunks.flatMap((chunk) =>
      [...readFrames(chunk)].flatMap((frame) =>
        [...linesOf(frame)].map(
          ({ stream, bytes, open }) => `${stream[3]} ${Buffer.from(bytes)}${open ? '…' : ''}`,
        ),
      ),
    )
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const begin = (ahead = 1): { clock: HandClock; kept: Kept; log: LogWriter; errors: unknown[] } => {
  const clock = new HandClock(Date.UTC(2027, 0, 1))
  const kept = new Kept(ahead)
  const errors: unknown[] = []
  return { clock, kept, errors, log: new LogWriter(clock, kept, (error) => errors.push(error)) }
}

test('a line leaves whole, with others of its moment, soon after it was written', async () => {
  const { clock, kept, log } = begin()
  log.write('stdout', Buffer.from('one\ntwo\nthr'))
  log.write('stderr', Buffer.from('err\n'))
  log.write('stdout', Buffer.from('ee\n'))
  assert.equal(kept.chunks.length, 0)
  await clock.advance(LOG_WRITER_LIMITS.lingerFirstMs, settled)
  assert.deepEqual(kept.lines(), ['o one', 'o two', 'e err', 'o three'])
  assert.equal(kept.chunks.length, 1)
  await log.end()
  assert.equal(kept.sealed, 1)
})

test('a prompt without a line end leaves too, after a moment', async () => {
  const { clock, kept, log } = begin()
  log.write('stdout', Buffer.from('password: '))
  await clock.advance(LOG_WRITER_LIMITS.lingerFirstMs, settled)
  assert.deepEqual(kept.lines(), ['o password: …'])
  await log.end()
})

for (const ahead of [1, 3])
  test(`whatever the moment of its end, the last byte is in it, ${ahead} at a time`, async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const { kept, log } = begin(ahead)
      const full = 'x'.repeat(LOG_WRITER_LIMITS.chunkBytesFull)
      log.write('stdout', Buffer.from(full))
      for (let turn = 0; turn < turns; turn += 1) await null
      log.write('stdout', Buffer.from('the last'))
      await log.end()
      assert.equal(kept.text(), `${full}the last`, `after ${turns} turns`)
      assert.equal(kept.sealed, kept.chunks.length)
    }
  })

for (const ahead of [1, 3])
  test(`bytes of every value, in pieces of every size, arrive as they were, ${ahead} at a time`, async () => {
    const { kept, log } = begin(ahead)
    let sent = ''
    let state = 7
    for (let piece = 0; piece < 400; piece += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      const bytes = Buffer.alloc(1 + (state % 30_000), state & 255)
      if (state % 3 === 0) bytes[bytes.length - 1] = 10
      if (state % 4 === 0) bytes[state % bytes.length] = 10
      sent += bytes.toString('latin1')
      const wait = log.write('stdout', bytes)
      if (wait !== null) await wait
      if (state % 5 === 0) await settled()
    }
    await log.end()
    assert.equal(kept.text() === sent, true)
  })

test('past what may wait the writer waits, and goes on when there is room', async () => {
  const { kept, log } = begin()
  kept.hold()
  const piece = Buffer.alloc(65_536, 'a')
  let written = 0
  let wait: Promise<void> | null = null
  while (wait === null) {
    wait = log.write('stdout', piece)
    written += piece.length
    assert.ok(written <= LOG_WRITER_LIMITS.waitingBytesMax + 131_072)
  }
  assert.ok(written >= LOG_WRITER_LIMITS.waitingBytesMax - 131_072)
  kept.release()
  await wait
  await log.end()
  assert.equal(kept.text().length, written)
})

test('a log that is given up holds nobody up', async () => {
  const { kept, log, errors } = begin()
  kept.broken = true
  const piece = Buffer.alloc(1_048_576, 'a')
  for (let n = 0; n < 20; n += 1) await log.write('stdout', piece)
  await log.end()
  assert.equal(errors.length, 1)
  assert.equal(kept.sealed, null, 'it does not say that this is all')
})

test('a job that says little for long is not cut into thousands of chunks', async () => {
  const { clock, kept, log } = begin()
  for (let second = 0; second < 3_600; second += 1) {
    log.write('stdout', Buffer.from(`second ${second}\n`))
    await clock.advance(1_000, settled)
  }
  await log.end()
  assert.ok(kept.chunks.length < 1_500, `${kept.chunks.length} chunks`)
  assert.equal(kept.text().split('\n').length, 3_601)
})

test('however much comes at once, a line that came whole stays whole', async () => {
  const { kept, log } = begin()
  const lines = Array.from({ length: 100_000 }, (_, n) => `row ${n} of much`)
  const bytes = Buffer.from(`${lines.join('\n')}\n`)
  // As a pipe gives it: cut anywhere; and faster than it is taken.
  kept.hold()
  for (let from = 0; from < bytes.length; from += 65_536)
    void log.write('stdout', bytes.subarray(from, from + 65_536))
  kept.release()
  await log.end()
  assert.deepEqual(
    kept.lines(),
    lines.map((line) => `o ${line}`),
  )
})

test('a further chunk leaves before the last one has arrived when it is large, and no more than may', async () => {
  const { clock, kept, log } = begin(3)
  kept.hold()
  const line = Buffer.from(`${'x'.repeat(1_023)}\n`)
  const write = (bytes: number): void => {
    for (let written = 0; written < bytes; written += line.length) void log.write('stdout', line)
  }
  write(LOG_WRITER_LIMITS.chunkBytesFull)
  assert.equal(kept.chunks.length, 1)
  write(LOG_WRITER_LIMITS.chunkBytesFull)
  await clock.advance(60_000, settled)
  assert.equal(kept.chunks.length, 1, 'a small one waits for the one under way')
  write(LOG_LIMITS.chunkBytesMax)
  assert.equal(kept.chunks.length, 2)
  write(3 * LOG_LIMITS.chunkBytesMax)
  assert.equal(kept.chunks.length, 3)
  kept.release()
  await log.end()
  assert.equal(kept.sealed, kept.chunks.length)
  assert.equal(kept.text().length, 2 * LOG_WRITER_LIMITS.chunkBytesFull + 4 * LOG_LIMITS.chunkBytesMax)
})

test('a log that is given up with several under way is given up once, and does not say that this is all', async () => {
  const { kept, log, errors } = begin(3)
  kept.broken = true
  const piece = Buffer.from(`${'a'.repeat(1_048_575)}\n`)
  for (let n = 0; n < 4; n += 1) void log.write('stdout', piece)
  await log.end()
  assert.equal(errors.length, 1)
  assert.equal(kept.sealed, null)
})
