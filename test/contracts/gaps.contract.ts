import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plan } from '../../src/domain/planned.ts'
import { at, gap, MINUTE, owes, type StoreKind, T0, World } from './world.ts'

/** Plans the one job, a minute later each time. */
async function planOn(world: World, plan: Partial<Plan>): Promise<void> {
  world.now += MINUTE
  const report = await world.plan(() => owes({ nextDueAt: world.now + MINUTE, ...plan }))
  assert.deepEqual(report.failures, [])
}

async function gapsOf(world: World, jobId: string): Promise<(readonly [number, number, number])[]> {
  const { gaps } = await world.store.runs.ledger(jobId, 0, Number.MAX_SAFE_INTEGER, 99)
  return gaps.map(({ from, to, count }) => [from - T0, to - T0, count] as const)
}

export function gapsContract(kind: StoreKind): void {
  test('a gap that goes on where the last one ends makes it longer', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    await planOn(world, { gaps: [gap(T0, T0 + 9, 10)] })
    await planOn(world, { gaps: [gap(T0 + 10, T0 + 19, 10)] })
    assert.deepEqual(await gapsOf(world, job.id), [[0, 19, 20]])
  })

  test('another reason, another version or a run in between begins a new one', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    await planOn(world, { gaps: [gap(T0, T0 + 9, 10)] })
    await planOn(world, { gaps: [gap(T0 + 10, T0 + 19, 10, { reason: 'calendar' })] })
    await planOn(world, { gaps: [gap(T0 + 20, T0 + 29, 10, { reason: 'calendar', status: 'missed' })] })
    await planOn(world, {
      runs: [at(T0 + 30)],
      gaps: [gap(T0 + 31, T0 + 39, 9, { reason: 'calendar', status: 'missed' })],
    })
    const edit = { now: world.now, by: 'me' }
    await world.store.jobs.change(job.id, (due) => ({ plan: null, job: { ...due.job, version: 2 } }), edit)
    await planOn(world, { gaps: [gap(T0 + 40, T0 + 49, 10, { reason: 'calendar', status: 'missed' })] })
    assert.deepEqual(await gapsOf(world, job.id), [
      [0, 9, 10],
      [10, 19, 10],
      [20, 29, 10],
      [31, 39, 9],
      [40, 49, 10],
    ])
  })

  test('runs that are leased by the same plan part the gaps around them', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    const plan = { runs: [at(T0 + 10), at(T0 + 11)], gaps: [gap(T0, T0 + 9, 10), gap(T0 + 12, T0 + 19, 8)] }
    world.now += MINUTE
    const { leased } = await world.plan(() => owes({ nextDueAt: world.now + MINUTE, ...plan }), 99)
    assert.equal(leased.length, 2)
    assert.deepEqual(await gapsOf(world, job.id), [
      [0, 9, 10],
      [12, 19, 8],
    ])
  })

  test('a manual run in between does not part a gap', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    await planOn(world, { gaps: [gap(T0, T0 + 9, 10)] })
    const options = { now: world.now, by: 'me' }
    const manual = at(T0 + 10, {}, { trigger: 'manual' })
    await world.store.jobs.change(job.id, (due) => ({ plan: null, job: due.job, runs: [manual] }), options)
    await planOn(world, { gaps: [gap(T0 + 12, T0 + 19, 8)] })
    assert.deepEqual(await gapsOf(world, job.id), [[0, 19, 18]])
  })

  test('gaps of a job never overlap: such a plan fails as a whole', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    await planOn(world, { gaps: [gap(T0, T0 + 9, 10)] })
    world.now += MINUTE
    const plan = owes({
      runs: [at(T0 + 50)],
      gaps: [gap(T0 + 9, T0 + 19, 10)],
      nextDueAt: world.now + MINUTE,
    })
    assert.equal((await world.plan(() => plan)).failures.length, 1)
    assert.deepEqual(await world.allRuns(job.id), [])
    assert.deepEqual(await gapsOf(world, job.id), [[0, 9, 10]])
  })

  test('the entry of an instant is its scheduled run or the gap around it', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    await planOn(world, { gaps: [gap(T0, T0 + 9, 10)], runs: [at(T0 + 10)] })
    const entry = (instant: number) => world.store.runs.entryAt(job.id, T0 + instant)
    const run = await entry(10)
    assert.ok(run !== null && 'run' in run && run.run.dueAt === T0 + 10)
    for (const instant of [0, 4, 9]) {
      const found = await entry(instant)
      assert.ok(found !== null && 'gap' in found && found.gap.jobId === job.id, `at ${instant}`)
    }
    assert.equal(await entry(-1), null)
    assert.equal(await entry(11), null)
    assert.equal(await world.store.runs.entryAt('job_none', T0), null)
  })

  test('a manual run is nobody’s entry', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    const manual = at(T0, {}, { trigger: 'manual' })
    const options = { now: T0, by: 'me' }
    await world.store.jobs.change(job.id, (due) => ({ plan: null, job: due.job, runs: [manual] }), options)
    assert.equal(await world.store.runs.entryAt(job.id, T0), null)
  })

  test('the ledger is read in stretches, half open, with the gap that reaches into it', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    await planOn(world, { gaps: [gap(T0, T0 + 9, 10)], runs: [at(T0 + 10), at(T0 + 20)] })
    await planOn(world, { gaps: [gap(T0 + 21, T0 + 29, 9)], runs: [at(T0 + 30)] })
    const read = async (from: number, to: number, limit = 9) => {
      const { runs, gaps } = await world.store.runs.ledger(job.id, T0 + from, T0 + to, limit)
      return [runs.map((run) => run.dueAt - T0), gaps.map((found) => found.from - T0)]
    }
    assert.deepEqual(await read(0, 31), [
      [10, 20, 30],
      [0, 21],
    ])
    assert.deepEqual(await read(10, 20), [[10], []])
    assert.deepEqual(await read(9, 21), [[10, 20], [0]])
    assert.deepEqual(await read(29, 30), [[], [21]])
    assert.deepEqual(await read(0, 31, 1), [[10], [0]])
    assert.deepEqual(await world.store.runs.ledger('job_none', 0, 9, 9), { runs: [], gaps: [] })
  })
}
