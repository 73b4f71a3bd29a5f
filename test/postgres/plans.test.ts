// With a million runs in the ledger each step still goes by an index and looks at few rows. The server itself tells, by
// auto_explain, how it carried out what the store asked, on the store's own connections.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Store } from '../../src/ports/store.ts'
import { again, at, done, owes, queued, seededChance, World } from '../contracts/world.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { onStoryTime } from '../support/postgres-store.ts'

const JOBS = 100_000
const RUNS = 1_000_000
const ROWS_MAX = 2_500

const server = await PostgresServer.start({
  settings: {
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_analyze': 'on',
    'auto_explain.log_timing': 'off',
    log_line_prefix: '%a|',
    shared_buffers: '256MB',
    max_wal_size: '4GB',
    synchronize_seqscans: 'off',
  },
})
after(() => server[Symbol.asyncDispose]())

const NOW = Date.now()

/** Ended runs of the last weeks, five of each job; their jobs are due later. */
const FILL = `
INSERT INTO jobs (id, project_no, name, version, status, planned_through, next_due_at, runs_planned, created_at,
  updated_at, sweep_at)
SELECT 'job_' || n, 1, 'filler-' || n, 1, 'active', ${NOW}, ${NOW} + 3600000 + n, 5, ${NOW}, ${NOW}, ${NOW} + 86400000
FROM generate_series(1, ${JOBS}) AS n;
INSERT INTO job_versions SELECT no, 1,
  '{"name":"x","description":null,"labels":{},"schedule":{"every":"1m"},"target":{"http":{"url":"http://h/"}},"policy":{},"callback":null}',
  ${NOW}, 'me' FROM jobs;
INSERT INTO runs (no, id, job_no, project_no, job_name, version, trigger, due_at, off_schedule, late, status, fence,
  attempts, cause, ready_at, not_before, created_at, started_at, finished_at, has_callback)
SELECT nextval('runs_no'), 'run_' || n, 1 + n % ${JOBS}, 1, 'x', 1, 'schedule', ${NOW} - n::bigint * 2000, 0, false,
  CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'succeeded' END, 1, 1, 'first', 0, 0, ${NOW}, ${NOW}, ${NOW}, false
FROM generate_series(1, ${RUNS}) AS n;
ANALYZE`

const OUTSIDE = 10_000

/** Under way, and finished by someone outside; of some the end was asked for. */
const FILL_OUTSIDE = `
INSERT INTO jobs (id, project_no, name, version, status, planned_through, runs_planned, created_at, updated_at, sweep_at)
VALUES ('job_outside', 1, 'outside', 1, 'active', ${NOW}, 5, ${NOW}, ${NOW}, ${NOW} + 86400000);
INSERT INTO job_versions SELECT no, 1,
  '{"name":"x","description":null,"labels":{},"schedule":{"every":"1m"},"target":{"message":{"queue":"q","finish":"status"}},"policy":{},"callback":null}',
  ${NOW}, 'me' FROM jobs;
INSERT INTO runs (no, id, job_no, project_no, job_name, version, trigger, due_at, off_schedule, late, status, fence,
  attempts, cause, ready_at, not_before, created_at, started_at, has_callback, node_no, leased_at)
SELECT nextval('runs_no'), 'run_' || n, 1, 1, 'x', 1, 'schedule', ${NOW} - n::bigint * 100, 0, false,
  CASE WHEN n % 1000 = 0 THEN 'cancelling' ELSE 'running' END, 1, 1, 'first', 0, 0, ${NOW}, ${NOW}, false, 0, ${NOW}
FROM generate_series(1, ${OUTSIDE}) AS n;
INSERT INTO handed (run_id, due_at) SELECT id, due_at FROM runs;
ANALYZE`

