// Much output: kept up to its bound, read on after it, never more in memory than the log takes.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { createCommandDispatcher } from '../../src/dispatch/command-dispatcher.ts'
import { TAIL_BYTES } from '../../src/dispatch/process/output-capture.ts'
import type { LogSink } from '../../src/ports/log-sink.ts'
import { never } from '../dispatch/support.ts'
import { systemClock } from '../support/system-clock.ts'
import { until } from '../support/until.ts'
import { NEEDS_LINUX, Processes, workOf } from './world.ts'

const MIB = 1_048_576

test('a gigabyte is read to its end, kept up to the bound, and told', NEEDS_LINUX, async () => {
  using world = new Processes()
  const begun = performance.now()
  const before = process.memoryUsage.rss()
  const {
    outcome,
    process: told,
    log,
  } = await world.run({
    shell: 'head -c 1073741824 /dev/zero; echo; echo the end',
    output: { maxBytes: 3 * MIB + 1 },
  })
  assert.equal(outcome.kind, 'ok')
  assert.equal(told.outputBytes, 1024 * MIB + 9)
  assert.equal(told.truncated, true)
  assert.equal(told.output, 'the end\n', 'the tail is that of all it wrote')
  assert.equal(log.bytes('stdout').length, 3 * MIB + 1)
  assert.match(
    log.text('system'),
    /^output cut here: more than the 3145729 bytes that output.maxBytes allows\n$/,
  )
  assert.ok(process.memoryUsage.rss() - before < 150 * MIB)
  assert.ok(performance.now() - begun < 60_000)
})

test('a log that takes nothing more makes the process wait, and loses nothing', NEEDS_LINUX, async () => {
  using world = new Processes()
  const { log, ended } = world.begin({ argv: ['bash', '-c', 'for i in {1..200000}; do echo line $i; done'] })
  log.hold()
  const held = await until('the pipe is full', 10_000, async () => {
    const count = log.parts.length
    return count > 0 && count
  })
  assert.ok(held <= 2, 'one part of each stream at most is under way')
  log.release()
  const { process } = await ended
  const lines = log.text().trimEnd().split('\n')
  assert.equal(lines.length, 200_000)
  assert.ok(lines.every((line, n) => line === `line ${n + 1}`))
  assert.equal(process.outputBytes, log.bytes('stdout').length)
})

test('what it wrote last is waited for when the log is slow', NEEDS_LINUX, async () => {
  using world = new Processes()
  const { log, ended } = world.begin({ argv: ['bash', '-c', 'head -c 200000 /dev/zero; echo last'] })
  log.hold()
  await until('something came', 10_000, () => log.parts.length > 0)
  log.release()
  await ended
  assert.equal(log.text().endsWith('last\n'), true)
  assert.equal(log.bytes('stdout').length, 200_005)
})

test('a slow log gets the last byte, however long after the end that is', NEEDS_LINUX, async () => {
  using world = new Processes()
  const bytes: number[] = []
  const slow: LogSink = {
    write: (_, part) => {
      bytes.push(part.length)
      // Every part takes its time, and between two of them nobody waits for the log.
      return new Promise((resolve) => systemClock.after(300, resolve))
    },
    end: async () => undefined,
  }
  const dispatcher = createCommandDispatcher(world.executor(slow))
  await dispatcher.dispatch(workOf({ argv: ['head', '-c', '900000', '/dev/zero'] }), never)
  assert.equal(
    bytes.reduce((sum, length) => sum + length, 0),
    900_000,
  )
  assert.ok(bytes.length > 10, 'it took longer than a silent pipe is listened to')
})

test(
  'binary and colours are kept byte for byte, and told as text that can be stored',
  NEEDS_LINUX,
  async () => {
    using world = new Processes()
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const path = world.folder.file('bytes')
    writeFileSync(path, Buffer.concat([every, Buffer.from('\u001b[31mred\u001b[0m\r'), every]))
    const { process, log } = await world.run({ argv: ['cat', path] })
    assert.deepEqual(log.bytes('stdout'), readFileSync(path))
    assert.ok(process.output.includes('\u001b[31mred\u001b[0m\r\ufffd\u0001'))
    assert.equal(process.output.includes('\0'), false)
    assert.equal(process.output.isWellFormed(), true)
  },
)

test('the tail begins with a whole line, or at least with a whole character', NEEDS_LINUX, async () => {
  using world = new Processes()
  const lines = await world.bash('for i in {1..3000}; do echo line $i; done')
  assert.match(lines.process.output, /^line \d+\n/)
  assert.ok(lines.process.output.length <= TAIL_BYTES)
  assert.ok(lines.process.output.endsWith('line 3000\n'))
  const long = await world.bash('printf "☂%.0s" {1..3000}')
  assert.match(long.process.output, /^☂+$/)
})
