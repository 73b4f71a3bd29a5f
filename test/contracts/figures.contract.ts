import assert from 'node:assert/strict'
import { test } from 'node:test'
import { latenessSlot } from '../../src/domain/lateness.ts'
import type { TallyBucket } from '../../src/domain/tally.ts'
import type { TallyRequest, TallyStep } from '../../src/ports/store.ts'
import { at, done, gap, not, owes, type StoreKind, T0, World } from './world.ts'

const MISSED = { status: 'missed', reason: 'superseded' } as const

/** All steps, added up by project, bucket and status. */
async function tally(
  world: World,
  request: Omit<TallyRequest, 'limit'>,
  limit: number,
): Promise<TallyBucket[]> {
  const sums = new Map<string, TallyBucket>()
  let cursor: string | undefined
  for (let steps = 0; ; steps += 1) {
    assert.ok(steps < 100, 'the steps do not end')
    const step = await world.store.runs.tally({
      ...request,
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const bucket of step.buckets) {
      const key = `${bucket.projectId} ${bucket.at}`
      const known = sums.get(key)
      const counts: Record<string, number> = { ...known?.counts }
      for (const [status, count] of Object.entries(bucket.counts))
        counts[status] = (counts[status] ?? 0) + count
      const lateness = bucket.lateness.map((count, slot) => count + (known?.lateness[slot] ?? 0))
      sums.set(key, { ...bucket, counts, lateness })
    }
    if (step.nextCursor === null) break
    cursor = step.nextCursor
  }
  return [...sums.values()].sort((a, b) => a.at - b.at || (a.projectId < b.projectId ? -1 : 1))
}

export function figuresContract(kind: StoreKind): void {
  test('jobs are counted as they are listed, up to a bound', async () => {
    await using world = await World.open(kind)
    const other = await world.project('other')
    for (const name of ['a', 'ab', 'b']) await world.job({ name, labels: { team: name } })
    await world.job({ name: 'a' }, { projectId: other.id })
    const { jobs } = world.store
    assert.equal(await jobs.count({}, 100), 4)
    assert.equal(await jobs.count({}, 3), 3)
    assert.equal(await jobs.count({ q: 'A' }, 100), 3)
    assert.equal(await jobs.count({ projectIds: [other.id] }, 100), 1)
    assert.equal(await jobs.count({ labels: { team: 'ab' } }, 100), 1)
    assert.equal(await jobs.count({ status: 'paused' }, 100), 0)
  })

  test('the last runs of each job, newest first', async () => {
    await using world = await World.open(kind)
    const a = await world.job({ name: 'a' })
    const b = await world.job({ name: 'b' })
    await world.plan(({ job }) => owes({ runs: (job.id === a.id ? [0, 1, 2] : [5]).map((n) => at(T0 + n)) }))
    const recent = await world.store.runs.recent([b.id, 'job_none', a.id], 2)
    assert.deepEqual(
      recent.map((runs) => runs.map(({ dueAt }) => dueAt - T0)),
      [[5], [], [2, 1]],
    )
    assert.deepEqual(recent[0]?.[0], (await world.allRuns(b.id))[0])
  })

  test('runs are counted by bucket, project and status, whatever the step', async () => {
    await using world = await World.open(kind)
    const other = await world.project('other')
    const mine = await world.job({ name: 'a' })
    await world.job({ name: 'b' }, { projectId: other.id })
    const { leased } = await world.plan(
      ({ job }) =>
        job.id === mine.id
          ? owes({ runs: [at(T0), at(T0 + 999), at(T0 + 1_000), not(T0 + 1_001, 'missed', 'too_late')] })
          : owes({ runs: [at(T0 + 5)] }),
      1,
    )
    await world.settle(done(leased[0]!))
    const range = { from: T0, to: T0 + 2_000, bucketMs: 1_000 }
    for (const limit of [1, 2, 100]) {
      const buckets = await tally(world, range, limit)
      assert.deepEqual(
        buckets.map(({ projectId, at, counts }) => [projectId === other.id, at - T0, counts]).toSorted(),
        [
          [false, 0, { pending: 1, succeeded: 1 }],
          [false, 1_000, { missed: 1, pending: 1 }],
          [true, 0, { pending: 1 }],
        ],
        `limit ${limit}`,
      )
      const starts = buckets.flatMap(({ lateness }) => lateness).reduce((sum, count) => sum + count, 0)
      assert.equal(starts, 1)
      assert.equal(buckets.find(({ counts }) => counts.succeeded === 1)?.lateness[latenessSlot(0)], 1)
    }
    const ofJob = await tally(world, { ...range, jobId: mine.id, from: T0 + 1, to: T0 + 1_001 }, 1)
    assert.deepEqual(
      ofJob.map(({ at, counts }) => [at - T0, counts]),
      [
        [0, { pending: 1 }],
        [1_000, { pending: 1 }],
      ],
    )
    assert.deepEqual(await tally(world, { ...range, jobId: 'job_none' }, 9), [])
  })

  test('gaps are counted by their end, project and kind, a bounded number at a step', async () => {
    await using world = await World.open(kind)
    const { id: projectId } = await world.project('other')
    const mine = await world.job()
    await world.job({}, { projectId })
    await world.plan(({ job }) =>
      owes({
        gaps:
          job.id === mine.id
            ? [
                gap(T0 - 5_000, T0 - 1, 5, { reason: 'overlap' }),
                gap(T0, T0 + 10, 3),
                gap(T0 + 20, T0 + 1_500, 7, MISSED),
              ]
            : [gap(T0 - 9, T0 + 10, 2)],
      }),
    )
    const request = { from: T0, to: T0 + 2_000, bucketMs: 1_000, limit: 1 }
    const found: [string, number, unknown][] = []
    let cursor: string | null = null
    do {
      const step: TallyStep = await world.store.runs.tallyGaps(
        cursor === null ? request : { ...request, cursor },
      )
      assert.ok(step.buckets.length <= 1)
      for (const { projectId: id, at, counts } of step.buckets) found.push([id, at - T0, counts])
      cursor = step.nextCursor
    } while (cursor !== null)
    assert.deepEqual(found, [
      [mine.projectId, 0, { skipped: 3 }],
      [projectId, 0, { skipped: 2 }],
      [mine.projectId, 1_000, { missed: 7 }],
    ])
  })
}
