// Following a log of an agent that was away: its end is told first, its output after it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { followLogs } from '../../src/commands/log/follow-log.ts'
import { sealLog } from '../../src/commands/log/seal-log.ts'
import { LOG_LIMITS } from '../../src/domain/log/run-log.ts'
import { done, MINUTE } from '../contracts/world.ts'
import { until } from '../support/until.ts'
import { LogWorld, READER, refOf } from './log-world.ts'

async function follow(log: LogWorld, runId: string): Promise<string[]> {
  const never = new AbortController().signal
  const told: string[] = []
  const items = await followLogs(log.house.ctx, READER, runId, { places: {} }, never)
  void (async () => {
    for await (const item of items) {
      if (item.kind === 'lines') told.push(...item.items.map(({ bytes }) => `${Buffer.from(bytes)}`))
      else if (item.kind === 'end') told.push('end')
    }
  })()
  return told
}

test('who follows gets what arrives after an end that is told long after it was', async () => {
  await using log = await LogWorld.open()
  const { house, world } = log
  const work = await world.running()
  const ref = refOf(work)
  await log.append(ref, 0, ['stdout', 'begun\n'])
  const told = await follow(log, ref.runId)
  await until('the beginning is told', 5_000, () => told.length === 1)
  const endedAt = house.clock.now()
  house.clock.advance(5 * MINUTE)
  world.now = house.clock.now()
  await house.store.runs.settle([{ ...done(work), endedAt }], world.now)
  house.ctx.logNews.tell(ref.runId)
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate)
  await log.append(ref, 1, ['stdout', 'the rest\n'])
  await until('the rest is told', 5_000, () => told.length === 2)
  await sealLog(house.ctx, { ...ref, chunks: 2 })
  await until('and then the end', 5_000, () => told.length === 3)
  assert.deepEqual(told, ['begun', 'the rest', 'end'])
})

test('who follows a log whose end does not come is let go', async () => {
  await using log = await LogWorld.open()
  const { house, world } = log
  const work = await world.running()
  const ref = refOf(work)
  await log.append(ref, 0, ['stdout', 'begun\n'])
  const told = await follow(log, ref.runId)
  await until('the beginning is told', 5_000, () => told.length === 1)
  world.now = house.clock.now()
  await world.settle(done(work))
  house.ctx.logNews.tell(ref.runId)
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate)
  assert.deepEqual(told, ['begun'])
  await until('it has had its time', 5_000, () => {
    house.clock.advance(LOG_LIMITS.sealGraceMs)
    return told.length === 2
  })
  assert.deepEqual(told, ['begun', 'end'])
})
