// Two changes of one job that meet: whoever waited for the other is the later one, whichever began first.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openPostgresStore } from '../../src/adapters/postgres/open.ts'
import { seededChance, World } from '../contracts/world.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { systemClock } from '../support/system-clock.ts'
import { until } from '../support/until.ts'

const server = await PostgresServer.start()
after(() => server[Symbol.asyncDispose]())

test('a change is dated when it holds the job, not when it began to wait for it', async () => {
  const url = await server.database()
  const name = new URL(url).pathname.slice(1)
  const chance = seededChance()
  await using world = await World.around(await openPostgresStore({ url, chance, clock: systemClock }), chance)
  const job = await world.job()
  const held = server.query(`BEGIN; SELECT 1 FROM jobs FOR UPDATE; SELECT pg_sleep(0.5); COMMIT`, name)
  await until('the job is held', 5_000, async () => {
    const rows = await server.query(
      "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(0.5)%' AND wait_event = 'PgSleep'",
    )
    return rows.length > 0
  })
  const began = Date.now()
  let decidedAt = 0
  await world.store.jobs.change(
    job.id,
    (due, now) => {
      decidedAt = now
      return { plan: null, job: { ...due.job, updatedAt: now } }
    },
    { now: began, by: 'me' },
  )
  await held
  assert.ok(decidedAt - began >= 200, `dated ${decidedAt - began} ms after it began`)
})
