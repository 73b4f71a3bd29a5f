// Months of the ledger: made ahead, found through, dropped when nothing of them is kept.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import type { Store } from '../../src/ports/store.ts'
import { at, DAY, done, owes, seededChance, World } from '../contracts/world.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { onStoryTime } from '../support/postgres-store.ts'

const server = await PostgresServer.start()
after(() => server[Symbol.asyncDispose]())

async function partitions(url: string, table = 'runs'): Promise<string[]> {
  const name = new URL(url).pathname.slice(1)
  const rows = await server.query(
    `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = '${table}'::regclass ORDER BY 1`,
    name,
  )
  return (rows as { relname: string }[]).map(({ relname }) => relname)
}

const monthName = (at: number): string => {
  const text = new Date(at).toISOString()
  return `y${text.slice(0, 4)}m${text.slice(5, 7)}`
}

async function rowsIn(url: string, partition: string): Promise<number> {
  const name = new URL(url).pathname.slice(1)
  const [row] = (await server.query(`SELECT count(*)::integer AS n FROM ${partition}`, name)) as {
    n: number
  }[]
  return row!.n
}

const sweep = (store: Store, now: number) =>
  store.housekeeping.forget({ now, limit: 1_000, retention: { defaultDays: 30 } })

test('months are there before their first run is due; each run lies in its own and is found by id', async () => {
  const url = await server.database()
  await using world = await World.around(await onStoryTime(url, seededChance()), seededChance())
  const now = Date.now()
  world.now = now
  const first = new Date(now)
  const next = Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1)
  assert.ok((await partitions(url)).includes(`runs_${monthName(now)}`))
  assert.ok((await partitions(url, 'attempts')).includes(`attempts_${monthName(next)}`))
  const job = await world.job()
  const far = Date.UTC(2001, 0)
  const dues = [now, next, far]
  const { runs } = await world.plan(() => owes({ runs: dues.map((due) => at(due)) }))
  assert.equal(await rowsIn(url, `runs_${monthName(now)}`), 1)
  assert.equal(await rowsIn(url, `runs_${monthName(next)}`), 1)
  assert.equal(await rowsIn(url, 'runs_default'), 1)
  for (const run of runs) assert.deepEqual(await world.run(run.id), run)
  const again = await world.store.jobs.change(
    job.id,
    (due) => ({ plan: owes({ runs: dues.map((due) => at(due)) }), job: due.job }),
    { now, by: 'me' },
  )
  assert.deepEqual(again?.runs, [], 'an instant has one run in whatever month it lies')
})

test('a month in which nothing is kept is dropped, one in which something is stays', async () => {
  const url = await server.database()
  await using world = await World.around(await onStoryTime(url, seededChance()), seededChance())
  const now = Date.now()
  world.now = now
  const month = `runs_${monthName(now)}`
  await world.job({ policy: { keep: { days: 90 } } })
  const { leased } = await world.plan(() => owes({ runs: [at(now)] }), 9)
  await world.settle(done(leased[0]!))
  await sweep(world.store, now + 80 * DAY)
  assert.ok((await partitions(url)).includes(month))
  await sweep(world.store, now + 91 * DAY)
  await sweep(world.store, now + 91 * DAY + 1)
  assert.ok(!(await partitions(url)).includes(month))
  assert.ok(!(await partitions(url, 'attempts')).includes(month.replace('runs', 'attempts')))
})

test('whoever reads the ledger for long at the turn of a month holds up neither starts nor retention', async () => {
  const url = await server.database()
  const chance = seededChance()
  await using world = await World.around(await onStoryTime(url, chance), chance)
  const reader = new pg.Client(url)
  await reader.connect()
  try {
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    await reader.query('SELECT count(*) FROM runs')
    const later = Date.now() + 100 * DAY
    const begun = performance.now()
    const report = await sweep(world.store, later)
    await world.job()
    assert.equal((await world.plan(() => owes({ runs: [at(world.now)] }))).runs.length, 1)
    assert.deepEqual(report, { runs: 0, gaps: 0, effects: 0, jobs: 0, more: false })
    assert.ok(performance.now() - begun < 3_000, 'nobody waits for the reader')
    assert.ok(!(await partitions(url)).includes(`runs_${monthName(later)}`))
    await reader.query('ROLLBACK')
    await sweep(world.store, later)
    assert.ok((await partitions(url)).includes(`runs_${monthName(later)}`))
  } finally {
    await reader.end()
  }
})

test('a month whose first runs came before it was made is left to the default one', async () => {
  const url = await server.database()
  await using world = await World.around(await onStoryTime(url, seededChance()), seededChance())
  await world.job()
  await world.plan(() => owes({ runs: [at(world.now)] }))
  await sweep(world.store, world.now)
  const there = await partitions(url)
  assert.ok(!there.includes(`runs_${monthName(world.now)}`))
  assert.ok(there.includes(`runs_${monthName(world.now + 40 * DAY)}`))
  assert.equal(await rowsIn(url, 'runs_default'), 1)
})
