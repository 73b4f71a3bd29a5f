// What people do to runs: trigger, cancel, try again. And what a node that dies does to them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cancelRun } from '../../src/commands/cancel-run.ts'
import { retryRun } from '../../src/commands/retry-run.ts'
import { triggerJob } from '../../src/commands/trigger-job.ts'
import type { Run } from '../../src/domain/run.ts'
import { answered, OK, slow } from './scripted-world.ts'
import { HOUR, MINUTE, SECOND, Story, since } from './story.ts'

const BILL = { idOrName: 'bill' }
const HOURLY = { schedule: { every: '1h' } }

async function trigger(story: Story, params?: unknown, key?: string): Promise<Run> {
  const mark = key === undefined ? undefined : { key, hash: 'same' }
  return (await story.ask((ctx, who) => triggerJob(ctx, who, BILL, { params }, mark))).run
}

function cancel(story: Story, id: string): Promise<Run> {
  return story.ask((ctx, who) => cancelRun(ctx, who, id))
}

test('triggered: one run now, with its parameters, besides the schedule', async () => {
  await using story = await Story.begin()
  await story.job('bill', HOURLY)
  await story.advance(10 * SECOND)
  await trigger(story, { day: 1 })
  await story.advance(HOUR)
  assert.deepEqual(await story.book('bill'), ['+10s succeeded manual', '+3600s succeeded'])
  assert.deepEqual(
    story.outside.of('bill').map(({ params }) => params),
    [{ day: 1 }, null],
  )
})

test('the same trigger sent again is one run and one answer; under another key it is another', async () => {
  await using story = await Story.begin()
  await story.job('bill', HOURLY)
  const first = await trigger(story, null, 'k1')
  await story.advance(SECOND)
  assert.equal((await trigger(story, null, 'k1')).id, first.id)
  assert.notEqual((await trigger(story, null, 'k2')).id, first.id)
  await story.advance(SECOND)
  assert.equal(story.outside.of('bill').length, 2)
})

test('triggered twice in the same moment: two runs, or one and a skip, as the overlap rule says', async () => {
  for (const [overlap, expected] of [
    ['allow', ['+0s succeeded manual', '+0s succeeded manual']],
    ['skip', ['+0s succeeded manual', '+0s skipped overlap manual']],
  ] as const) {
    await using story = await Story.begin()
    await story.job('bill', { ...HOURLY, policy: { overlap } })
    await story.ask(async (ctx, who) => {
      await Promise.all([triggerJob(ctx, who, BILL, {}), triggerJob(ctx, who, BILL, {})])
    })
    await story.advance(SECOND)
    assert.deepEqual(await story.book('bill'), expected)
  }
})

test('a waiting run is cancelled at once and never starts', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', answered(503))
  await story.job('bill', { ...HOURLY, policy: { retry: { delays: ['10m'] } } })
  const { id } = await trigger(story)
  await story.advance(MINUTE)
  assert.equal((await story.run(id)).status, 'pending')
  assert.equal((await cancel(story, id)).status, 'cancelled')
  await story.advance(30 * MINUTE)
  assert.equal(story.outside.of('bill').length, 1)
  assert.deepEqual(await story.book('bill'), ['+0s cancelled manual'])
})

test('a run under way is broken off and ends as cancelled; whoever waits behind it goes on', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth === 1 ? 'never' : OK))
  await story.job('bill', { ...HOURLY, policy: { overlap: 'queue' } })
  const first = await trigger(story)
  await trigger(story)
  await story.advance(MINUTE)
  assert.equal((await cancel(story, first.id)).status, 'cancelling')
  await story.advance(SECOND)
  assert.deepEqual(story.outside.brokenOff, [first.id])
  assert.deepEqual(await story.book('bill'), ['+0s cancelled manual', '+0s succeeded manual'])
  assert.deepEqual(
    (await story.attempts(first.id)).map(({ outcome }) => outcome),
    ['cancelled'],
  )
})

test('cancelled while its last attempt was failing: it ends as cancelled and is not tried again', async () => {
  await using story = await Story.begin()
  await story.job('bill', { ...HOURLY, target: { http: { url: 'http://many.test/', batch: {} } } })
  // Part of a batch, so it cannot be broken off by itself.
  story.outside.script('bill', slow(30 * SECOND, answered(503)))
  const { id } = await trigger(story)
  await story.advance(SECOND)
  await cancel(story, id)
  await story.advance(10 * MINUTE)
  const run = await story.run(id)
  assert.equal(run.status, 'cancelled')
  assert.doesNotMatch(run.message ?? '', /next attempt/)
  assert.equal(run.attempts, 1)
})

test('a node dies over a run that is being cancelled: it ends as cancelled', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', 'never')
  await story.job('bill', { ...HOURLY, target: { http: { url: 'http://many.test/', batch: {} } } })
  const { id } = await trigger(story)
  await story.advance(SECOND)
  await cancel(story, id)
  await story.down(SECOND)
  await story.advance(MINUTE)
  assert.deepEqual(await story.book('bill'), ['+0s cancelled manual'])
  assert.equal(story.outside.of('bill').length, 1)
})

