// The store is away for a while: what has been done is kept and written down when it is back; nothing is forgotten.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { triggerJob } from '../../src/commands/trigger-job.ts'
import { StoreUnavailable } from '../../src/ports/store.ts'
import { everyFrom } from '../support/due-by-hand.ts'
import { answered, HEARD, OK, slow } from './scripted-world.ts'
import { HOUR, MINUTE, SECOND, Story, since, T0 } from './story.ts'

async function away(story: Story, ms: number): Promise<void> {
  story.gate.away = true
  await story.advance(ms)
  story.gate.away = false
}

test('results that came while it was away are kept, and written down once it is back', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', slow(20 * SECOND))
  const callback = { url: 'http://ops.test/' }
  await story.job('bill', { schedule: { every: '1h' }, callback })
  await story.advance(HOUR + 10 * SECOND)
  await away(story, 5 * MINUTE)
  assert.equal((await story.runs('bill'))[0]?.status, 'running')
  await story.advance(MINUTE)
  assert.deepEqual(await story.book('bill'), ['+3600s succeeded'])
  assert.equal(story.outside.of('bill').length, 1)
  assert.equal(story.outside.told.length, 1)
  const [attempt] = await story.attempts(story.outside.of('bill')[0]!.runId)
  assert.equal(since(attempt!.endedAt!), '+3620s', 'it ended when it ended, not when it was written down')
  assert.ok(story.errors.every(({ error }) => error instanceof StoreUnavailable))
  assert.ok(story.errors.length < 250, `${story.errors.length} tries in five minutes: it asked too often`)
})

test('what became due while it was away is owed as after a downtime', async () => {
  await using story = await Story.begin()
  for (const catchUp of ['latest', 'all'] as const)
    await story.job(catchUp, { policy: { catchUp, overlap: 'queue' } })
  await story.advance(90 * SECOND)
  await away(story, 5 * MINUTE)
  await story.advance(2 * MINUTE)
  for (const name of ['latest', 'all'])
    await story.isComplete(name, everyFrom(T0, MINUTE, T0, T0 + 510 * SECOND))
  assert.equal(story.outside.of('all').length, 8)
  assert.ok((await story.book('latest')).some((line) => line.includes('missed superseded')))
})

test('a callback that was heard while it was away is written down once it is back, and not told again', async () => {
  await using story = await Story.begin()
  await story.job('bill', { schedule: { every: '1h' }, callback: { url: 'http://ops.test/' } })
  story.outside.hears = () => {
    story.gate.away = true
    return HEARD
  }
  await story.advance(HOUR + SECOND)
  story.outside.hears = () => HEARD
  await story.advance(MINUTE)
  story.gate.away = false
  await story.advance(5 * MINUTE)
  assert.equal(story.outside.told.length, 1)
  assert.equal((await story.effects())[0]?.status, 'delivered')
})

test('what a caller asks meanwhile is refused, not half done', async () => {
  await using story = await Story.begin()
  await story.job('bill', { schedule: { every: '1h' } })
  story.gate.away = true
  const refused = story.ask((ctx, who) => triggerJob(ctx, who, { idOrName: 'bill' }, {}))
  await assert.rejects(refused, StoreUnavailable)
  story.gate.away = false
  await story.advance(MINUTE)
  assert.deepEqual(await story.book('bill'), [])
})

test('asked to stop while it is away: it stops, and what it could not write down is lost and rung again', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth === 1 ? slow(20 * SECOND) : OK))
  await story.job('bill', { schedule: { every: '1h' } })
  await story.advance(HOUR + 10 * SECOND)
  story.gate.away = true
  await story.advance(30 * SECOND)
  await assert.rejects(story.stop())
  await story.hasStopped()
  story.gate.away = false
  await story.start()
  await story.advance(MINUTE)
  assert.deepEqual(await story.book('bill'), ['+3600s succeeded x2'])
})

test('away again and again while much is under way: every run ends once', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => slow((nth % 7) * SECOND, nth % 5 === 0 ? answered(503) : OK))
  await story.job('bill', {
    schedule: { every: '2s' },
    policy: { overlap: 'allow', catchUp: 'all', retry: { delays: ['3s', '3s', '3s'] } },
  })
  for (let n = 0; n < 20; n += 1) {
    await story.advance((n % 4) * 2_300)
    await away(story, (n % 5) * 1_700)
  }
  await story.advance(2 * MINUTE)
  const job = await story.disk.jobs.get(story.jobId('bill'))
  await story.isComplete('bill', everyFrom(T0, 2 * SECOND, T0, job!.plannedThrough))
  const calls = story.outside.of('bill').map(({ runId, attempt }) => `${runId} ${attempt}`)
  assert.equal(new Set(calls).size, calls.length)
  const open = (await story.runs('bill')).filter(
    (run) => run.dueAt < job!.plannedThrough - 30 * SECOND && !('finishedAt' in run),
  )
  assert.deepEqual(open, [])
})
