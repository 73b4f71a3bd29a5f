// What was carried out last is found behind what was skipped meanwhile.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXECUTED_STATUSES, executedRuns, lastRuns } from '../../src/commands/recent-runs.ts'
import { OK, slow } from './scripted-world.ts'
import { HOUR, MINUTE, SECOND, Story, since, WHO } from './story.ts'

test('the run under way, and the ones before it, however many were skipped since', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth < 3 ? OK : slow(HOUR)))
  await story.job('bill', { schedule: { every: '10s' } })
  await story.job('idle', { schedule: { every: '1h' } })
  await story.advance(10 * MINUTE)
  assert.equal((await story.runs('bill')).length, 60)
  const [bill, idle] = [story.jobId('bill'), story.jobId('idle')]
  const executed = await executedRuns(story.ctx, WHO, bill, 50)
  assert.deepEqual(
    executed.map(({ dueAt, status }) => `${since(dueAt)} ${status}`),
    ['+30s running', '+20s succeeded', '+10s succeeded'],
  )
  assert.equal((await executedRuns(story.ctx, WHO, bill, 2)).length, 2)
  const begun = { statuses: EXECUTED_STATUSES, begun: true }
  const [last, none] = await lastRuns(story.ctx, WHO, [bill, idle], begun)
  assert.deepEqual([last?.id, none], [executed[0]!.id, null])
})

test('a run that waits is no execution yet, and does not hide the last one', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth === 1 ? OK : slow(HOUR)))
  await story.job('bill', { schedule: { every: '10s' }, policy: { overlap: { mode: 'queue', max: 15 } } })
  await story.advance(2 * MINUTE + SECOND)
  const bill = story.jobId('bill')
  assert.equal((await executedRuns(story.ctx, WHO, bill, 50)).length, 2)
  const [begun] = await lastRuns(story.ctx, WHO, [bill], { statuses: EXECUTED_STATUSES, begun: true })
  const [any] = await lastRuns(story.ctx, WHO, [bill], { statuses: EXECUTED_STATUSES })
  assert.deepEqual([begun?.status, any?.status], ['running', 'pending'])
})
