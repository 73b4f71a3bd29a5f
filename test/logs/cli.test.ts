// carillon run log, and a run followed to its end.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sealLog } from '../../src/commands/log/seal-log.ts'
import { carillon } from '../cli/cli.ts'
import { again, done } from '../contracts/world.ts'
import { LogWorld, refOf } from './log-world.ts'

async function open() {
  const log = await LogWorld.open()
  await log.house.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = log.house.app.server.address() as { port: number }
  const env = { CARILLON_URL: `http://127.0.0.1:${port}`, CARILLON_API_KEY: log.house.admin }
  const run = (args: readonly string[], tty = false) => carillon(args, { env, tty })
  return Object.assign(log, { run })
}

test('run log prints what was written where it was written', async () => {
  await using log = await open()
  const ref = refOf(await log.world.running())
  await log.append(
    ref,
    0,
    ['stdout', 'one\n'],
    ['stderr', 'two\n'],
    ['system', 'output cut here\n'],
    ['stdout', 'three'],
  )
  const all = await log.run(['run', 'log', ref.runId])
  assert.deepEqual(all, { code: 0, out: 'one\nthree', err: 'two\ncarillon: output cut here\n' })
  assert.equal((await log.run(['run', 'log', ref.runId, '--tail', '1', '--stream', 'stderr'])).err, 'two\n')
  assert.match((await log.run(['run', 'log', ref.runId, '-t'])).out, /^2027-01-01T00:00:00.000Z one\n/)
  const json = await log.run(['run', 'log', ref.runId, '-n', '1', '-o', 'json'])
  const line = {
    attempt: 1,
    part: 0,
    line: 4,
    at: '2027-01-01T00:00:00.000Z',
    stream: 'stdout',
    text: 'three',
    open: true,
  }
  assert.deepEqual(JSON.parse(json.out), line)
})

test('--raw is byte for byte', async () => {
  await using log = await open()
  const ref = refOf(await log.world.running())
  await log.append(ref, 0, ['stdout', '\u001b[2Jfull\r\n'], ['stderr', 'err'])
  assert.equal((await log.run(['run', 'log', ref.runId, '--raw'])).out, '\u001b[2Jfull\r\nerr')
})

test('on a terminal colours stay and nothing else is obeyed', async () => {
  await using log = await open()
  const ref = refOf(await log.world.running())
  await log.append(ref, 0, ['stdout', '\u001b[31mred\u001b[0m\t\u001b[2Jcleared\u0007\n'])
  const { out } = await log.run(['run', 'log', ref.runId], true)
  assert.equal(out, '\u001b[31mred\u001b[0m\t\\x1b[2Jcleared\\x07\n')
})

test('a line that hides what comes after it hides nothing but its own rest', async () => {
  await using log = await open()
  const ref = refOf(await log.world.running())
  await log.append(ref, 0, ['stdout', '\u001b[8mhidden\nnext\n'])
  const { out } = await log.run(['run', 'log', ref.runId], true)
  assert.equal(out, '\u001b[8mhidden\u001b[0m\nnext\n')
})

test('more than a page is printed whole', async () => {
  await using log = await open()
  const ref = refOf(await log.world.running())
  const lines = Array.from({ length: 12_345 }, (_, n) => `line ${n}\n`).join('')
  await log.append(ref, 0, ['stdout', lines])
  assert.equal((await log.run(['run', 'log', ref.runId])).out, lines)
})

test('what a log lacks is said', async () => {
  await using log = await open()
  const work = await log.world.running()
  await log.append(refOf(work), 0, ['stdout', 'begun\n'])
  await log.world.settle(done(work, 'failed'))
  const { out, err, code } = await log.run(['run', 'log', work.run.id])
  assert.deepEqual([out, code], ['begun\n', 0])
  assert.match(err, /warning: The log of attempt 1, part 0: the attempt has ended, and the end of its log/)
})

test('a run without a log says so, an attempt that never was is not found', async () => {
  await using log = await open()
  const { run } = await log.world.running()
  assert.deepEqual(await log.run(['run', 'log', run.id]), {
    code: 0,
    out: '',
    err: 'Nothing has been written.\n',
  })
  assert.equal((await log.run(['run', 'log', run.id, '--attempt', '3'])).code, 3)
  assert.equal((await log.run(['run', 'log', 'run_none'])).code, 3)
})

test('-f follows over attempts to the end, and ends as the run did', async () => {
  await using log = await open()
  const work = await log.world.running()
  const first = refOf(work)
  await log.append(first, 0, ['stdout', 'first\n'])
  const followed = log.run(['run', 'log', first.runId, '-f'])
  await sealLog(log.house.ctx, { ...first, chunks: 1 })
  await log.world.settle(again(work, log.world.now))
  const [second] = await log.world.claim()
  await log.append(refOf(second!), 0, ['stdout', 'second\n'])
  await sealLog(log.house.ctx, { ...refOf(second!), chunks: 1 })
  await log.world.settle(
    done(second!, 'failed', {
      kind: 'error',
      code: 'exit_code',
      message: 'ended with exit code 3',
      reached: 'yes',
    }),
  )
  log.house.ctx.logNews.tell(first.runId)
  const { code, out, err } = await followed
  assert.equal(out, 'first\nsecond\n')
  assert.match(err, /failed/)
  assert.equal(code, 5)
})

test('run create --follow ends as the process did', async () => {
  for (const [process, expected] of [
    [{ exitCode: 17, signal: null }, 17],
    [{ exitCode: null, signal: 'SIGKILL' }, 137],
    [null, 5],
  ] as const) {
    await using log = await open()
    const job = await log.world.job({ schedule: {} }, { nextDueAt: null })
    const ended = log.run(['run', 'create', job.spec.name, '--follow'])
    let [work] = await log.world.claim()
    while (work === undefined) {
      await new Promise(setImmediate)
      ;[work] = await log.world.claim()
    }
    await log.append(refOf(work), 0, ['stdout', 'hello\n'])
    await sealLog(log.house.ctx, { ...refOf(work), chunks: 1 })
    const record =
      process === null ? {} : { process: { ...process, output: '', outputBytes: 0, truncated: false } }
    const outcome = {
      kind: 'error',
      code: 'exit_code',
      message: 'failed',
      reached: 'yes',
      ...record,
    } as const
    await log.world.settle(done(work, 'failed', outcome))
    log.house.ctx.logNews.tell(work.run.id)
    const { code, out } = await ended
    assert.deepEqual([code, out], [expected, 'hello\n'])
  }
})
