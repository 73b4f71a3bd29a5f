// Logs nobody seals, and blobs nobody names any more.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sealLog } from '../../src/commands/log/seal-log.ts'
import { LOG_LIMITS, logNote, logStatus } from '../../src/domain/log/run-log.ts'
import { archivistTick } from '../../src/engine/archivist.ts'
import { DAY, done, rejectsWith } from '../contracts/world.ts'
import { LogWorld, refOf } from './log-world.ts'

async function tick(log: LogWorld): Promise<unknown[]> {
  const failures: unknown[] = []
  await archivistTick(log.house.ctx, (_, error) => failures.push(error))
  return failures
}

test('a log whose end never came says how it is incomplete', async () => {
  await using log = await LogWorld.open()
  const work = await log.world.running()
  const ref = refOf(work)
  const row = async () => (await log.house.store.logs.get(ref))!
  await log.append(ref, 0, ['stdout', 'begun\n'])
  assert.deepEqual([logStatus(await row()), logNote(await row())], ['open', null])
  await log.world.settle(done(work, 'failed'))
  assert.equal(logStatus(await row()), 'incomplete')
  assert.match(logNote(await row())!, /has not arrived yet/)
  await tick(log)
  assert.equal((await row()).seal, null, 'whoever wrote it has its time')
  log.house.clock.advance(LOG_LIMITS.lateGraceMs)
  await tick(log)
  assert.equal((await row()).seal?.whole, false)
  assert.match(logNote(await row())!, /never arrived/)
  assert.equal(await log.text(ref.runId), 'begun\n')
})

test('an agent that was lost may come back with the rest for a while', async () => {
  await using log = await LogWorld.open()
  const work = await log.world.running()
  const ref = refOf(work)
  await log.append(ref, 0, ['stdout', 'begun\n'])
  await log.world.settle(done(work, 'failed', { kind: 'lost', message: 'gone' }))
  log.house.clock.advance(LOG_LIMITS.sealGraceMs)
  await tick(log)
  await log.append(ref, 1, ['stdout', 'the rest\n'])
  log.house.clock.advance(LOG_LIMITS.lateGraceMs)
  await tick(log)
  assert.equal(await log.text(ref.runId), 'begun\nthe rest\n')
  await rejectsWith('log_sealed', log.append(ref, 2, ['stdout', 'too late\n']))
})

test('an agent that tells of an end that is long over has its time from then on', async () => {
  await using log = await LogWorld.open()
  const work = await log.world.running()
  const ref = refOf(work)
  await log.append(ref, 0, ['stdout', 'begun\n'])
  const endedAt = log.world.now
  log.house.clock.advance(3 * LOG_LIMITS.lateGraceMs)
  log.world.now = log.house.clock.now()
  await log.house.store.runs.settle([{ ...done(work), endedAt }], log.world.now)
  await tick(log)
  await log.append(ref, 1, ['stdout', 'the rest\n'])
  await sealLog(log.house.ctx, { ...ref, chunks: 2 })
  assert.equal(await log.text(ref.runId), 'begun\nthe rest\n')
})

test('a slow seal of what there was does not replace the seal of all there is', async () => {
  await using log = await LogWorld.open()
  const work = await log.world.running()
  const ref = refOf(work)
  await log.append(ref, 0, ['stdout', 'begun\n'])
  await log.world.settle(done(work))
  log.house.clock.advance(LOG_LIMITS.lateGraceMs)
  const { blobs } = log.house.ctx
  const put = blobs.put.bind(blobs)
  const [begun, slow] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  blobs.put = async (key, content) => {
    const parts: Uint8Array[] = []
    for await (const part of content as AsyncIterable<Uint8Array>) parts.push(part)
    begun.resolve()
    await slow.promise
    return put(key, Buffer.concat(parts))
  }
  const archivist = tick(log)
  await begun.promise
  blobs.put = put
  await log.append(ref, 1, ['stdout', 'the rest\n'])
  await sealLog(log.house.ctx, { ...ref, chunks: 2 })
  slow.resolve()
  await archivist
  assert.equal(await log.text(ref.runId), 'begun\nthe rest\n')
  const left = await blobs.list(`logs/${ref.runId}/`, { limit: 9 })
  assert.equal(left.length, 1, 'and nothing of it stays')
})

test('a log whose chunk is lost does not hold up the others', async () => {
  await using log = await LogWorld.open()
  const broken = await log.world.running()
  const good = await log.world.running()
  for (const work of [broken, good]) await log.append(refOf(work), 0, ['stdout', 'x\n'])
  await log.house.ctx.blobs.delete([`logs/${broken.run.id}/1.0/000000000`])
  await log.world.settle(done(broken), done(good))
  log.house.clock.advance(LOG_LIMITS.lateGraceMs)
  const failures = await tick(log)
  assert.match(String(failures[0]), /chunk .* is missing/)
  assert.equal(failures.length, 1)
  assert.notEqual((await log.house.store.logs.get(refOf(good)))?.seal, null)
})

test('with a forgotten run the blobs of its logs go, those of others stay', async () => {
  await using log = await LogWorld.open()
  const gone = await log.world.running()
  const kept = await log.world.running()
  for (const work of [gone, kept]) await log.append(refOf(work), 0, ['stdout', 'x\n'])
  await log.world.settle(done(gone))
  const retention = { defaultDays: 30 }
  await log.house.store.housekeeping.forget({ now: log.world.now + 31 * DAY, limit: 99, retention })
  await tick(log)
  const left = await log.house.ctx.blobs.list('', { limit: 9 })
  assert.deepEqual(
    left.map(({ key }) => key),
    [`logs/${kept.run.id}/1.0/000000000`],
  )
  assert.deepEqual(await log.house.store.housekeeping.discarded(9), [])
})
