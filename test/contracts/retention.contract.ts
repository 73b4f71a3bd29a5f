import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JobSpec } from '../../src/domain/job.ts'
import type { SweepReport } from '../../src/ports/store.ts'
import { at, DAY, done, gap, MINUTE, owes, type StoreKind, T0, World } from './world.ts'

function sweep(world: World, limit = 1_000, defaultDays = 30): Promise<SweepReport> {
  return world.store.housekeeping.forget({ now: world.now, limit, retention: { defaultDays } })
}

/** A job with one ended run for each status, a minute apart, oldest first. */
async function history(world: World, spec: Partial<JobSpec>, statuses: readonly ('succeeded' | 'failed')[]) {
  const job = await world.job(spec)
  for (const status of statuses) {
    const { leased } = await world.plan(
      () => owes({ runs: [at(world.now)], nextDueAt: world.now + MINUTE }),
      9,
    )
    await world.settle(done(leased[0]!, status))
    world.now += MINUTE
  }
  return job
}

async function statuses(world: World, jobId: string): Promise<string[]> {
  return (await world.allRuns(jobId)).map(({ status }) => status)
}

export function retentionContract(kind: StoreKind): void {
  test('runs go when they are older than the default, not before', async () => {
    await using world = await World.open(kind)
    const job = await history(world, {}, ['succeeded'])
    const runId = (await world.allRuns(job.id))[0]!.id
    world.now = T0 + 30 * DAY - 1
    assert.equal((await sweep(world)).runs, 0)
    world.now = T0 + 30 * DAY
    assert.deepEqual(await sweep(world), { runs: 1, gaps: 0, effects: 0, jobs: 0, more: false })
    assert.equal(await world.store.runs.get(runId), null)
    assert.deepEqual(await world.store.runs.attempts(runId), [])
    assert.notEqual(await world.store.jobs.get(job.id), null)
  })

  test('the job’s own rule comes before its project’s, and that before the default', async () => {
    await using world = await World.open(kind)
    const project = await world.project('short', { days: 2 })
    const own = await history(world, { policy: { keep: { days: 10 } } }, ['succeeded'])
    const projects = await world.job({}, { projectId: project.id })
    await world.plan(() => owes({ runs: [at(T0)] }), 9).then(({ leased }) => world.settle(done(leased[0]!)))
    world.now = T0 + 2 * DAY + MINUTE
    await sweep(world)
    assert.deepEqual([await statuses(world, own.id), await statuses(world, projects.id)], [['succeeded'], []])
    world.now = T0 + 10 * DAY + MINUTE
    await sweep(world)
    assert.deepEqual(await statuses(world, own.id), [])
  })

  test('the newest of each status stay where the rule counts', async () => {
    await using world = await World.open(kind)
    const job = await history(world, { policy: { keep: { last: 2 } } }, [
      'failed',
      'succeeded',
      'succeeded',
      'succeeded',
      'succeeded',
      'failed',
      'failed',
    ])
    world.now += DAY
    assert.equal((await sweep(world)).runs, 3)
    assert.deepEqual(await statuses(world, job.id), ['succeeded', 'succeeded', 'failed', 'failed'])
    world.now += 999 * DAY
    await sweep(world)
    assert.equal((await statuses(world, job.id)).length, 4)
  })

  test('days and last together: what either no longer asks for goes', async () => {
    await using world = await World.open(kind)
    const job = await history(world, { policy: { keep: { days: 1, last: 2 } } }, [
      'succeeded',
      'succeeded',
      'succeeded',
    ])
    world.now += MINUTE
    await sweep(world)
    assert.equal((await statuses(world, job.id)).length, 2)
    world.now += DAY
    await sweep(world)
    assert.deepEqual(await statuses(world, job.id), [])
  })

  test('a run that ended late is kept from its end, whatever it was due', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    await world.plan(
      () => owes({ runs: [at(T0 - 29 * DAY, { readyAt: T0 }), at(T0 - 28 * DAY, { readyAt: T0 })] }),
      9,
    )
    const [first, second] = await world.allRuns(job.id)
    await world.settle(done({ run: second } as never))
    world.now = T0 + 20 * DAY
    await world.settle(done({ run: first } as never))
    world.now = T0 + 30 * DAY
    await sweep(world)
    assert.deepEqual(
      (await world.allRuns(job.id)).map(({ id }) => id),
      [first?.id],
    )
    world.now = T0 + 50 * DAY
    await sweep(world)
    assert.deepEqual(await world.allRuns(job.id), [])
  })

  test('what is open stays, however old', async () => {
    await using world = await World.open(kind)
    const job = await world.job({ policy: { keep: { days: 1, last: 1 } } })
    await world.plan(() => owes({ runs: [at(T0), at(T0 + 1, { readyAt: T0 + 999 * DAY })] }), 1)
    world.now = T0 + 900 * DAY
    assert.equal((await sweep(world)).runs, 0)
    assert.deepEqual(await statuses(world, job.id), ['running', 'pending'])
  })

  test('a run stays until its callback has come to an end, then both go', async () => {
    await using world = await World.open(kind)
    const run = await world.ended({ callback: { url: 'http://127.0.0.1/' } })
    world.now = T0 + 40 * DAY
    assert.equal((await sweep(world)).runs, 0)
    const [effect] = (await world.store.outbox.list({}, { limit: 1 })).items
    const delivery = {
      effectId: effect!.id,
      number: 1,
      startedAt: T0,
      endedAt: T0,
      status: null,
      ok: false,
      message: 'no',
    }
    await world.store.outbox.record([{ delivery, nextTryAt: null }])
    world.now += 2 * MINUTE
    const report = await sweep(world)
    assert.deepEqual([report.runs, report.effects], [1, 1])
    assert.equal(await world.store.outbox.get(effect!.id), null)
    assert.equal(await world.store.runs.get(run.id), null)
  })

  test('gaps go by age', async () => {
    await using world = await World.open(kind)
    const job = await world.job({ policy: { keep: { days: 1 } } })
    await world.plan(() =>
      owes({ gaps: [gap(T0, T0 + 5, 6), gap(T0 + 6, T0 + 9, 4, { reason: 'calendar' })] }),
    )
    world.now = T0 + DAY + 5
    assert.equal((await sweep(world)).gaps, 1)
    const { gaps } = await world.store.runs.ledger(job.id, 0, T0 + 99, 9)
    assert.deepEqual(
      gaps.map(({ reason }) => reason),
      ['calendar'],
    )
  })

  test('a finished job goes with the last of its ledger', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    const finish = () => owes({ runs: [at(T0)], nextDueAt: null, status: 'finished' })
    const { leased } = await world.plan(finish, 9)
    world.now = T0 + 40 * DAY
    await sweep(world)
    assert.notEqual(await world.store.jobs.get(job.id), null)
    await world.settle(done(leased[0]!))
    world.now += 30 * DAY
    await sweep(world)
    assert.equal(await world.store.jobs.get(job.id), null)
    assert.deepEqual(await world.store.jobs.versions(job.id), [])
  })

  test('a finished job stays as long as its last run is kept; a deleted one keeps it as long as the default says', async () => {
    await using world = await World.open(kind)
    const job = await world.job({ policy: { keep: { last: 1 } } })
    const { leased } = await world.plan(
      () => owes({ runs: [at(T0)], nextDueAt: null, status: 'finished' }),
      9,
    )
    await world.settle(done(leased[0]!))
    world.now += 400 * DAY
    await sweep(world)
    assert.deepEqual(await statuses(world, job.id), ['succeeded'])
    assert.notEqual(await world.store.jobs.get(job.id), null)
    await world.store.jobs.change(job.id, () => ({ plan: null, job: null }), { now: world.now, by: 'me' })
    assert.deepEqual(await sweep(world), { runs: 1, gaps: 0, effects: 0, jobs: 1, more: false })
    assert.deepEqual(await world.store.jobs.versions(job.id), [])
  })

  test('an active job without a ledger stays; a deleted one goes when nothing is left', async () => {
    await using world = await World.open(kind)
    const active = await world.job({}, { nextDueAt: null })
    const deleted = await history(world, {}, ['succeeded'])
    await world.store.jobs.change(deleted.id, () => ({ plan: null, job: null }), { now: world.now, by: 'me' })
    world.now += DAY
    assert.equal((await sweep(world)).jobs, 0)
    assert.equal((await statuses(world, deleted.id)).length, 1)
    world.now += 40 * DAY
    assert.equal((await sweep(world)).jobs, 1)
    assert.notEqual(await world.store.jobs.get(active.id), null)
    assert.deepEqual(await world.store.jobs.versions(deleted.id), [])
  })

  test('a sweep is bounded and says when there is more', async () => {
    await using world = await World.open(kind)
    const job = await history(world, {}, new Array(7).fill('succeeded'))
    world.now += 40 * DAY
    const first = await sweep(world, 5)
    assert.deepEqual([first.runs, first.more], [5, true])
    assert.equal((await statuses(world, job.id)).length, 2)
    const second = await sweep(world, 5)
    assert.deepEqual([second.runs, second.more], [2, false])
    assert.equal((await sweep(world, 5)).runs, 0)
  })

  test('a shorter rule holds from the next sweep on: of the job, the project and the default', async () => {
    await using world = await World.open(kind)
    const project = await world.project('p')
    const own = await history(world, {}, ['succeeded'])
    const inProject = await world.job({}, { projectId: project.id })
    const { leased } = await world.plan(() => owes({ runs: [at(T0)] }), 9)
    await world.settle(...leased.map((work) => done(work)))
    world.now = T0 + 5 * DAY
    assert.equal((await sweep(world)).runs, 0)

    const job = (await world.store.jobs.get(own.id))!
    const edited = { ...job, version: 2, spec: { ...job.spec, policy: { keep: { days: 1 } } } }
    await world.store.jobs.change(own.id, () => ({ plan: null, job: edited }), { now: world.now, by: 'me' })
    assert.equal((await sweep(world)).runs > 0, true)
    assert.deepEqual(
      [(await statuses(world, own.id)).length, (await statuses(world, inProject.id)).length],
      [0, 1],
    )

    await world.store.projects.update({ ...project, keep: { days: 1 }, version: 2, updatedAt: world.now })
    assert.equal((await sweep(world)).runs, 1)
    const last = await world.ended()
    world.now += 5 * DAY
    assert.equal((await sweep(world)).runs, 0)
    assert.equal((await sweep(world, 99, 3)).runs, 1)
    assert.equal(await world.store.runs.get(last.id), null)
  })

  test('the figures of the store', async () => {
    await using world = await World.open(kind)
    const pause = { at: T0, until: null, note: null, by: 'me' }
    await world.job({}, { status: 'paused', pause, nextDueAt: null })
    await world.job({}, { status: 'finished', nextDueAt: null })
    const gone = await world.job({}, { status: 'finished', nextDueAt: null })
    await world.store.jobs.change(gone.id, () => ({ plan: null, job: null }), { now: T0, by: 'me' })
    await world.ended({ callback: { url: 'http://127.0.0.1/' } })
    await world.running()
    assert.deepEqual(await world.store.housekeeping.stats(), {
      jobs: { active: 2, paused: 1, finished: 1 },
      openRuns: 1,
      pendingEffects: 1,
    })
    await world.store.housekeeping.ping()
  })
}
