import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job } from '../../src/domain/job.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import { isFinal } from '../../src/domain/run.ts'
import { at, done, gap, MINUTE, NODE, not, owes, queued, type StoreKind, T0, World } from './world.ts'

export function planContract(kind: StoreKind): void {
  test('a due job is planned once and then not before its next instant', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    const report = await world.plan(() => owes({ runs: [at(T0)], nextDueAt: T0 + MINUTE, runsPlanned: 7 }))
    assert.equal(report.jobs, 1)
    assert.deepEqual(report.runs, await world.allRuns(job.id))
    const stored = await world.store.jobs.get(job.id)
    assert.deepEqual([stored?.plannedThrough, stored?.nextDueAt, stored?.runsPlanned], [T0, T0 + MINUTE, 7])
    assert.equal((await world.plan(() => assert.fail('not due'))).jobs, 0)
    assert.equal(await world.store.runs.nextDueAt(), T0 + MINUTE)
  })

  test('nobody is due before the first instant; the earliest comes first', async () => {
    await using world = await World.open(kind)
    await world.job({}, { nextDueAt: T0 + 2 * MINUTE })
    const early = await world.job({}, { nextDueAt: T0 + MINUTE })
    await world.job({}, { nextDueAt: null })
    assert.equal(await world.store.runs.nextDueAt(), T0 + MINUTE)
    assert.equal((await world.plan(() => assert.fail())).jobs, 0)
    world.now = T0 + 3 * MINUTE
    const seen: string[] = []
    const request = { now: world.now, limit: 1, nodeId: NODE, slots: 0 }
    await world.store.runs.plan(request, ({ job }) => {
      seen.push(job.id)
      return owes({})
    })
    assert.deepEqual(seen, [early.id])
  })

  test('an instant has one run, however often it is planned', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    const twice = (): ReturnType<typeof owes> => owes({ runs: [at(T0), at(T0)], nextDueAt: T0 })
    const first = await world.plan(twice, 9)
    const second = await world.plan(twice, 9)
    assert.deepEqual([first.runs.length, first.leased.length], [1, 1])
    assert.deepEqual([second.runs.length, second.leased.length], [0, 0])
    assert.equal((await world.allRuns(job.id)).length, 1)
  })

  test('manual runs are not unique by instant', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    await world.plan(() => owes({ runs: [at(T0)] }))
    const manual = at(T0, {}, { trigger: 'manual' })
    const options = { now: T0, by: 'key_1' }
    await world.store.jobs.change(
      job.id,
      (due) => ({ plan: null, job: due.job, runs: [manual, manual] }),
      options,
    )
    assert.equal((await world.allRuns(job.id)).length, 3)
  })

  test('ready runs are leased in the same step, as many as there are slots', async () => {
    await using world = await World.open(kind)
    await world.job()
    const runs = [
      at(T0),
      at(T0 + 1, { readyAt: T0 + 1 }),
      queued(T0 + 2),
      at(T0 + 3, { readyAt: T0 }),
      at(T0 + 4, { readyAt: T0 }),
    ]
    const report = await world.plan(() => owes({ runs }), 2)
    assert.deepEqual(
      report.runs.map((run) => run.status),
      ['running', 'pending', 'pending', 'running', 'pending'],
    )
    assert.deepEqual(
      report.leased.map(({ run }) => run.dueAt),
      [T0, T0 + 3],
    )
    const [work] = report.leased
    assert.deepEqual(work?.attempt, { number: 1, cause: 'first', startedAt: T0 })
    assert.deepEqual(work?.run.lease, { nodeId: NODE, fence: 1, leasedAt: T0 })
    assert.deepEqual(await world.run(work!.run.id), work?.run)
    assert.deepEqual(await world.store.runs.attempts(work!.run.id), [
      {
        runId: work!.run.id,
        number: 1,
        part: null,
        fence: 1,
        nodeId: NODE,
        cause: 'first',
        startedAt: T0,
        endedAt: null,
        outcome: null,
        detail: null,
        agent: null,
        late: null,
      },
    ])
  })

  test('a run past its start deadline is not leased', async () => {
    await using world = await World.open(kind)
    await world.job()
    const report = await world.plan(() => owes({ runs: [at(T0, { startBy: T0 - 1 })] }), 1)
    assert.deepEqual(report.leased, [])
    assert.equal((await world.store.runs.claimReady({ now: T0, nodeId: NODE, slots: 1 })).missed.length, 1)
  })

  test('a run can be born final', async () => {
    await using world = await World.open(kind)
    const job = await world.job({ callback: { url: 'http://127.0.0.1/' } })
    await world.plan(
      () => owes({ runs: [not(T0, 'skipped', 'overlap'), not(T0 + 1, 'missed', 'too_late')] }),
      9,
    )
    const runs = await world.allRuns(job.id)
    assert.deepEqual(
      runs.map((run) => isFinal(run.status) && 'reason' in run && [run.status, run.reason, run.finishedAt]),
      [
        ['skipped', 'overlap', T0],
        ['missed', 'too_late', T0],
      ],
    )
    const told = (await world.store.outbox.list({}, { limit: 9 })).items
    assert.deepEqual(
      told.map((effect) => effect.runId),
      [runs[1]?.id],
    )
  })

  test('the decision sees the open and queued runs of its own job', async () => {
    await using world = await World.open(kind)
    const busy = await world.job()
    await world.plan(() => owes({ runs: [at(T0), queued(T0 + 1)], nextDueAt: T0 + MINUTE }), 1)
    await world.job({}, { nextDueAt: T0 + MINUTE })
    world.now += MINUTE
    const seen = new Map<string, readonly number[]>()
    await world.plan(({ job, open, queued: waiting }) => {
      seen.set(job.id === busy.id ? 'busy' : 'free', [open, waiting])
      return owes({})
    })
    assert.deepEqual(Object.fromEntries(seen), { busy: [2, 1], free: [0, 0] })
  })

  test('replace ends what is open, fences it, and the new run goes first', async () => {
    await using world = await World.open(kind)
    const job = await world.job({ callback: { url: 'http://127.0.0.1/' } })
    await world.plan(() => owes({ runs: [at(T0), queued(T0 + 1)], nextDueAt: T0 + MINUTE }), 1)
    const [old, waiting] = await world.allRuns(job.id)
    world.now += MINUTE
    const report = await world.plan(() => owes({ runs: [at(world.now)], replaceOpen: true }), 1)
    assert.deepEqual(
      report.replaced.map((run) => [run.id, run.status, run.reason]),
      [
        [old?.id, 'cancelled', null],
        [waiting?.id, 'skipped', 'superseded'],
      ],
    )
    assert.equal(report.leased.length, 1)
    const after = await world.run(old!.id)
    assert.equal(after.fence, 2)
    assert.match(after.message ?? '', /replaced/)
    assert.deepEqual(
      (await world.store.runs.attempts(old!.id)).map((attempt) => [attempt.outcome, attempt.endedAt]),
      [['cancelled', world.now]],
    )
    const late = { ...report.leased[0]!, run: old as never }
    assert.deepEqual((await world.settle(done(late))).runs, [null])
    assert.equal((await world.run(old!.id)).status, 'cancelled')
    const told = (await world.store.outbox.list({}, { limit: 9 })).items
    assert.deepEqual(
      told.map((effect) => effect.runId),
      [old?.id],
    )
  })

  test('one job that cannot be planned is put off for a minute and holds up nobody', async () => {
    await using world = await World.open(kind)
    const bad = await world.job()
    const good = await world.job()
    const decide = ({ job }: { job: { id: string } }) => {
      if (job.id === bad.id) throw new Error('cannot')
      return owes({ runs: [at(T0)] })
    }
    const report = await world.plan(decide, 9)
    assert.deepEqual(
      report.failures.map(({ jobId, error }) => [jobId, (error as Error).message]),
      [[bad.id, 'cannot']],
    )
    assert.equal(report.leased.length, 1)
    assert.equal((await world.allRuns(good.id)).length, 1)
    assert.deepEqual(await world.store.jobs.get(bad.id), { ...bad, nextDueAt: T0 + MINUTE })
  })

  test('one job whose plan cannot be written is put off too, and leaves nothing behind', async () => {
    await using world = await World.open(kind)
    const bad = await world.job()
    const good = await world.job()
    const broken = owes({ runs: [at(T0), at(T0 + 0.5)] })
    const report = await world.plan(({ job }) => (job.id === bad.id ? broken : owes({ runs: [at(T0)] })), 9)
    assert.deepEqual(
      report.failures.map(({ jobId }) => jobId),
      [bad.id],
    )
    assert.deepEqual(
      report.leased.map(({ run }) => run.jobId),
      [good.id],
    )
    assert.deepEqual(await world.allRuns(bad.id), [])
    assert.equal((await world.store.jobs.get(bad.id))?.nextDueAt, T0 + MINUTE)
  })

  test('of many jobs planned together, neither one that is in the ledger nor one that is broken touches the others', async () => {
    await using world = await World.open(kind)
    const jobs: Job[] = []
    for (let n = 0; n < 25; n += 1) jobs.push(await world.job({}, n === 12 ? {} : { nextDueAt: T0 + 1 }))
    const [first] = (await world.plan(() => owes({ runs: [at(T0)], nextDueAt: T0 + 1 }), 9)).leased
    assert.equal(first?.run.jobId, jobs[12]!.id)
    world.now = T0 + 1
    const report = await world.plan(({ job }) => {
      if (job.id === jobs[17]!.id) return owes({ runs: [at(T0), at(T0 + 0.5)] })
      return owes({ runs: job.id === jobs[5]!.id ? [at(T0), queued(T0 + 1)] : [at(T0)] })
    }, 99)
    const others = jobs.filter((_, n) => n !== 12 && n !== 17).map(({ id }) => id)
    assert.deepEqual(new Set(report.leased.map(({ run }) => run.jobId)), new Set(others))
    assert.equal(report.leased.length, others.length)
    assert.deepEqual(
      report.failures.map(({ jobId }) => jobId),
      [jobs[17]!.id],
    )
    for (const { id } of jobs) {
      const runs = await world.allRuns(id)
      assert.equal(runs.length, id === jobs[17]!.id ? 0 : id === jobs[5]!.id ? 2 : 1)
      if (id === jobs[12]!.id) assert.equal(runs[0]!.id, first!.run.id)
    }
    assert.equal((await world.settle(...report.leased.map((work) => done(work)))).stale, 0)
  })

  test('of many jobs planned and settled together each keeps its own, and one whose standing cannot be written only itself', async () => {
    await using world = await World.open(kind)
    const jobs: Job[] = []
    for (let n = 0; n < 100; n += 1) jobs.push(await world.job())
    const bad = 77
    // Alike for long, then by turns, then a few.
    const kindOf = (n: number): number => (n < 45 ? 1 : n < 60 ? n % 2 : n < 95 ? 2 : 3)
    const numbers = new Map(jobs.map(({ id }, n) => [id, n]))
    const report = await world.plan(({ job }) => {
      const n = numbers.get(job.id)!
      const runsPlanned = n === bad ? -1 : kindOf(n)
      return owes({ runs: [at(T0)], nextDueAt: T0 + MINUTE + kindOf(n), runsPlanned })
    }, 200)
    assert.deepEqual(
      report.failures.map(({ jobId }) => jobId),
      [jobs[bad]!.id],
    )
    const statuses = ['failed', 'succeeded', 'unknown', 'cancelled'] as const
    const outcomeOf = (kind: number): Outcome => {
      return { kind: 'error', code: 'odd', message: `of kind ${kind}`, reached: 'yes' }
    }
    const ends = report.leased.map((work) => {
      const kind = kindOf(numbers.get(work.run.jobId)!)
      return done(work, statuses[kind], outcomeOf(kind))
    })
    assert.equal((await world.settle(...ends)).stale, 0)
    for (const [n, { id }] of jobs.entries()) {
      const { nextDueAt, runsPlanned } = (await world.store.jobs.get(id))!
      const runs = await world.allRuns(id)
      if (n === bad) assert.deepEqual([nextDueAt, runsPlanned, runs.length], [T0 + MINUTE, 0, 0])
      else {
        const kind = kindOf(n)
        assert.deepEqual([nextDueAt, runsPlanned], [T0 + MINUTE + kind, kind], String(n))
        assert.deepEqual(
          runs.map(({ status, jobName }) => [status, jobName]),
          [[statuses[kind], jobs[n]!.spec.name]],
        )
        const told = (await world.store.runs.attempts(runs[0]!.id)).map(({ detail }) => detail)
        assert.deepEqual(told, [outcomeOf(kind)])
      }
    }
  })

  test('a finished plan finishes the job', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    await world.plan(() => owes({ runs: [at(T0)], nextDueAt: null, status: 'finished' }))
    assert.equal((await world.store.jobs.get(job.id))?.status, 'finished')
    assert.equal(await world.store.runs.nextDueAt(), null)
  })

  test('a pause ends with the plan that its end makes due', async () => {
    await using world = await World.open(kind)
    const pause = { at: T0, until: T0 + MINUTE, note: null, by: 'me' }
    const job = await world.job({}, { status: 'paused', pause, nextDueAt: T0 + MINUTE })
    world.now += MINUTE
    await world.plan(() => owes({ gaps: [gap(T0, T0 + MINUTE, 2)] }))
    const after = await world.store.jobs.get(job.id)
    assert.deepEqual([after?.status, after?.pause], ['active', null])
  })
}
