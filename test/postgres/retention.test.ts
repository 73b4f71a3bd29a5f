// A new default of retention is heeded in pieces: no step writes every job at once.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { DAY, done, seededChance, T0, World } from '../contracts/world.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { onStoryTime } from '../support/postgres-store.ts'

const JOBS = 12_000
const PIECE = 5_000

const server = await PostgresServer.start()
after(() => server[Symbol.asyncDispose]())

test('every job is looked at again, a bounded number with each sweep', async () => {
  const url = await server.database()
  const name = new URL(url).pathname.slice(1)
  const query = async (text: string) => ((await server.query(text, name)) as { n: number }[])[0]!.n
  await using world = await World.around(await onStoryTime(url, seededChance()), seededChance())
  const work = await world.running()
  await world.settle(done(work))
  const sweep = (days: number) =>
    world.store.housekeeping.forget({ now: world.now, limit: 1_000, retention: { defaultDays: days } })
  await sweep(30)
  await server.query(
    `INSERT INTO jobs (id, project_no, name, version, status, planned_through, runs_planned, created_at, updated_at, sweep_at)
     SELECT 'job_' || n, project_no, 'more ' || n, 1, 'finished', ${T0}, 0, ${T0}, ${T0}, ${T0 + 30 * DAY}
     FROM generate_series(1, ${JOBS}) AS n, (SELECT project_no FROM jobs LIMIT 1) AS j`,
    name,
  )
  await server.query(
    "INSERT INTO job_versions SELECT j.no, 1, v.spec, v.created_at, v.created_by FROM jobs j, job_versions v WHERE j.name LIKE 'more %'",
    name,
  )
  world.now = T0 + 2 * DAY
  const changed = () => query(`SELECT count(*)::integer AS n FROM jobs WHERE sweep_at < ${T0 + 30 * DAY}`)
  const first = await sweep(1)
  assert.equal(first.more, true)
  const piece = await changed()
  assert.ok(piece > 0 && piece <= PIECE, `${piece} jobs in one sweep`)
  let forgotten = first.runs
  for (let sweeps = 0; sweeps < 200; sweeps += 1) {
    const report = await sweep(1)
    forgotten += report.runs
    if (!report.more) break
  }
  assert.equal(forgotten, 1, 'what the new rule no longer keeps is gone')
  assert.equal(await query('SELECT default_days::integer AS n FROM upkeep'), 1)
})
