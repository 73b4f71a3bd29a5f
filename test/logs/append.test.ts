// What is acknowledged is there, once, under its fence; nothing else is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appendLog } from '../../src/commands/log/append-log.ts'
import { sealLog } from '../../src/commands/log/seal-log.ts'
import { LOG_LIMITS } from '../../src/domain/log/run-log.ts'
import { again, done, rejectsWith } from '../contracts/world.ts'
import { frames, LogWorld, refOf } from './log-world.ts'

test('chunks are taken in order, once each', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  assert.deepEqual(await log.append(ref, 0, ['stdout', 'one\n']), { next: 1, dropped: 0 })
  assert.deepEqual(await log.append(ref, 1, ['stderr', 'two\n']), { next: 2, dropped: 0 })
  assert.deepEqual(await log.append(ref, 0, ['stdout', 'one\n']), { next: 2, dropped: 0 }, 'a repeat')
  await rejectsWith('log_gap', log.append(ref, 3, ['stdout', 'four\n']))
  assert.deepEqual(await log.lines(ref.runId), ['1 stdout: one', '2 stderr: two'])
})

test('the same chunk twice at once is one chunk', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const both = await Promise.all([1, 2, 3].map(() => log.append(ref, 0, ['stdout', 'one\n'])))
  assert.deepEqual(both, Array(3).fill({ next: 1, dropped: 0 }))
  assert.equal(await log.text(ref.runId), 'one\n')
})

test('another fence is refused, and so is an attempt that never was', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  await rejectsWith('fence_stale', log.append({ ...ref, fence: ref.fence + 1 }, 0, ['stdout', 'x\n']))
  await rejectsWith('not_found', log.append({ ...ref, attempt: 2 }, 0, ['stdout', 'x\n']))
  await rejectsWith('not_found', log.append({ ...ref, runId: 'run_none' }, 0, ['stdout', 'x\n']))
  await log.append(ref, 0, ['stdout', 'mine\n'])
  await rejectsWith('fence_stale', log.append({ ...ref, fence: ref.fence + 1 }, 1, ['stdout', 'x\n']))
  assert.deepEqual(await log.house.ctx.blobs.list('logs/run_none', { limit: 9 }), [])
})

test('an attempt that was overtaken may still bring the rest of its log', async () => {
  await using log = await LogWorld.open()
  const work = await log.world.running()
  const old = refOf(work)
  await log.append(old, 0, ['stdout', 'before\n'])
  await log.world.settle(again(work, log.world.now, 'node_lost'))
  const [next] = await log.world.claim()
  await log.append(refOf(next!), 0, ['stdout', 'the second try\n'])
  await log.append(old, 1, ['stdout', 'after\n'])
  assert.equal(await log.text(old.runId, {}, { attempt: 1 }), 'before\nafter\n')
  assert.equal(await log.text(old.runId), 'the second try\n')
})

test('a sealed log takes nothing more, a repeat is still answered', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  await log.append(ref, 0, ['stdout', 'one\n'])
  await rejectsWith('log_gap', sealLog(log.house.ctx, { ...ref, chunks: 2 }))
  await rejectsWith('fence_stale', sealLog(log.house.ctx, { ...ref, fence: 99, chunks: 1 }))
  await sealLog(log.house.ctx, { ...ref, chunks: 1 })
  await sealLog(log.house.ctx, { ...ref, chunks: 1 })
  assert.deepEqual(await log.append(ref, 0, ['stdout', 'one\n']), { next: 1, dropped: 0 })
  await rejectsWith('log_sealed', log.append(ref, 1, ['stdout', 'two\n']))
  const blobs = await log.house.ctx.blobs.list(`logs/${ref.runId}/`, { limit: 9 })
  assert.deepEqual(
    blobs.map(({ key }) => key),
    [`logs/${ref.runId}/1.0.log`],
    'the chunks are one blob now',
  )
})

test('a log that is being sealed is not sealed a second time beside that', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  await log.append(ref, 0, ['stdout', 'one\n'])
  const { blobs } = log.house.ctx
  const put = blobs.put.bind(blobs)
  let puts = 0
  blobs.put = async (key, content) => {
    puts += 1
    await new Promise(setImmediate)
    return put(key, content)
  }
  await Promise.all([1, 2, 3].map(() => sealLog(log.house.ctx, { ...ref, chunks: 1 })))
  assert.equal(puts, 1)
  assert.equal(await log.text(ref.runId), 'one\n')
})

