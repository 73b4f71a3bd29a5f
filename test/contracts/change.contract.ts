import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../src/domain/errors.ts'
import type { Job } from '../../src/domain/job.ts'
import type { JobChange, JobChangeReport } from '../../src/ports/store.ts'
import { at, done, gap, MINUTE, owes, queued, rejectsWith, type StoreKind, T0, World } from './world.ts'

type Decide = (job: Job) => JobChange

async function change(world: World, job: Job, decide: Decide): Promise<JobChangeReport> {
  const options = { now: world.now, by: 'key_2' }
  const report = await world.store.jobs.change(job.id, (due) => decide(due.job), options)
  assert.ok(report)
  return report
}

const renamed = (job: Job, name: string): Job => ({
  ...job,
  version: job.version + 1,
  spec: { ...job.spec, name },
})

export function changeContract(kind: StoreKind): void {
  test('a new version is stored beside the old ones, newest first', async () => {
    await using world = await World.open(kind)
    const job = await world.job({ name: 'old' })
    await change(world, job, (now) => ({ plan: null, job: { ...renamed(now, 'new'), updatedAt: T0 + 9 } }))
    const versions = await world.store.jobs.versions(job.id)
    assert.deepEqual(
      versions.map(({ version, spec, createdBy }) => [version, spec.name, createdBy]),
      [
        [2, 'new', 'key_2'],
        [1, 'old', 'key_1'],
      ],
    )
    assert.equal((await world.store.jobs.version(job.id, 1))?.spec.name, 'old')
    assert.equal((await world.store.jobs.byName(job.projectId, 'new'))?.updatedAt, T0 + 9)
    assert.equal(await world.store.jobs.byName(job.projectId, 'old'), null)
  })

  test('a name that is taken is an answer, and nothing is written', async () => {
    await using world = await World.open(kind)
    const taken = await world.job()
    const job = await world.job()
    const report = await change(world, job, (now) => ({
      plan: owes({ runs: [at(T0)] }),
      job: renamed(now, taken.spec.name),
      runs: [at(T0, {}, { trigger: 'manual' })],
    }))
    assert.equal(report.nameTaken, true)
    assert.deepEqual(report.runs, [])
    assert.deepEqual(await world.store.jobs.get(job.id), job)
    assert.deepEqual(await world.allRuns(job.id), [])
  })

  test('what is owed up to now is written under the old version, a trigger under the new', async () => {
    await using world = await World.open(kind)
    const job = await world.job({ name: 'old' })
    const report = await change(world, job, (now) => ({
      plan: owes({ runs: [at(T0)], gaps: [gap(T0 - 10, T0 - 5, 3)] }),
      job: renamed(now, 'new'),
      runs: [at(T0, {}, { trigger: 'manual', id: 'run_given', params: { day: 1 } })],
    }))
    assert.deepEqual(
      report.runs.map((run) => [run.trigger, run.jobVersion, run.jobName, run.params]),
      [
        ['schedule', 1, 'old', null],
        ['manual', 2, 'new', { day: 1 }],
      ],
    )
    assert.deepEqual(await world.allRuns(job.id), report.runs)
    assert.equal((await world.run('run_given')).jobVersion, 2)
    assert.equal((await world.store.runs.ledger(job.id, 0, T0 + 1, 9)).gaps[0]?.jobVersion, 1)
  })

  test('the decision sees the job and how many of its runs are open and queued', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    await world.plan(() => owes({ runs: [at(T0), queued(T0 + 1), queued(T0 + 2)] }), 1)
    let seen: unknown
    await world.store.jobs.change(
      job.id,
      ({ job: now, open, queued: waiting }) => {
        seen = [now.id, open, waiting]
        return { plan: null, job: now }
      },
      { now: T0, by: 'key_1' },
    )
    assert.deepEqual(seen, [job.id, 3, 2])
  })

  test('a decision that throws takes everything back', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    const refuse = (): never => {
      throw new AppError('job_paused', 'no')
    }
    await rejectsWith('job_paused', world.store.jobs.change(job.id, refuse, { now: T0, by: 'key_1' }))
    assert.deepEqual(await world.store.jobs.get(job.id), job)
  })

  test('a deleted job is gone by id and name, its ledger and versions are not, its name is free', async () => {
    await using world = await World.open(kind)
    const work = await world.running({ name: 'gone' })
    const job = await world.store.jobs.get(work.run.jobId)
    const report = await change(world, job!, () => ({ plan: null, job: null }))
    assert.equal(report.job, null)
    assert.equal(await world.store.jobs.get(work.run.jobId), null)
    assert.equal(await world.store.jobs.byName(job!.projectId, 'gone'), null)
    assert.deepEqual((await world.store.jobs.list({}, { limit: 9 })).items, [])
    assert.equal(await world.store.jobs.change(job!.id, () => assert.fail(), { now: T0, by: 'x' }), null)
    assert.equal((await world.store.jobs.versions(job!.id)).length, 1)
    await world.settle(done(work))
    assert.equal((await world.allRuns(job!.id))[0]?.status, 'succeeded')
    assert.equal((await world.store.runs.list({ jobId: job!.id }, { limit: 9 })).items.length, 1)
    await world.job({ name: 'gone' })
  })

  test('deleting ends what waits, the plan of this change included, and leaves what is under way', async () => {
    await using world = await World.open(kind)
    const callback = { url: 'http://127.0.0.1/told' }
    const job = await world.job({ callback })
    await world.plan(() => owes({ runs: [at(T0), queued(T0 + 1)], nextDueAt: T0 + MINUTE }), 1)
    world.now += MINUTE
    const report = await change(world, job, () => ({
      plan: owes({ runs: [queued(T0 + MINUTE)] }),
      job: null,
      endPending: { status: 'missed', reason: 'job_deleted' },
    }))
    const statuses = (await world.allRuns(job.id)).map((run) => run.status)
    assert.deepEqual(statuses, ['running', 'missed', 'missed'])
    assert.equal(report.ended.length, 2)
    assert.equal(report.runs[0]?.status, 'missed')
    assert.equal((await world.store.outbox.list({ jobId: job.id }, { limit: 9 })).items.length, 2)
    assert.equal(await world.store.runs.nextDueAt(), null)
  })

  test('replaceOpen ends what is open before the new run is written', async () => {
    await using world = await World.open(kind)
    const work = await world.running()
    const job = await world.store.jobs.get(work.run.jobId)
    const report = await change(world, job!, (now) => ({
      plan: null,
      job: now,
      replaceOpen: true,
      runs: [at(T0 + 5, { readyAt: T0 }, { trigger: 'manual' })],
    }))
    assert.deepEqual(
      report.replaced.map((run) => [run.id, run.status]),
      [[work.run.id, 'cancelled']],
    )
    assert.equal(report.runs[0]?.status, 'pending')
    assert.deepEqual((await world.settle(done(work))).runs, [null])
  })

  test('a run that waits for nobody may start', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    await change(world, job, (now) => ({ plan: owes({ runs: [queued(T0), queued(T0 + 1)] }), job: now }))
    assert.deepEqual(
      (await world.claim()).map(({ run }) => run.dueAt),
      [T0],
    )
  })

  test('pausing and resuming keep the job as decided', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    const pause = { at: T0, until: null, note: null, by: 'me' }
    const paused = (
      await change(world, job, (now) => ({
        plan: null,
        job: { ...now, status: 'paused', pause, nextDueAt: null },
      }))
    ).job
    assert.deepEqual(await world.store.jobs.get(job.id), paused)
    assert.equal(await world.store.runs.nextDueAt(), null)
    await change(world, job, () => ({ plan: null, job }))
    assert.deepEqual(await world.store.jobs.get(job.id), job)
  })
}
