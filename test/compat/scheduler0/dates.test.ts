// `start_date` and `end_date` of a job, with a clock held by hand: it rings from the one on and no more from the other on. Its program
// kept them and rang all the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJob } from '../../../src/commands/create-job.ts'
import { createJobs } from '../../../src/commands/create-jobs.ts'
import { SCHEDULER0_DEFAULTS, toDraft } from '../../../src/doors/compat/scheduler0/job-words.ts'
import { MINUTE, SECOND, Story, T0, WHO } from '../../flows/story.ts'

const at = (ms: number): string => new Date(T0 + ms).toISOString()

async function ringing(over: object): Promise<{ rang: string[]; status: string; story: Story }> {
  const story = await Story.begin({ pollMs: SECOND })
  const sent = {
    projectId: 1,
    spec: '@every 10s',
    timezone: 'UTC',
    callbackUrl: 'http://many.test/',
    data: 'x',
    startDate: at(MINUTE),
    endDate: at(2 * MINUTE),
    ...over,
  }
  const { project: _, ...draft } = toDraft(sent, 1_000_000_001, SCHEDULER0_DEFAULTS, T0)
  await story.ask((ctx) => createJob(ctx, WHO, draft))
  await story.advance(5 * MINUTE)
  const job = await story.ask((ctx) => ctx.store.jobs.byName('prj_default', draft.name))
  const rang = story.outside.of(draft.name).map(({ at: when }) => new Date(when).toISOString())
  return { rang, status: job!.status, story }
}

for (const [name, spec] of [
  ['@every', '@every 10s'],
  ['cron', '*/10 * * * * *'],
] as const) {
  test(`${name}: from start_date on, until end_date, then never again`, async () => {
    const { rang, status, story } = await ringing({ spec })
    await using _story = story
    assert.deepEqual(
      rang,
      [0, 10, 20, 30, 40, 50].map((seconds) => at(MINUTE + seconds * SECOND)),
    )
    assert.equal(status, 'finished')
  })
}

test('without them, or with dates that were never set, it rings on', async () => {
  const none = { startDate: '0001-01-01T00:00:00Z', endDate: '' }
  const { rang, status, story } = await ringing(none)
  await using _story = story
  assert.deepEqual([rang.length, rang[0], status], [30, at(10 * SECOND), 'active'])
})

test('@every jobs of one array are due together, however long their making took', async () => {
  await using story = await Story.begin({ pollMs: SECOND })
  const { ctx } = story
  let passed = 0
  const clock = {
    now: () => {
      passed += 7
      return T0 + passed
    },
    monotonic: () => ctx.clock.monotonic(),
    after: (ms: number, callback: () => void) => ctx.clock.after(ms, callback),
  }
  const drafts = [1, 2, 3].map((n) => {
    const sent = { projectId: 1, spec: '@every 1m', timezone: 'UTC', callbackUrl: 'http://many.test/' }
    const { project: _, ...draft } = toDraft(sent, 1_000_000_000 + n, SCHEDULER0_DEFAULTS, T0)
    return draft
  })
  await createJobs({ ...ctx, clock }, WHO, drafts, 'whole')
  await story.advance(90 * SECOND)
  const { calls } = story.outside
  assert.deepEqual([calls.length, new Set(calls.map(({ request }) => request)).size], [3, 1])
  assert.equal(new Set(calls.map(({ dueAt }) => dueAt)).size, 1)
})
