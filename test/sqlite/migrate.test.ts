import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Database } from '../../src/adapters/sqlite/database.ts'
import { type Migration, migrate, readMigrations } from '../../src/adapters/sqlite/migrate.ts'

const migration = (number: number, sql: string, sha256 = `sum of ${sql}`): Migration => ({
  number,
  name: `000${number}_step.sql`,
  sql,
  sha256,
})
const first = migration(1, 'CREATE TABLE a (x) STRICT'.replace('(x)', '(x TEXT)'))
const second = migration(2, 'CREATE TABLE b (x TEXT) STRICT; INSERT INTO b VALUES (1)')

test('migrations are numbered without holes and end with a line', () => {
  const migrations = readMigrations()
  assert.deepEqual(
    migrations.map(({ number }) => number),
    migrations.map((_, n) => n + 1),
  )
  assert.ok(migrations.every(({ sql, sha256 }) => sql.endsWith('\n') && sha256.length === 64))
})

test('only what is missing is applied', () => {
  using db = new Database(':memory:')
  migrate(db, [first])
  migrate(db, [first, second])
  migrate(db, [first, second])
  assert.equal(db.query('SELECT * FROM b').all().length, 1)
  assert.deepEqual(db.tuples('SELECT number, name FROM migrations').all(), [
    [1, '0001_step.sql'],
    [2, '0002_step.sql'],
  ])
})

test('a migration that fails leaves nothing behind', () => {
  using db = new Database(':memory:')
  assert.throws(
    () => migrate(db, [first, migration(2, 'CREATE TABLE c (x TEXT) STRICT; SELECT nonsense')]),
    /nonsense/,
  )
  assert.deepEqual(db.tuples("SELECT name FROM sqlite_schema WHERE name IN ('a', 'c')").all(), [['a']])
  migrate(db, [first, second])
})

test('a changed migration is refused with what to do', () => {
  using db = new Database(':memory:')
  migrate(db, [first])
  assert.throws(() => migrate(db, [{ ...first, sha256: 'other' }]), /0001_step.sql differs .* Reinstall/)
})

test('a schema newer than the program is refused with what to do', () => {
  using db = new Database(':memory:')
  migrate(db, [first, second])
  assert.throws(() => migrate(db, [first]), /0002_step.sql.* newer version\. Start that version, or restore/)
})

test('runs under way of a project with a quota are counted by their key from migration 23 on', () => {
  using db = new Database(':memory:')
  const all = readMigrations()
  migrate(db, all.slice(0, 22))
  const project = db.command(
    `INSERT INTO projects (no, id, name, keep, quotas, version, created_at, updated_at) VALUES (?1, 'prj_' || ?1, ?1, '{}', ?2, 1, 1, 1)`,
  )
  project.run(7, '{"concurrency":3}')
  project.run(8, '{"jobs":3}')
  const job = db.command(
    `INSERT INTO jobs (no, id, project_no, name, version, status, planned_through, runs_planned, created_at, updated_at, sweep_at)
     VALUES (?1, 'job_' || ?1, ?1, 'a', 1, 'active', 1, 1, 1, 1, 1)`,
  )
  const run = db.command(
    `INSERT INTO runs (id, job_no, project_no, job_name, version, trigger, due_at, off_schedule, late, status, fence, attempts,
       cause, ready_at, not_before, node_no, leased_at, created_at, started_at, has_callback, concurrency_key)
     VALUES (?1, ?2, ?2, 'a', 1, 'schedule', ?3, 0, 0, ?4, 1, 1, 'first', 1, 1, ?5, ?5, 1, 1, 0, ?6)`,
  )
  for (const no of [7, 8]) {
    job.run(no)
    run.run(`under way ${no}`, no, 1, 'running', 1, null)
    run.run(`keyed ${no}`, no, 2, 'running', 1, 'db')
    run.run(`waiting ${no}`, no, 3, 'pending', null, null)
  }
  migrate(db, all)
  assert.deepEqual(db.tuples("SELECT id FROM runs WHERE concurrency_key = ''").all(), [['under way 7']])
  assert.deepEqual(db.tuples('SELECT count(*) FROM runs').all(), [[6]])
})

test('a database of another program is left alone', () => {
  using db = new Database(':memory:')
  db.exec('CREATE TABLE theirs (x TEXT)')
  assert.throws(() => migrate(db, [first]), /another program/)
  assert.equal(db.query("SELECT * FROM sqlite_schema WHERE name = 'a'").all().length, 0)
})
