// What the tables themselves refuse, should a mistake in the code ever ask for it.

import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import type { Store } from '../../src/ports/store.ts'
import { again, at, gap, owes, seededChance, T0, World } from '../contracts/world.ts'
import { testFolder } from './folder.ts'

const path = testFolder()('states.db')
let store: Store
let db: DatabaseSync
const no: Record<string, number> = {}

before(async () => {
  store = openSqliteStore({ path, chance: seededChance() })
  const world = await World.around(store, seededChance(2))
  const final = await world.ended({ callback: { url: 'http://127.0.0.1/' } })
  const work = await world.running()
  await world.settle(again(work, T0))
  const [running] = await world.claim()
  await world.job()
  const { runs } = await world.plan(() => owes({ runs: [at(T0)], gaps: [gap(T0 + 1, T0 + 9, 9)] }))
  db = new DatabaseSync(path)
  const numberOf = db.prepare('SELECT no FROM runs WHERE id = ?')
  const ids = { final: final.id, running: running!.run.id, pending: runs[0]!.id }
  for (const [name, id] of Object.entries(ids)) no[name] = Number(numberOf.get(id)!['no'])
})
after(async () => {
  db.close()
  await store[Symbol.asyncDispose]()
})

function refused(name: string, sql: () => string, reason: RegExp): void {
  test(name, () => {
    const text = sql()
    db.exec('BEGIN')
    try {
      assert.throws(() => db.exec(text), reason)
    } finally {
      if (db.isTransaction) db.exec('ROLLBACK')
    }
  })
}

const set = (run: string, what: string) => (): string => `UPDATE runs SET ${what} WHERE no = ${no[run]}`
const copy = (run: string, over: Record<string, string>) => (): string => {
  const columns = db
    .prepare("SELECT name FROM pragma_table_info('runs')")
    .all()
    .map((row) => String(row['name']))
  const values = columns.map(
    (name) => over[name] ?? (name === 'no' ? 'NULL' : name === 'id' ? "'run_copy'" : name),
  )
  return `INSERT INTO runs (${columns.join(', ')}) SELECT ${values.join(', ')} FROM runs WHERE no = ${no[run]}`
}

refused('a final status does not change', set('final', "status = 'failed'"), /never change/)
refused('nor does anything else of a final run', set('final', "message = 'other'"), /never change/)
refused('a final run is not revived', set('final', "status = 'pending', finished_at = NULL"), /never change/)
refused('a fence never falls', set('running', 'fence = fence - 1'), /never change/)
refused('attempts are not uncounted', set('running', 'attempts = attempts - 1'), /never change/)
refused('a running run has a node', set('running', 'node_no = NULL'), /CHECK/)
refused('a running run has a lease', set('running', 'leased_at = NULL'), /CHECK/)
refused('a waiting run has none', set('pending', 'node_no = 1, leased_at = 1'), /CHECK/)
refused(
  'a waiting run does not just succeed',
  set('pending', "status = 'succeeded', finished_at = 1"),
  /does not go this way/,
)
refused(
  'a running run is not skipped',
  set('running', "status = 'skipped', reason = 'overlap', finished_at = 1, node_no = NULL, leased_at = NULL"),
  /does not go this way/,
)
refused('an end has its time', set('running', "status = 'failed', node_no = NULL, leased_at = NULL"), /CHECK/)
refused('a skipped run has a reason', set('pending', "status = 'skipped', finished_at = 1"), /CHECK/)
refused('statuses are a closed list', set('pending', "status = 'waiting'"), /CHECK/)
refused(
  'reasons are a closed list',
  set('pending', "status = 'skipped', finished_at = 1, reason = 'why not'"),
  /CHECK/,
)
refused('causes are a closed list', set('pending', "cause = 'because'"), /CHECK/)
refused('an instant of a job has one scheduled run', copy('pending', {}), /UNIQUE/)
refused('a scheduled run does not pass as another', copy('pending', { off_schedule: '7' }), /CHECK/)
refused('a run has a job', copy('pending', { job_no: '999' }), /FOREIGN KEY/)
refused('an open run is not deleted', () => `DELETE FROM runs WHERE no = ${no['running']}`, /never forgotten/)
refused(
  'a run that is told of is not deleted',
  () => `DELETE FROM runs WHERE no = ${no['final']}`,
  /FOREIGN KEY/,
)
refused('an attempt does not change', () => "UPDATE attempts SET outcome = 'ok'", /ends once/)
refused(
  'an attempt does not end twice',
  () =>
    'INSERT INTO attempts SELECT no, fence, node_no, cause, started_at, ended_at, outcome, detail, part FROM attempts',
  /UNIQUE/,
)
refused('a version does not change', () => "UPDATE job_versions SET spec = '{}'", /never changes/)
refused(
  'a run is told of once',
  () =>
    "INSERT INTO effects SELECT no + 99, 'eff_x', run_no, job_no, project_no, callback, status, tries, next_try_at, held, created_at, ended_at FROM effects",
  /UNIQUE/,
)
refused('an effect that ended has no next try', () => "UPDATE effects SET status = 'dead'", /CHECK/)
refused(
  'gaps do not overlap',
  () =>
    `INSERT INTO gaps SELECT NULL, 'gap_x', job_no, version, from_at + 3, to_at + 3, count, status, reason, 1 FROM gaps`,
  /overlap/,
)
refused('a paused job has its pause', () => "UPDATE jobs SET status = 'paused'", /CHECK/)
refused('a deleted job is never due', () => 'UPDATE jobs SET deleted_at = 1, next_due_at = 1', /CHECK/)
refused('a name is used once in a project', () => "UPDATE jobs SET name = 'same'", /UNIQUE/)

test('a job whose run cannot be ended is put off by itself, those beside it ring', {
  timeout: 20_000,
}, async () => {
  const path = testFolder()('stuck.db')
  await using store = openSqliteStore({ path, chance: seededChance() })
  const world = await World.around(store, seededChance(2))
  const stuck = await world.job()
  const [open] = (await world.plan(() => owes({ runs: [at(T0)], nextDueAt: T0 }))).runs
  const beside = await world.job()
  using db = new DatabaseSync(path)
  db.exec(
    `CREATE TRIGGER stuck BEFORE UPDATE ON runs WHEN OLD.id = '${open!.id}' BEGIN SELECT RAISE(ABORT, 'stuck'); END`,
  )
  const { failures, leased } = await world.plan(({ job }) => {
    return job.id === stuck.id ? owes({ runs: [at(T0 + 1)], replaceOpen: true }) : owes({ runs: [at(T0)] })
  }, 9)
  assert.deepEqual(
    failures.map(({ jobId }) => jobId),
    [stuck.id],
  )
  assert.deepEqual(
    leased.map(({ run }) => run.jobId),
    [beside.id],
  )
})
