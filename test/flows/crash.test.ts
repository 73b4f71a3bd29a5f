// A crash between any two steps costs only a repeat. One eventful story is told once without a crash, then again and
// again with the process dying at each place between two steps its store is asked for. The end is always the same.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cancelRun } from '../../src/commands/cancel-run.ts'
import { deleteJob } from '../../src/commands/delete-job.ts'
import { findJob } from '../../src/commands/find-job.ts'
import { pauseJob } from '../../src/commands/pause-job.ts'
import { resumeJob } from '../../src/commands/resume-job.ts'
import { retryRun } from '../../src/commands/retry-run.ts'
import { triggerJob } from '../../src/commands/trigger-job.ts'
import { updateJob } from '../../src/commands/update-job.ts'
import { AppError } from '../../src/domain/errors.ts'
import type { OnResume } from '../../src/domain/policy.ts'
import type { Run } from '../../src/domain/run.ts'
import type { CrashPoint } from './gated-store.ts'
import { answered, HEARD, OK, slow } from './scripted-world.ts'
import { MINUTE, SECOND, Story, since } from './story.ts'

const NAMES = [
  'steady',
  'flaky',
  'queue',
  'replace',
  'once',
  'batch-a',
  'batch-b',
  'paused',
  'quiet',
  'edited',
  'deleted',
  'hand',
]
const callback = { url: 'http://ops.test/' }

async function tell(crashAt: CrashPoint | null): Promise<Story> {
  const story = await Story.begin({ pollMs: 60_000, restarts: true, crashAt })
  const { outside } = story
  const secondTimeOnly = (_: unknown, runId: string) =>
    outside.calls.filter((call) => call.runId === runId).length > 1
  outside.script('flaky', (work) => (secondTimeOnly(work, work.run.id) ? OK : answered(503)))
  outside.script('queue', slow(2_500))
  outside.script('replace', slow(2_500))
  outside.script('hand', 'never')
  outside.hears = (_, nth) => (nth === 1 ? { ok: false, status: 500, message: 'deaf' } : HEARD)

  const batch = { target: { http: { url: 'http://many.test/', batch: {} } } }
  await story.job('steady', { schedule: { every: '1s', maxRuns: 4 }, callback })
  await story.job('flaky', { schedule: { every: '3s' }, policy: { retry: { delays: ['700ms'] } } })
  await story.job('queue', { schedule: { every: '2s' }, policy: { overlap: 'queue' } })
  await story.job('replace', { schedule: { every: '2s' }, policy: { overlap: 'replace' } })
  await story.job('once', { schedule: { every: '2s' }, policy: { delivery: 'at_most_once' } })
  await story.job('batch-a', { schedule: { every: '3s', anchor: '2030-01-01T00:00:00Z' }, ...batch })
  await story.job('batch-b', { schedule: { every: '3s', anchor: '2030-01-01T00:00:00Z' }, ...batch })
  await story.job('paused', { schedule: { every: '1s' }, policy: { overlap: 'queue' } })
  await story.job('quiet', { schedule: { every: '1s' } })
  await story.job('edited', { schedule: { every: '1s' } })
  await story.job('deleted', { schedule: { every: '2s' } })
  await story.job('hand', { schedule: {}, callback })

  await story.advance(1_500)
  await pause(story, 'paused')
  await pause(story, 'quiet')
  const { run } = await story.ask((ctx, who) =>
    triggerJob(ctx, who, { idOrName: 'hand' }, {}, { key: 't', hash: 't' }),
  )
  await story.advance(SECOND)
  await edit(story)
  await story.ask((ctx, who) => cancelRun(ctx, who, run.id).catch(allow('run_final')))
  await story.advance(SECOND)
  await story.ask((ctx, who) => retryRun(ctx, who, run.id, { key: 'r', hash: 'r' }))
  await resume(story, 'paused', 'all')
  await resume(story, 'quiet', 'skip')
  await story.ask((ctx, who) => deleteJob(ctx, who, { idOrName: 'deleted' }, null).catch(allow('not_found')))
  await story.advance(3 * SECOND)
  for (const name of NAMES) if (!['deleted', 'steady', 'hand'].includes(name)) await pause(story, name)
  const again = (await story.runs('hand')).at(-1)!
  await story.ask((ctx, who) => cancelRun(ctx, who, again.id).catch(allow('run_final')))
  // Longer than a callback is held by a process that may be dead.
  await story.advance(3 * MINUTE)
  return story
}

function pause(story: Story, name: string): Promise<unknown> {
  return story.ask((ctx, who) => pauseJob(ctx, who, { idOrName: name }, {}))
}

function resume(story: Story, name: string, onResume: OnResume): Promise<unknown> {
  return story.ask((ctx, who) => resumeJob(ctx, who, { idOrName: name }, { onResume }))
}

