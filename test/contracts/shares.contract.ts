// Projects share each step, and runs of one concurrency key wait for each other.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Work } from '../../src/ports/store.ts'
import { again, at, done, MINUTE, NODE, owes, type StoreKind, T0, World } from './world.ts'

const KEY = { key: 'db', max: 2 }
const due = (works: readonly Work[]): number[] => works.map(({ run }) => run.dueAt - T0)

/** A job whose runs are due at these distances from T0, all ready. */
async function owing(world: World, dues: readonly number[], spec = {}, state = {}): Promise<string> {
  const job = await world.job(spec, state)
  await world.plan(({ job: { id } }) =>
    id === job.id ? owes({ runs: dues.map((ms) => at(T0 + ms)) }) : owes({}),
  )
  return job.id
}

export function sharesContract(kind: StoreKind): void {
  test('of two projects with more than there is room for, both get their share of a claim', async () => {
    await using world = await World.open(kind)
    const { id: projectId } = await world.project('small')
    await owing(
      world,
      Array.from({ length: 60 }, (_, n) => n - 100),
    )
    const small = await owing(world, [-3, -2, -1], {}, { projectId })
    const works = await world.claim(10)
    assert.equal(works.length, 10)
    assert.equal(works.filter(({ run }) => run.jobId === small).length, 3)
  })

  test('with one slot at a time projects take turns', async () => {
    await using world = await World.open(kind)
    const { id: projectId } = await world.project('small')
    await owing(world, [-9, -8, -7, -6])
    const small = await owing(world, [-2, -1], {}, { projectId })
    const ids: string[] = []
    for (let n = 0; n < 4; n += 1) ids.push((await world.claim(1))[0]!.run.jobId)
    assert.equal(ids.filter((id) => id === small).length, 2)
  })

  test('projects whose runs are ready later keep nobody from what is ready now', async () => {
    await using world = await World.open(kind)
    for (let n = 0; n < 5; n += 1) {
      const { id: projectId } = await world.project(`later-${n}`)
      await owing(world, [MINUTE], {}, { projectId })
    }
    const { id: projectId } = await world.project('now')
    const ready = await owing(world, [-3, -2, -1], {}, { projectId })
    for (let n = 0; n < 3; n += 1) assert.equal((await world.claim(1))[0]?.run.jobId, ready)
  })

  test('of two projects with more due jobs than one step plans, both are planned', async () => {
    await using world = await World.open(kind)
    const { id: projectId } = await world.project('small')
    for (let n = 0; n < 20; n += 1) await world.job()
    const small = await world.job({}, { projectId, nextDueAt: T0 + 1, plannedThrough: T0 })
    world.now = T0 + 2
    const request = { now: world.now, limit: 6, nodeId: NODE, slots: 6 }
    const report = await world.store.runs.plan(request, () => owes({ runs: [at(T0)] }))
    assert.equal(report.jobs, 6)
    assert.ok(report.leased.some(({ run }) => run.jobId === small.id))
  })

  test('of the runs of one key so many are leased; the next go on as others end, in order, over all jobs', async () => {
    await using world = await World.open(kind)
    await owing(world, [-50, -30, -10], { policy: { concurrency: KEY } })
    await owing(world, [-40, -20], { policy: { concurrency: KEY } })
    const free = await owing(world, [-1])
    const first = await world.claim()
    assert.deepEqual(
      due(first.filter(({ run }) => run.jobId !== free)).sort((a, b) => a - b),
      [-50, -40],
    )
    assert.ok(first.some(({ run }) => run.jobId === free))
    assert.deepEqual(await world.claim(), [])
    await world.settle(done(first.find(({ run }) => run.dueAt === T0 - 50)!))
    assert.deepEqual(due(await world.claim()), [-30])
    await world.settle(done(first.find(({ run }) => run.dueAt === T0 - 40)!, 'failed'))
    assert.deepEqual(due(await world.claim()), [-20])
  })

  test('a run that waits for its key says so, and is not what the runner waits for', async () => {
    await using world = await World.open(kind)
    const job = await owing(world, [-3, -2, -1], { policy: { concurrency: { ...KEY, max: 1 } } })
    const [work] = await world.claim()
    const runs = await world.allRuns(job)
    assert.deepEqual(
      runs.map((run) => [run.status, 'waitsForKey' in run ? run.waitsForKey : null]),
      [
        ['running', null],
        ['pending', 'db'],
        ['pending', 'db'],
      ],
    )
    assert.equal(await world.store.runs.nextReadyAt(), null)
    await world.store.runs.cancel(runs[1]!.id, T0, 'stop')
    await world.settle(done(work!))
    assert.deepEqual(due(await world.claim()), [-1])
  })

  test('a further attempt needs room again, and a lost run gives its room back', async () => {
    await using world = await World.open(kind)
    const policy = { concurrency: { key: 'one', max: 1 } }
    await owing(world, [-3, -2], { policy })
    const [first] = await world.claim()
    await world.settle(again(first!, T0 + MINUTE))
    const [second] = await world.claim()
    assert.equal(second?.run.dueAt, T0 - 2)
    world.now = T0 + MINUTE
    assert.deepEqual(await world.claim(), [])
    await world.settle(done(second!))
    const [retried] = await world.claim()
    assert.deepEqual([retried?.run.dueAt, retried?.attempt.number], [T0 - 3, 2])
    await owing(world, [-1], { policy })
    await world.store.nodes.leave(NODE, world.now)
    await world.register('nod_b')
    const [lost] = await world.store.runs.lost(world.now, 9)
    assert.deepEqual(await world.claim(9, 'nod_b'), [])
    await world.settle(done(lost!.work, 'failed'))
    assert.deepEqual(due(await world.claim(9, 'nod_b')), [-1])
  })

  test('a key belongs to its project', async () => {
    await using world = await World.open(kind)
    const { id: projectId } = await world.project('other')
    const policy = { concurrency: { key: 'one', max: 1 } }
    await owing(world, [-2], { policy })
    await owing(world, [-1], { policy }, { projectId })
    assert.equal((await world.claim()).length, 2)
  })

  test('of a project with a quota of concurrency so many runs are under way; the next go on as others end', async () => {
    await using world = await World.open(kind)
    const project = await world.project('small')
    const quotas = (concurrency?: number) => (concurrency === undefined ? {} : { concurrency })
    const { projects } = world.store
    await projects.update({ ...project, quotas: quotas(2), version: 2 })
    const inProject = { projectId: project.id }
    const policy = { concurrency: { key: 'db', max: 9 } }
    const mine = await world.job({}, inProject)
    const keyed = await world.job({ policy }, inProject)
    const free = await world.job()
    const dues = new Map([
      [mine.id, [-50, -30, -10]],
      [keyed.id, [-40, -20]],
      [free.id, [-1]],
    ])
    const report = await world.plan(
      ({ job }) => owes({ runs: dues.get(job.id)!.map((ms) => at(T0 + ms)) }),
      99,
    )
    assert.deepEqual(
      report.leased.map(({ run }) => run.jobId),
      [free.id],
      'nothing of it is leased beside the step that counts',
    )
    const first = await world.claim()
    assert.equal(first.length, 2)
    assert.deepEqual(await world.claim(), [])
    const waiting = (await world.allRuns(mine.id)).find(({ status }) => status === 'pending')!
    assert.equal('waitsForQuota' in waiting && waiting.waitsForQuota, true)
    assert.equal(await world.store.runs.nextReadyAt(), null)
    await world.settle(done(first[0]!), again(first[1]!, T0 + MINUTE))
    const second = await world.claim()
    assert.equal(second.length, 2)
    world.now = T0 + MINUTE
    assert.deepEqual(await world.claim(), [], 'a further attempt needs room again')
    await world.settle(done(second[0]!))
    assert.equal((await world.claim()).length, 1)
    await projects.update({ ...project, quotas: {}, version: 3 })
    assert.equal((await world.claim()).length, 1, 'a quota that was taken away holds nobody up')
    const left = [...(await world.allRuns(mine.id)), ...(await world.allRuns(keyed.id))]
    assert.ok(left.every(({ status }) => status !== 'pending'))
  })

  test('with a quota of no concurrency nothing of a project runs, and none of it is in the way of others', async () => {
    await using world = await World.open(kind)
    const project = await world.project('none')
    await world.store.projects.update({ ...project, quotas: { concurrency: 0 }, version: 2 })
    await owing(world, [-3, -2], {}, { projectId: project.id })
    const free = await owing(world, [-1])
    assert.deepEqual(
      (await world.claim(1)).map(({ run }) => run.jobId),
      [free],
    )
    assert.deepEqual(await world.claim(), [])
  })

  test('runs that no agent takes hold up nobody else of a project with such a quota', async () => {
    await using world = await World.open(kind)
    const project = await world.project('small')
    await world.store.projects.update({ ...project, quotas: { concurrency: 2 }, version: 2 })
    const inProject = { projectId: project.id }
    const command = {
      target: { command: { argv: ['id'], on: { any: true, labels: { gpu: 'yes' } } } },
    } as const
    await owing(world, [-9, -8, -7], command, inProject)
    await owing(world, [-2, -1], {}, inProject)
    assert.deepEqual(due(await world.claim()), [-2, -1])
  })

  test('under such a quota neither key nor keyless runs starve the others', async () => {
    await using world = await World.open(kind)
    const project = await world.project('small')
    await world.store.projects.update({ ...project, quotas: { concurrency: 1 }, version: 2 })
    const inProject = { projectId: project.id }
    const keyed = { policy: { concurrency: { key: 'db', max: 9 } } }
    await owing(world, [-60, -40, -20], {}, inProject)
    await owing(world, [-50, -30, -10], keyed, inProject)
    const order: number[] = []
    for (let n = 0; n < 6; n += 1) {
      const [work] = await world.claim()
      order.push(work!.run.dueAt - T0)
      await world.settle(done(work!))
    }
    assert.deepEqual(order, [-60, -50, -40, -30, -20, -10])
  })

  test('a quota that is set while runs are under way counts those too, and what was planned before it', async () => {
    await using world = await World.open(kind)
    const project = await world.project('small')
    await owing(world, [-9, -8, -7, -6], {}, { projectId: project.id })
    const under = await world.claim(2)
    const { projects } = world.store
    await projects.update({ ...project, quotas: { concurrency: 2 }, version: 2 })
    assert.deepEqual(await world.claim(), [], 'two are under way already')
    assert.equal((await projects.usage(world.now, 9))[0]!.usage[0]!.used, 2)
    await world.settle(done(under[0]!))
    const [third, ...none] = await world.claim()
    assert.deepEqual([third!.run.dueAt - T0, none], [-7, []])
    await projects.update({ ...project, quotas: {}, version: 3 })
    await owing(world, [-5], {}, { projectId: project.id })
    assert.equal((await world.claim()).length, 2)
    await projects.update({ ...project, quotas: { concurrency: 4 }, version: 4 })
    await owing(world, [-4], {}, { projectId: project.id })
    assert.deepEqual(await world.claim(), [], 'those that began between two quotas count as well')
    await world.settle(done(third!))
    assert.equal((await world.claim()).length, 1)
  })

  test('a quota that is set over a long queue is met in steps', async () => {
    await using world = await World.open(kind)
    const project = await world.project('small')
    const many = Array.from({ length: 300 }, (_, n) => n - 1_000)
    await owing(world, many, {}, { projectId: project.id })
    await world.store.projects.update({ ...project, quotas: { concurrency: 1 }, version: 2 })
    const free = await owing(world, [-1])
    const ids: string[] = []
    for (let n = 0; n < 4; n += 1) ids.push(...(await world.claim(2)).map(({ run }) => run.jobId))
    assert.equal(ids.length, 2, 'one of the project, and the other one')
    assert.ok(ids.includes(free))
  })
}
