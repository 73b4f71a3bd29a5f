import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import { seededChance } from '../contracts/world.ts'
import { testFolder } from './folder.ts'

const COPY = new URL('./schema.sql', import.meta.url)
const inFolder = testFolder()

test('the migrations make the schema that is written down', async () => {
  await using _ = openSqliteStore({ path: inFolder('schema.db'), chance: seededChance() })
  using db = new DatabaseSync(inFolder('schema.db'))
  const rows = db
    .prepare(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name <> 'sqlite_sequence' ORDER BY type DESC, name",
    )
    .all()
  const schema = `${rows.map(({ sql }) => `${sql};`).join('\n\n')}\n`
  if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(COPY, schema)
  assert.equal(schema, readFileSync(COPY, 'utf8'), 'UPDATE_SCHEMA=1 writes it down anew')
})

test('each step goes by an index: no scan of what grows', async () => {
  await using _ = openSqliteStore({ path: inFolder('plans.db'), chance: seededChance() })
  using db = new DatabaseSync(inFolder('plans.db'))
  const hot = {
    'jobs that are due': 'SELECT no FROM jobs WHERE next_due_at <= 1 ORDER BY next_due_at LIMIT 9',
    'next due': 'SELECT next_due_at FROM jobs WHERE next_due_at IS NOT NULL ORDER BY next_due_at LIMIT 1',
    'runs that are ready':
      "SELECT no FROM runs WHERE status = 'pending' AND waits = 0 AND pool_no = 0 AND ready_at <= 1 ORDER BY ready_at, no LIMIT 9",
    'next ready':
      "SELECT ready_at FROM runs WHERE status = 'pending' AND waits = 0 AND pool_no = 0 AND ready_at IS NOT NULL ORDER BY ready_at LIMIT 1",
    'runs that are too late':
      "SELECT no FROM runs WHERE status = 'pending' AND start_by < 1 ORDER BY start_by LIMIT 9",
    'open runs of a job':
      'SELECT count(*), count(ready_at) FROM runs WHERE job_no = 1 AND finished_at IS NULL',
    'anything queued': "SELECT 1 FROM runs WHERE status = 'pending' AND ready_at IS NULL LIMIT 1",
    'runs that wait for room':
      "SELECT project_no, concurrency_key FROM runs WHERE waits = 1 AND concurrency_key IS NOT NULL AND finished_at IS NULL AND (project_no, concurrency_key) > (1, 'a') ORDER BY project_no, concurrency_key LIMIT 1",
    'runs under way of a project with a quota':
      'SELECT count(*) FROM runs INDEXED BY runs_admitted WHERE project_no = 1 AND concurrency_key IS NOT NULL AND waits = 0 AND finished_at IS NULL AND ready_at IS NOT NULL AND node_no IS NOT NULL',
    'runs under way of a key':
      "SELECT count(*) FROM runs WHERE project_no = 1 AND concurrency_key = 'a' AND waits = 0 AND finished_at IS NULL AND node_no IS NOT NULL",
    'runs that are cancelling': "SELECT id FROM runs WHERE status = 'cancelling' AND node_no = 1",
    'effects that are due': 'SELECT no FROM effects WHERE next_try_at <= 1 ORDER BY next_try_at, no LIMIT 9',
    'the audit, newest first':
      'SELECT no FROM audit WHERE (at, no) < (9, 9) ORDER BY at DESC, no DESC LIMIT 9',
    'the audit of one thing':
      "SELECT no FROM audit WHERE (at, no) < (9, 9) AND subject = 'a' ORDER BY at DESC, no DESC LIMIT 9",
    'the audit of a key in a stretch of time':
      "SELECT no FROM audit WHERE (at, no) < (9, 9) AND actor_id = 'a' AND at >= 1 AND at < 5 ORDER BY at DESC, no DESC LIMIT 9",
    'jobs to sweep': 'SELECT no FROM jobs WHERE sweep_at <= 1 ORDER BY sweep_at LIMIT 9',
  }
  for (const [what, sql] of Object.entries(hot)) {
    const plan = db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail))
    assert.ok(
      plan.every((step) => / USING (COVERING )?INDEX /.test(step)) && plan.length > 0,
      `${what}: ${plan.join(' | ')}`,
    )
  }
})
