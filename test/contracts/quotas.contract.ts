import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EMPTY_MARK, type LogMark } from '../../src/domain/log/run-log.ts'
import type { Project } from '../../src/domain/project.ts'
import type { Run } from '../../src/domain/run.ts'
import { at, DAY, MINUTE, NODE, owes, type StoreKind, T0, World } from './world.ts'

async function limited(world: World, runsPerMinute: number): Promise<Project> {
  const project = await world.project('limited')
  await world.store.projects.update({ ...project, quotas: { runsPerMinute }, version: 2 })
  return project
}

/** The first moment of the next minute of the clock. */
const NEXT = (Math.floor(T0 / MINUTE) + 1) * MINUTE

export function quotasContract(kind: StoreKind): void {
  test('more runs than a minute may have wait for the next minutes; others are not held up', async () => {
    await using world = await World.open(kind)
    const project = await limited(world, 2)
    for (let n = 0; n < 5; n += 1) await world.job({}, { projectId: project.id })
    const other = await world.job()
    const report = await world.plan(() => owes({ runs: [at(T0)], nextDueAt: null }), 99)
    const mine = report.runs.filter(({ projectId }) => projectId === project.id)
    const waiting = mine.flatMap((run) => (run.status === 'pending' ? [run.readyAt] : []))
    assert.deepEqual(waiting, [NEXT, NEXT, NEXT + MINUTE])
    assert.equal(report.leased.length, 3, 'two of them, and the one of nobody’s quota')
    assert.ok(report.leased.some(({ run }) => run.jobId === other.id))
    world.now = NEXT
    const { works } = await world.store.runs.claimReady({ now: world.now, nodeId: NODE, slots: 99 })
    assert.equal(works.length, 2)
  })

  test('who would wait longer than an hour is skipped, with the quota as the reason', async () => {
    await using world = await World.open(kind)
    const project = await limited(world, 1)
    for (let n = 0; n < 70; n += 1) await world.job({}, { projectId: project.id })
    const { runs } = await world.plan(() => owes({ runs: [at(T0)], nextDueAt: null }), 0)
    const skipped = runs.filter(({ status }) => status === 'skipped')
    assert.equal(runs.length, 70)
    assert.ok(skipped.length >= 9 && skipped.length <= 10, String(skipped.length))
    assert.ok(skipped.every((run) => 'reason' in run && run.reason === 'quota'))
    const { jobId } = skipped[0]!
    const again = await world.store.runs.entryAt(jobId, T0)
    assert.ok(again !== null && 'run' in again && again.run.status === 'skipped')
  })

  test('a run that is triggered counts as well, and a quota that was taken away holds nobody up', async () => {
    await using world = await World.open(kind)
    const project = await limited(world, 1)
    const job = await world.job({}, { projectId: project.id, nextDueAt: null })
    const trigger = async (): Promise<string> => {
      const run = { trigger: 'manual', dueAt: T0, late: false, params: null } as const
      const state = { status: 'pending', readyAt: T0, notBefore: T0, startBy: null } as const
      const report = await world.store.jobs.change(
        job.id,
        (due) => ({ plan: null, job: due.job, runs: [{ ...run, state }] }),
        { now: T0, by: 'me' },
      )
      const [made] = report!.runs
      return made?.status === 'pending' && made.readyAt !== null ? String(made.readyAt - T0) : made!.status
    }
    assert.deepEqual([await trigger(), await trigger()], ['0', String(NEXT - T0)])
    const now = await world.store.projects.get(project.id)
    await world.store.projects.update({ ...now!, quotas: {}, version: 3 })
    assert.equal(await trigger(), '0')
  })

  test('many who plan and trigger at once give no turn twice', async () => {
    await using world = await World.open(kind)
    const project = await limited(world, 3)
    const jobs: string[] = []
    for (let n = 0; n < 12; n += 1)
      jobs.push((await world.job({}, { projectId: project.id, nextDueAt: null })).id)
    const state = { status: 'pending', readyAt: T0, notBefore: T0, startBy: null } as const
    const run = { trigger: 'manual', dueAt: T0, late: false, params: null, state } as const
    const reports = await Promise.all(
      jobs.map((id) =>
        world.store.jobs.change(id, (due) => ({ plan: null, job: due.job, runs: [run] }), {
          now: T0,
          by: 'me',
        }),
      ),
    )
    const turns = reports.map((report) => {
      const [made] = report!.runs
      return made?.status === 'pending' ? made.readyAt! - NEXT : null
    })
    const counts = Map.groupBy(turns, (turn) => (turn !== null && turn < 0 ? 'now' : turn))
    assert.deepEqual(
      [...counts.values()].map(({ length }) => length),
      [3, 3, 3, 3],
    )
  })

  test('a run under way is replaced only by one that has its turn now', async () => {
    await using world = await World.open(kind)
    const project = await limited(world, 1)
    const job = await world.job({ policy: { overlap: 'replace' } }, { projectId: project.id })
    const plan = (dueAt: number, replaceOpen: boolean) =>
      world.plan(() => owes({ runs: [at(dueAt)], replaceOpen, nextDueAt: dueAt + MINUTE }), 9)
    const [first] = (await plan(T0, false)).runs
    await world.store.jobs.change(job.id, (due) => ({ plan: null, job: { ...due.job, nextDueAt: T0 } }), {
      now: T0,
      by: 'me',
    })
    const second = await plan(T0 + 1, true)
    assert.deepEqual(
      second.runs.map((run) => [run.status, 'reason' in run && run.reason]),
      [['skipped', 'quota']],
    )
    assert.deepEqual(second.replaced, [])
    const byHand = await world.store.jobs.change(
      job.id,
      (due) => ({
        plan: null,
        job: due.job,
        runs: [at(T0, {}, { trigger: 'manual' })],
        replaceOpen: true,
      }),
      { now: T0, by: 'me' },
    )
    assert.deepEqual([byHand?.runs[0]?.status, byHand?.replaced], ['skipped', []])
    assert.equal((await world.run(first!.id)).status, 'running')
    world.now = NEXT
    const third = await world.plan(() => owes({ runs: [at(NEXT)], replaceOpen: true }), 0)
    assert.deepEqual([third.runs.length, third.replaced.map(({ id }) => id)], [0, []], 'not due yet')
    world.now = T0 + 1 + MINUTE
    const last = await world.plan(() => owes({ runs: [at(world.now)], replaceOpen: true }), 9)
    assert.deepEqual(
      last.replaced.map(({ id, status }) => [id, status]),
      [[first!.id, 'cancelled']],
    )
    assert.equal(last.leased.length, 1, 'what was skipped took nobody’s turn')
  })

  test('a run whose turn would come after its start deadline is skipped, and leaves the turn to others', async () => {
    await using world = await World.open(kind)
    const project = await limited(world, 1)
    const inProject = { projectId: project.id }
    await world.job({}, inProject)
    await world.plan(() => owes({ runs: [at(T0)], nextDueAt: null }), 9)
    await world.job({ policy: { startWithin: '1s' } }, inProject)
    const late = await world.plan(() => owes({ runs: [at(T0, { startBy: T0 + 1_000 })], nextDueAt: null }))
    await world.job({ target: { command: { argv: ['true'] } }, policy: { queueTimeout: '10s' } }, inProject)
    const patient = await world.plan(() =>
      owes({ runs: [at(T0, { startBy: T0 + 10_000 })], nextDueAt: null }),
    )
    const [skipped, waiting] = [late.runs[0]!, patient.runs[0]!]
    assert.equal('reason' in skipped && skipped.reason, 'quota')
    assert.ok(waiting.status === 'pending')
    assert.deepEqual([waiting.readyAt, waiting.startBy], [NEXT, NEXT + 10_000])
    world.now = NEXT
    assert.deepEqual(await world.store.runs.expire(world.now, 9), [])
  })

  test('what is used of each quota is told, of projects that have one', async () => {
    await using world = await World.open(kind)
    const { projects } = world.store
    await world.project('free')
    const project = await world.project('limited')
    const quotas = { jobs: 9, runsPerMinute: 2, concurrency: 3, logBytesPerDay: 500 }
    await projects.update({ ...project, quotas, version: 2 })
    assert.deepEqual(
      (await projects.usage(T0, 9)).map(({ name }) => name),
      ['limited'],
    )
    for (let n = 0; n < 3; n += 1) await world.job({}, { projectId: project.id })
    await world.plan(() => owes({ runs: [at(T0)], nextDueAt: null }))
    const [first] = await world.claim()
    const log = { runId: first!.run.id, attempt: 1, part: 0, fence: first!.run.fence }
    await world.store.logs.advance(log, EMPTY_MARK, { ...EMPTY_MARK, chunks: 1, bytes: 70 }, T0)
    const told = async (now: number) =>
      Object.fromEntries((await projects.usage(now, 9))[0]!.usage.map(({ quota, used }) => [quota, used]))
    assert.deepEqual(await told(T0), { jobs: 3, runsPerMinute: 2, concurrency: 2, logBytesPerDay: 70 })
    assert.deepEqual(await told(NEXT + 2 * MINUTE), {
      jobs: 3,
      runsPerMinute: 0,
      concurrency: 2,
      logBytesPerDay: 70,
    })
    assert.deepEqual((await projects.usage(T0 + DAY, 9))[0]?.usage.at(-1), {
      quota: 'logBytesPerDay',
      limit: 500,
      used: 0,
    })
  })

  test('bytes of logs are taken from the day they come on, and none beyond the quota', async () => {
    await using world = await World.open(kind)
    const { logs, projects } = world.store
    const project = await world.project('limited')
    await projects.update({ ...project, quotas: { logBytesPerDay: 100 }, version: 2 })
    const { run } = await world.running({}, { projectId: project.id })
    const { run: free } = await world.running()
    const day = world.now - (world.now % DAY)
    const marks = new Map<string, LogMark>()
    const grow = async (work: { run: Run }, bytes: number, at: number): Promise<unknown> => {
      world.now = at
      const { id: runId, fence } = work.run
      const before = marks.get(runId) ?? EMPTY_MARK
      const after = { ...before, chunks: before.chunks + 1, bytes: before.bytes + bytes }
      const done = await logs.advance({ runId, attempt: 1, part: 0, fence }, before, after, at)
      if (done === true) marks.set(runId, after)
      return done
    }
    const take = (bytes: number, at = day): Promise<unknown> => grow({ run }, bytes, at)
    assert.deepEqual(
      [await take(60), await take(41), await take(0), await take(40), await take(1)],
      [true, 'over_quota', true, true, 'over_quota'],
    )
    assert.equal(await grow({ run: free }, 1_000, day), true)
    assert.equal(await take(1, day + DAY - 1), 'over_quota')
    assert.deepEqual([await take(101, day + DAY), await take(100, day + DAY)], ['over_quota', true])
    const before = marks.get(run.id)!
    const log = { runId: run.id, attempt: 1, part: 0, fence: run.fence }
    const after = { ...before, chunks: before.chunks + 1, bytes: before.bytes + 60 }
    world.now = day + 2 * DAY
    const repeated = Array.from({ length: 5 }, () => logs.advance(log, before, after, world.now))
    assert.deepEqual((await Promise.all(repeated)).toSorted(), [false, false, false, false, true])
    marks.set(run.id, after)
    assert.equal(await take(40, world.now), true, 'a repetition takes nothing')
  })
}
