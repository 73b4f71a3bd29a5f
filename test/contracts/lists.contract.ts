import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job } from '../../src/domain/job.ts'
import type { Run } from '../../src/domain/run.ts'
import type { JobFilter, Page, PageRequest, RunFilter } from '../../src/ports/store.ts'
import { again, at, done, not, owes, rejectsWith, type StoreKind, T0, World } from './world.ts'

/** All pages, walked with a small limit. */
async function walk<T>(read: (page: PageRequest) => Promise<Page<T>>, limit = 2): Promise<T[]> {
  const all: T[] = []
  let page = await read({ limit })
  for (let pages = 0; ; pages += 1) {
    assert.ok(page.items.length <= limit)
    assert.ok(pages < 100, 'the pages do not end')
    all.push(...page.items)
    if (page.nextCursor === null) return all
    page = await read({ limit, cursor: page.nextCursor })
  }
}

async function names(world: World, filter: JobFilter = {}, limit = 2): Promise<string[]> {
  const jobs: Job[] = await walk((page) => world.store.jobs.list(filter, page), limit)
  return jobs.map(({ spec }) => spec.name)
}

async function dues(world: World, filter: RunFilter = {}, limit = 2): Promise<number[]> {
  const runs: Run[] = await walk((page) => world.store.runs.list(filter, page), limit)
  return runs.map(({ dueAt }) => dueAt - T0)
}

