// A project that may ring so many times a minute does, in every minute of the clock; the rest waits its turn or is written
// down as skipped. Each due instant has its entry.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProject } from '../../src/commands/projects.ts'
import { triggerJob } from '../../src/commands/trigger-job.ts'
import { everyFrom } from '../support/due-by-hand.ts'
import { MINUTE, SECOND, Story, T0 } from './story.ts'

test('no minute of the clock sees more runs begin than the quota, over restarts too', async () => {
  await using story = await Story.begin({ restarts: true })
  await story.ask((ctx, who) => createProject(ctx, who, { name: 'small', quotas: { runsPerMinute: 3 } }))
  const jobs = ['a', 'b', 'c', 'd', 'e']
  for (const name of jobs)
    await story.job(name, { project: 'small', policy: { overlap: { mode: 'queue', max: 99 } } })
  await story.job('other')
  await story.advance(3 * MINUTE)
  await story.down(20 * SECOND)
  await story.advance(3 * MINUTE)
  const begun = story.outside.calls.filter(({ job }) => job !== 'other')
  const minutes = Map.groupBy(begun, ({ at }) => Math.floor(at / MINUTE))
  assert.ok([...minutes.values()].every(({ length }) => length <= 3))
  assert.ok(begun.length >= 15)
  assert.equal(story.outside.of('other').length, 6, 'nobody else waits')
  for (const name of jobs) await story.isComplete(name, everyFrom(T0, MINUTE, T0, T0 + 6 * MINUTE))
})

test('a project that may not ring at all writes down why', async () => {
  await using story = await Story.begin()
  await story.ask((ctx, who) => createProject(ctx, who, { name: 'none', quotas: { runsPerMinute: 0 } }))
  await story.job('a', { project: 'none' })
  await story.advance(2 * MINUTE)
  const id = story.jobId('a')
  const { run } = await story.ask((ctx, who) => triggerJob(ctx, who, { idOrName: id }, {}))
  assert.deepEqual([run.status, 'reason' in run && run.reason], ['skipped', 'quota'])
  assert.deepEqual(
    (await story.runs('a')).map((one) => ('reason' in one ? one.reason : one.status)),
    ['quota', 'quota', 'quota'],
  )
  assert.deepEqual(story.outside.calls, [])
})