/** A client that asks again looks first whether it was done already. */
function edit(story: Story): Promise<unknown> {
  const target = { http: { url: 'http://edited.test/' } }
  return story.ask(async (ctx, who) => {
    const job = await findJob(ctx, who, { idOrName: 'edited' })
    if (job.version > 1) return
    await updateJob(
      ctx,
      who,
      { idOrName: 'edited' },
      { name: 'edited', target, schedule: { every: '2s' } },
      1,
    )
  })
}

function allow(code: string): (error: unknown) => null {
  return (error) => {
    if (error instanceof AppError && error.code === code) return null
    throw error
  }
}

/** What must not depend on a crash: every entry and its end. Only how often it was tried may. */
async function end(story: Story): Promise<string[]> {
  const lines: string[] = []
  for (const name of NAMES) {
    const { runs, gaps } = await story.entries(name)
    for (const run of runs)
      lines.push(`${name} v${run.jobVersion} ${run.trigger} ${since(run.dueAt)} ${endOf(run)}`)
    for (const gap of gaps)
      lines.push(`${name} ${since(gap.from)}..${since(gap.to)} ${gap.count} ${gap.status} ${gap.reason}`)
    const job = await story.disk.jobs.get(story.jobId(name))
    lines.push(`${name} ${job?.status ?? 'gone'} ${job?.runsPlanned ?? ''}`)
  }
  const effects = (await story.effects()).map(({ runId, status }) => ({ runId, status }))
  const told = await Promise.all(
    effects.map(async ({ runId, status }) => {
      const { jobName, dueAt, trigger } = await story.run(runId)
      return `told ${jobName} ${since(dueAt)} ${trigger} ${status}`
    }),
  )
  return [...lines, ...told.sort()]
}

function endOf(run: Run): string {
  const end = `${run.status} ${'reason' in run ? run.reason : ''}`
  // Nobody can know whether it rang before the crash.
  if (run.jobName === 'once' && run.status === 'unknown') return 'succeeded null'
  // Under way or given back by the crash when it was replaced, it is replaced.
  if (run.jobName === 'replace' && end === 'skipped superseded') return 'cancelled null'
  return end
}

/** Every call is an attempt in the book, every further attempt has a cause, and at most once is at most once. */
async function areExplained(story: Story): Promise<void> {
  const calls = new Set<string>()
  for (const call of story.outside.calls) {
    const key = `${call.runId} ${call.attempt}`
    assert.ok(!calls.has(key), `attempt ${call.attempt} of ${call.job} ${since(call.dueAt)} was made twice`)
    calls.add(key)
    const attempts = await story.attempts(call.runId)
    const attempt = attempts.find(({ number }) => number === call.attempt)
    assert.ok(attempt?.fence === call.fence, `${call.job} ${since(call.dueAt)} was called without an entry`)
    assert.equal(attempt.cause === 'first', attempt.number === 1)
    if (attempt.cause === 'node_lost') assert.equal(attempts[attempt.number - 2]?.outcome, 'lost')
    assert.ok(call.job !== 'once' || attempts.length === 1)
  }
  for (const effect of await story.effects()) {
    const ids = new Set(story.outside.told.filter(({ run }) => run.id === effect.runId).map(({ id }) => id))
    assert.deepEqual(ids, new Set([effect.id]))
  }
}

test('a crash between any two steps costs only a repeat', async () => {
  await using whole = await tell(null)
  const steps = whole.gate.steps
  const expected = await end(whole)
  await areExplained(whole)
  assert.equal(whole.restarts, 0)
  assert.ok(steps > 80 && expected.length > 40, `${steps} steps, ${expected.length} lines`)
  for (const status of ['succeeded', 'skipped', 'cancelled'])
    assert.ok(
      expected.some((line) => line.includes(status)),
      status,
    )

  assert.deepEqual(
    expected.filter((line) => /(?:pending|running|cancelling) $/.test(line)),
    [],
    'everything ends, also without a crash',
  )

  let repeats = 0
  // After a step is before the next one: so each place between two steps comes up once.
  for (let step = 2; step <= steps; step += 2) {
    for (const when of ['before', 'after'] as const) {
      await using story = await tell({ step, when })
      const name = `died ${story.gate.diedAt}, step ${step}`
      assert.equal(story.restarts, 1, `${name}: restarts`)
      assert.deepEqual(await end(story), expected, name)
      await areExplained(story)
      assert.deepEqual(story.errors, [], name)
      repeats += story.outside.calls.length > whole.outside.calls.length ? 1 : 0
    }
  }
  assert.ok(repeats > 5, 'no crash ever cost a repeat: it was not where it hurts')
})