export function listsContract(kind: StoreKind): void {
  test('jobs come by name, over all projects, in pages without holes or repeats', async () => {
    await using world = await World.open(kind)
    const other = await world.project('other')
    for (const name of ['d', 'b', 'é', 'a', '\u{1F514}', '\uFFFD']) await world.job({ name })
    for (const name of ['c', 'b']) await world.job({ name }, { projectId: other.id })
    const expected = ['a', 'b', 'b', 'c', 'd', 'é', '\uFFFD', '\u{1F514}']
    for (const limit of [1, 2, 3, 50]) assert.deepEqual(await names(world, {}, limit), expected)
    assert.deepEqual(await names(world, { projectIds: [other.id] }), ['b', 'c'])
    assert.deepEqual(await names(world, { projectIds: [other.id, other.id, 'prj_none'] }), ['b', 'c'])
    assert.deepEqual(await names(world, { projectIds: [] }), [])
  })

  test('jobs are filtered by status, labels and text', async () => {
    await using world = await World.open(kind)
    const pause = { at: T0, until: null, note: null, by: 'me' }
    await world.job({ name: 'Bill', description: 'Sends INVOICES', labels: { team: 'a', tier: '1' } })
    await world.job({ name: 'clean', labels: { team: 'b' } }, { status: 'paused', pause, nextDueAt: null })
    await world.job({ name: 'mail', labels: { team: 'a' } }, { status: 'finished', nextDueAt: null })
    assert.deepEqual(await names(world, { status: 'active' }), ['Bill'])
    assert.deepEqual(await names(world, { status: 'paused' }), ['clean'])
    assert.deepEqual(await names(world, { status: 'finished' }), ['mail'])
    assert.deepEqual(await names(world, { labels: { team: 'a' } }), ['Bill', 'mail'])
    assert.deepEqual(await names(world, { labels: { team: 'a', tier: '1' } }), ['Bill'])
    assert.deepEqual(await names(world, { labels: { toString: 'a' } }), [])
    assert.deepEqual(await names(world, { q: 'invo' }), ['Bill'])
    assert.deepEqual(await names(world, { q: 'L' }), ['Bill', 'clean', 'mail'])
    assert.deepEqual(await names(world, { q: '%' }), [])
    assert.deepEqual(await names(world, { q: 'l', labels: { team: 'a' }, status: 'finished' }), ['mail'])
    assert.deepEqual(await names(world, { q: 'x', status: 'paused' }), [])
  })

  test('a page of jobs stays in place while others are added', async () => {
    await using world = await World.open(kind)
    for (const name of ['b', 'd', 'f']) await world.job({ name })
    const first = await world.store.jobs.list({}, { limit: 2 })
    for (const name of ['a', 'c', 'e']) await world.job({ name })
    const second = await world.store.jobs.list({}, { limit: 9, cursor: first.nextCursor! })
    assert.deepEqual(
      [...first.items, ...second.items].map(({ spec }) => spec.name),
      ['b', 'd', 'e', 'f'],
    )
  })

  test('the last page has no cursor, also when it is full', async () => {
    await using world = await World.open(kind)
    for (const name of ['a', 'b']) await world.job({ name })
    const page = await world.store.jobs.list({}, { limit: 2 })
    assert.deepEqual([page.items.length, page.nextCursor], [2, null])
  })

  test('runs come newest due first, in pages without holes or repeats', async () => {
    await using world = await World.open(kind)
    const other = await world.project('other')
    await world.job()
    await world.job({}, { projectId: other.id })
    await world.plan(({ job }) =>
      owes({ runs: (job.projectId === other.id ? [2, 4, 5] : [1, 3, 5, 7]).map((due) => at(T0 + due)) }),
    )
    for (const limit of [1, 2, 3, 50]) assert.deepEqual(await dues(world, {}, limit), [7, 5, 5, 4, 3, 2, 1])
    assert.deepEqual(await dues(world, { projectIds: [other.id] }), [5, 4, 2])
    assert.deepEqual(await dues(world, { from: T0 + 2, to: T0 + 5 }), [4, 3, 2])
    assert.deepEqual(await dues(world, { projectIds: [] }), [])
  })

  test('a page of runs stays in place while others are added', async () => {
    await using world = await World.open(kind)
    await world.job()
    await world.plan(() => owes({ runs: [1, 3, 5].map((due) => at(T0 + due)), nextDueAt: T0 }))
    const first = await world.store.runs.list({}, { limit: 2 })
    await world.plan(() => owes({ runs: [2, 4, 6].map((due) => at(T0 + due)) }))
    const second = await world.store.runs.list({}, { limit: 9, cursor: first.nextCursor! })
    assert.deepEqual(
      [...first.items, ...second.items].map(({ dueAt }) => dueAt - T0),
      [5, 3, 2, 1],
    )
  })

  test('a cursor does not lead past the stretch that is asked for', async () => {
    await using world = await World.open(kind)
    await world.job()
    await world.plan(() => owes({ runs: [1, 2, 3, 4].map((due) => at(T0 + due)) }))
    const { nextCursor } = await world.store.runs.list({}, { limit: 1 })
    const page = await world.store.runs.list({ to: T0 + 3 }, { limit: 9, cursor: nextCursor! })
    assert.deepEqual(
      page.items.map(({ dueAt }) => dueAt - T0),
      [2, 1],
    )
  })

  test('runs are filtered by job, status and reason', async () => {
    await using world = await World.open(kind)
    const job = await world.job()
    await world.job()
    const runs = [
      at(T0 + 1),
      at(T0 + 2, { readyAt: T0 }),
      at(T0 + 3, { readyAt: T0 }),
      not(T0 + 4, 'skipped', 'overlap'),
      not(T0 + 5, 'missed', 'too_late'),
      not(T0 + 6, 'skipped', 'paused'),
    ]
    const { leased } = await world.plan(
      (due) => owes(due.job.id === job.id ? { runs } : { runs: [at(T0 + 9)] }),
      9,
    )
    await world.settle(done(leased[0]!), again(leased[1]!, T0 + 99))
    assert.deepEqual(await dues(world, { jobId: job.id }), [6, 5, 4, 3, 2, 1])
    assert.deepEqual(await dues(world, { jobId: job.id, status: ['skipped'] }), [6, 4])
    assert.deepEqual(await dues(world, { jobId: job.id, projectIds: [] }), [])
    assert.deepEqual(await dues(world, { jobId: 'job_none' }), [])
    assert.deepEqual(await dues(world, { status: ['skipped'] }), [6, 4])
    assert.deepEqual(await dues(world, { status: ['skipped', 'missed'], from: T0 + 5 }), [6, 5])
    assert.deepEqual(await dues(world, { status: ['pending'] }), [9, 3, 1])
    assert.deepEqual(await dues(world, { status: ['pending', 'missed'] }), [9, 5, 3, 1])
    assert.deepEqual(await dues(world, { status: ['succeeded'] }), [2])
    assert.deepEqual(await dues(world, { status: ['succeeded', 'skipped'] }), [6, 4, 2])
    assert.deepEqual(await dues(world, { status: ['running'] }), [])
    assert.deepEqual(await dues(world, { reason: ['paused', 'too_late'] }), [6, 5])
    assert.deepEqual(await dues(world, { status: ['skipped'], reason: ['overlap'] }), [4])
  })

  test('many that do not match give short pages that still lead to the end', async () => {
    await using world = await World.open(kind)
    const jobs = Array.from({ length: 500 }, () => world.draft())
    await world.store.jobs.add([...jobs, world.draft({ name: 'zz-needle', labels: { kind: 'rare' } })], 'me')
    assert.deepEqual(await names(world, { q: 'needle' }), ['zz-needle'])
    assert.deepEqual(await names(world, { labels: { kind: 'rare' } }), ['zz-needle'])
  })

  test('a cursor of another list, or of nobody, is refused', async () => {
    await using world = await World.open(kind)
    await world.job()
    await world.job()
    const { nextCursor } = await world.store.jobs.list({}, { limit: 1 })
    await rejectsWith('invalid', world.store.runs.list({}, { limit: 1, cursor: nextCursor! }))
    for (const cursor of ['', 'x', 'e30', Buffer.from('["a"]').toString('base64url')]) {
      await rejectsWith('invalid', world.store.jobs.list({}, { limit: 1, cursor }))
    }
    await assert.rejects(world.store.outbox.list({}, { limit: 1, cursor: '!' }), {
      problems: [{ pointer: '/cursor', code: 'cursor_invalid' }].map((problem) => ({
        ...problem,
        detail: 'This cursor was not made by this list. Leave it out to begin at the first page.',
      })),
    })
  })
}