test('what has ended cannot be cancelled', async () => {
  await using story = await Story.begin()
  await story.job('bill', HOURLY)
  const { id } = await trigger(story)
  await story.advance(SECOND)
  await assert.rejects(cancel(story, id), { code: 'run_final' })
  assert.equal((await story.run(id)).status, 'succeeded')
})

test('tried again by hand: a new run does the work, the old one stays what it is', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth === 1 ? answered(404) : OK))
  await story.job('bill', HOURLY)
  const { id } = await trigger(story, { day: 2 })
  await story.advance(5 * SECOND)
  const retry = () => story.ask((ctx, who) => retryRun(ctx, who, id, { key: 'again', hash: 'same' }))
  const { run } = await retry()
  assert.equal((await retry()).run.id, run.id)
  await story.advance(SECOND)
  assert.deepEqual(await story.book('bill'), ['+0s failed manual', '+5s succeeded retry'])
  assert.deepEqual(
    story.outside.of('bill').map(({ params }) => params),
    [{ day: 2 }, { day: 2 }],
  )
})

test('a run that is open is not tried again by hand', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', 'never')
  await story.job('bill', HOURLY)
  const { id } = await trigger(story)
  await story.advance(SECOND)
  await assert.rejects(
    story.ask((ctx, who) => retryRun(ctx, who, id)),
    { code: 'run_not_final' },
  )
})

test('a node dies over a run: it is lost, written down so, and rung again', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth === 1 ? 'never' : OK))
  await story.job('bill', HOURLY)
  await story.advance(HOUR + 5 * SECOND)
  await story.down(10 * SECOND)
  await story.advance(SECOND)
  assert.deepEqual(await story.book('bill'), ['+3600s succeeded x2'])
  const [run] = await story.runs('bill')
  const attempts = await story.attempts(run!.id)
  assert.deepEqual(
    attempts.map(({ cause, outcome, fence }) => [cause, outcome, fence]),
    [
      ['first', 'lost', 1],
      ['node_lost', 'ok', 2],
    ],
  )
  assert.notEqual(attempts[0]?.nodeId, attempts[1]?.nodeId)
  assert.deepEqual(
    story.outside.of('bill').map(({ at }) => since(at)),
    ['+3600s', '+3615s'],
  )
})

test('a node that dies uses up none of the retries of the job, and does not shift its delays', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', (_, nth) => (nth === 1 ? 'never' : answered(503)))
  await story.job('bill', { ...HOURLY, policy: { retry: { delays: ['1s', '10s'] } } })
  await story.advance(HOUR + 5 * SECOND)
  await story.down(SECOND)
  await story.advance(MINUTE)
  assert.deepEqual(await story.book('bill'), ['+3600s failed x4'])
  assert.deepEqual(
    story.outside.of('bill').map(({ at }) => since(at)),
    ['+3600s', '+3606s', '+3607s', '+3617s'],
  )
})

test('at most once: a node dies over it, so nobody can know; never a second call', async () => {
  await using story = await Story.begin()
  story.outside.script('bill', 'never')
  const callback = { url: 'http://ops.test/' }
  await story.job('bill', { ...HOURLY, policy: { delivery: 'at_most_once' }, callback })
  await story.advance(HOUR + 5 * SECOND)
  await story.down(10 * SECOND)
  await story.advance(10 * MINUTE)
  assert.deepEqual(await story.book('bill'), ['+3600s unknown'])
  assert.equal(story.outside.of('bill').length, 1)
  assert.deepEqual(
    story.outside.told.map(({ run }) => run.status),
    ['unknown'],
  )
})

test('at most once: what certainly never arrived is tried again, what may have arrived is not', async () => {
  await using story = await Story.begin()
  const error = { kind: 'error', code: 'network', message: 'no connection' } as const
  story.outside.script('never-left', (_, nth) => (nth === 1 ? { ...error, reached: 'no' } : OK))
  story.outside.script('may-have', { ...error, reached: 'maybe' })
  story.outside.script('arrived', answered(503))
  const policy = { delivery: 'at_most_once', retry: { delays: ['1s', '1s'] } } as const
  for (const name of ['never-left', 'may-have', 'arrived']) await story.job(name, { ...HOURLY, policy })
  await story.advance(HOUR + MINUTE)
  assert.deepEqual(await story.book('never-left'), ['+3600s succeeded x2'])
  assert.deepEqual(await story.book('may-have'), ['+3600s unknown'])
  assert.deepEqual(await story.book('arrived'), ['+3600s failed'])
})

test('a stop waits for what is under way; what does not end in time is given back and rung again', async () => {
  await using story = await Story.begin({ drainTimeoutMs: 20_000 })
  story.outside.script('short', slow(15 * SECOND))
  story.outside.script('long', (_, nth) => (nth === 1 ? 'never' : OK))
  for (const name of ['short', 'long']) await story.job(name, HOURLY)
  await story.advance(HOUR)
  await story.stop()
  assert.deepEqual(await story.book('short'), ['+3600s succeeded'])
  assert.equal((await story.runs('long'))[0]?.status, 'pending')
  await story.start()
  await story.advance(SECOND)
  assert.deepEqual(await story.book('long'), ['+3600s succeeded x2'])
})