/** What the server said of the store's statements: the plan of each, once. */
function plans(from: number): Map<string, string> {
  const found = new Map<string, string>()
  for (const entry of server.log.slice(from).split(/\n(?=[^\t\n]*\|LOG: )/)) {
    const [, application, text] = /^([^|]*)\|LOG: +duration: [\d.]+ ms {2}plan:\n([\s\S]*)$/.exec(entry) ?? []
    if (application === undefined || !application.startsWith('carillon') || text === undefined) continue
    const [asked, plan] = text.split(/\n(?=\t[A-Z][\w ]+ (?:on \S+ ?)?.*\(cost=)/)
    if (asked !== undefined && plan !== undefined) found.set(`${asked}\n${plan.length}`, plan)
  }
  return found
}

async function everything(world: World): Promise<void> {
  const { store } = world
  const callback = { url: 'http://127.0.0.1/' }
  for (let n = 0; n < 20; n += 1) await world.job({ callback, policy: { overlap: 'queue' } })
  const works = await world.ring(10)
  assert.equal(works.length, 10)
  const claimed = await world.claim(10)
  await world.settle(...works.map((work) => done(work)), ...claimed.map((work) => again(work, world.now)))
  const [effect] = await store.outbox.due({ now: world.now, limit: 5, holdMs: 9, nodeId: 'nod_a' })
  const delivery = {
    effectId: effect!.effect.id,
    number: 1,
    startedAt: 1,
    endedAt: 1,
    status: 200,
    ok: true,
    message: '',
  }
  await store.outbox.record([{ delivery, nextTryAt: null }])
  await world.job()
  await world.plan(() => owes({ runs: [at(world.now), queued(world.now + 1)] }), 1)
  await look(store, works[0]!.run.id, works[0]!.run.jobId)
  await store.runs.lost(world.now, 9)
  await store.runs.expire(world.now, 9)
  const manual = at(world.now, {}, { trigger: 'manual' })
  const change = (due: { job: Parameters<typeof world.store.jobs.add>[0][number] }) => {
    return { plan: null, job: due.job, runs: [manual] }
  }
  await store.jobs.change(works[0]!.run.jobId, change, { now: world.now, by: 'me' })
  await store.nodes.renew('nod_a', world.now, 9_999_999)
  await store.housekeeping.forget({ now: world.now, limit: 100, retention: { defaultDays: 30 } })
}

async function look(store: Store, runId: string, jobId: string): Promise<void> {
  await store.runs.nextDueAt()
  await store.runs.nextReadyAt()
  await store.outbox.nextTryAt()
  await store.runs.get(runId)
  await store.runs.attempts(runId)
  await store.runs.cancelling('nod_a')
  await store.runs.entryAt(jobId, NOW)
  await store.runs.ledger(jobId, NOW - 9, NOW + 9, 9)
  await store.jobs.get(jobId)
  await store.jobs.list({}, { limit: 9 })
  await store.runs.list({}, { limit: 9 })
  await store.runs.list({ jobId }, { limit: 9 })
  await store.runs.list({ status: ['failed'] }, { limit: 9 })
  await store.runs.list({ status: ['pending', 'missed'] }, { limit: 9 })
  await store.outbox.list({ status: 'pending' }, { limit: 9 })
}

test('no step reads through what grows', async () => {
  const url = await server.database()
  const database = new URL(url).pathname.slice(1)
  await (await onStoryTime(url, seededChance()))[Symbol.asyncDispose]()
  await server.query(FILL, database)
  await server.query(`ALTER DATABASE ${database} SET auto_explain.log_min_duration = 0`)
  const from = server.log.length
  await using world = await World.around(await onStoryTime(url, seededChance(2)), seededChance(3))
  world.now = NOW
  await everything(world)
  const found = plans(from)
  assert.ok(found.size > 40, `only ${found.size} plans were told`)
  for (const [statement, plan] of found) {
    assert.doesNotMatch(
      plan,
      /Seq Scan on (?:runs|attempts|jobs|job_versions|effects|deliveries|gaps)/,
      statement,
    )
    for (const [, rows] of plan.matchAll(/(?:actual rows=|Rows Removed by \w+(?: \w+)*: )(\d+)/g))
      assert.ok(Number(rows) <= ROWS_MAX, `${rows} rows\n${statement}\n${plan}`)
  }
})

test('of many that someone outside has those to be stopped are found, and one that ends, without reading the others', async () => {
  const url = await server.database()
  const database = new URL(url).pathname.slice(1)
  await (await onStoryTime(url, seededChance()))[Symbol.asyncDispose]()
  await server.query(FILL_OUTSIDE, database)
  await server.query(`ALTER DATABASE ${database} SET auto_explain.log_min_duration = 0`)
  await server.query(`ALTER DATABASE ${database} SET auto_explain.log_nested_statements = on`)
  const from = server.log.length
  await using world = await World.around(await onStoryTime(url, seededChance(2)), seededChance(3))
  world.now = NOW
  const { handed, runs } = world.store
  const stopping = await handed.stopping(100)
  assert.equal(stopping.length, OUTSIDE / 1_000)
  assert.equal((await runs.cancelling('nod_outside')).length, OUTSIDE / 1_000)
  assert.ok((await handed.active(['run_7', 'run_8'])).every((one) => one !== null))
  await world.settle(done(stopping[0]!, 'cancelled'))
  const found = [...plans(from)].filter(([statement]) => /'cancelling'|handed/.test(statement))
  assert.ok(found.length >= 4, `only ${found.length} plans were told`)
  for (const [statement, plan] of found)
    for (const [, rows] of plan.matchAll(/(?:actual rows=|Rows Removed by \w+(?: \w+)*: )(\d+)/g))
      assert.ok(Number(rows) <= 100, `${rows} rows\n${statement}\n${plan}`)
})

const OPEN = 5_000

/** Beside what has ended some that wait, of one month with it. */
const FILL_OPEN = `
INSERT INTO jobs (id, project_no, name, version, status, planned_through, runs_planned, created_at, updated_at, sweep_at)
VALUES ('job_open', 1, 'open', 1, 'active', ${NOW}, 5, ${NOW}, ${NOW}, ${NOW} + 86400000);
INSERT INTO job_versions SELECT no, 1,
  '{"name":"x","description":null,"labels":{},"schedule":{"every":"1m"},"target":{"http":{"url":"http://h/"}},"policy":{},"callback":null}',
  ${NOW}, 'me' FROM jobs;
INSERT INTO runs (no, id, job_no, project_no, job_name, version, trigger, due_at, off_schedule, late, status, fence,
  attempts, cause, ready_at, not_before, created_at, finished_at, has_callback)
SELECT nextval('runs_no'), 'run_' || n, 1, 1, 'x', 1, 'schedule', ${NOW} - n::bigint, 0, false,
  CASE WHEN n <= ${OPEN} THEN 'pending' ELSE 'succeeded' END, 0, 0, 'first', ${NOW}, 0, ${NOW},
  CASE WHEN n > ${OPEN} THEN ${NOW} END, false
FROM generate_series(1, 200000) AS n;
ANALYZE`

test('what is open is listed without reading what has ended', async () => {
  const url = await server.database()
  const database = new URL(url).pathname.slice(1)
  await (await onStoryTime(url, seededChance()))[Symbol.asyncDispose]()
  await server.query(FILL_OPEN, database)
  await server.query(`ALTER DATABASE ${database} SET auto_explain.log_min_duration = 0`)
  const from = server.log.length
  await using store = await onStoryTime(url, seededChance(2))
  for (const status of [['pending'], ['pending', 'running', 'failed']] as const) {
    const { items } = await store.runs.list({ status }, { limit: 9 })
    assert.deepEqual(
      items.map(({ dueAt }) => NOW - dueAt),
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
    )
  }
  const found = [...plans(from)].filter(([statement]) => /UNION ALL/.test(statement))
  assert.ok(found.length > 0)
  for (const [statement, plan] of found)
    for (const [, rows] of plan.matchAll(/(?:actual rows=|Rows Removed by \w+(?: \w+)*: )(\d+)/g))
      assert.ok(Number(rows) <= OPEN, `${rows} rows\n${statement}\n${plan}`)
})