test('a process that said nothing has a sealed, empty log', async () => {
  await using log = await LogWorld.open()
  const work = await log.world.running()
  const ref = refOf(work)
  assert.deepEqual(await log.lines(ref.runId), [])
  await sealLog(log.house.ctx, { ...ref, chunks: 0 })
  assert.deepEqual(await log.lines(ref.runId), [])
  assert.equal(await log.text(ref.runId), '')
  await log.world.settle(done(work))
  const [row] = await log.house.store.logs.ofRun(ref.runId)
  assert.equal(row?.seal?.whole, true)
})

test('what is no chunk is refused, and nothing of it stays', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const whole = frames(['stdout', 'line\n'])
  const wrong = [
    new Uint8Array(0),
    new Uint8Array(LOG_LIMITS.chunkBytesMax + 1),
    whole.subarray(0, -1),
    Buffer.concat([whole, Buffer.from('x')]),
    Buffer.from([9, ...whole.subarray(1)]),
    Buffer.from(frames(['stdout', ''])),
    Buffer.from('{"text": "a line"}'),
  ]
  for (const bytes of wrong) {
    await rejectsWith('invalid', appendLog(log.house.ctx, { ...ref, sequence: 0, frames: bytes }))
  }
  assert.deepEqual(await log.house.ctx.blobs.list('logs/', { limit: 9 }), [])
})

test('a log that is full counts what it does not keep', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  await log.append(ref, 0, ['stdout', 'kept\n'])
  const near = { chunks: 1, bytes: LOG_LIMITS.bytesMax - 20, textBytes: 5, lines: 1, dropped: 0 }
  await log.house.store.logs.advance(ref, near, { ...near, chunks: 2 }, log.world.now)
  assert.deepEqual(await log.append(ref, 2, ['stdout', 'too much for it\n']), { next: 3, dropped: 16 })
  assert.deepEqual(await log.append(ref, 3, ['stdout', 'more\n']), { next: 4, dropped: 21 })
})

test('a log ends where the quota of its project ends, and says how much was left out', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const { store } = log.house
  const project = (await store.projects.get('prj_default'))!
  await log.append(ref, 0, ['stdout', 'kept\n'])
  await store.projects.update({ ...project, quotas: { logBytesPerDay: 20 }, version: project.version + 1 })
  assert.deepEqual(await log.append(ref, 1, ['stdout', 'x'.repeat(30)]), { next: 2, dropped: 30 })
  assert.deepEqual(await log.append(ref, 2, ['stdout', 'y']), { next: 3, dropped: 31 }, 'no holes')
  assert.equal(await log.text(ref.runId), 'kept\n')
  assert.equal((await store.logs.get(ref))?.dropped, 31)
})

test('a chunk that was taken is not lost to its repetition, for which the quota has no room', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const { store, ctx } = log.house
  const project = (await store.projects.get('prj_default'))!
  const bytes = frames(['stdout', 'kept\n']).length
  await store.projects.update({ ...project, quotas: { logBytesPerDay: bytes }, version: project.version + 1 })
  const put = ctx.blobs.put.bind(ctx.blobs)
  const slow = Promise.withResolvers<void>()
  // The repetition has looked at how far the log has come, and goes on only when the first is acknowledged.
  let puts = 0
  ctx.blobs.put = async (key, content) => {
    puts += 1
    if (puts === 2) await slow.promise
    return put(key, content)
  }
  const twice = [1, 2].map(() => log.append(ref, 0, ['stdout', 'kept\n']))
  assert.deepEqual(await twice[0], { next: 1, dropped: 0 })
  slow.resolve()
  assert.deepEqual(await twice[1], { next: 1, dropped: 0 })
  assert.equal(await log.text(ref.runId), 'kept\n')
  assert.deepEqual(await log.append(ref, 1, ['stdout', 'too much\n']), { next: 2, dropped: 9 })
  assert.equal(await log.text(ref.runId), 'kept\n', 'nor is there more than was taken')
  assert.deepEqual(await log.lines(ref.runId), ['1 stdout: kept'])
  await sealLog(ctx, { ...ref, chunks: 2 })
  assert.equal(await log.text(ref.runId), 'kept\n')
})

test('a chunk that could not be written has used up nothing', async () => {
  await using log = await LogWorld.open()
  const ref = refOf(await log.world.running())
  const { store, ctx } = log.house
  const project = (await store.projects.get('prj_default'))!
  await store.projects.update({ ...project, quotas: { logBytesPerDay: 20 }, version: project.version + 1 })
  const put = ctx.blobs.put.bind(ctx.blobs)
  ctx.blobs.put = () => Promise.reject(new Error('the disk is full'))
  for (let tries = 0; tries < 5; tries += 1)
    await assert.rejects(log.append(ref, 0, ['stdout', 'x\n']), /the disk is full/)
  ctx.blobs.put = put
  assert.deepEqual(await log.append(ref, 0, ['stdout', 'x\n']), { next: 1, dropped: 0 })
})
