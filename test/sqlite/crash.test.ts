// A process dies in the middle of its batches, by kill -9 or by a disk that takes no more. What it had said is
// stored must be there, and whatever is there must be whole.

import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import { DEFAULT_PROJECT_ID } from '../../src/domain/project.ts'
import { isFinal } from '../../src/domain/run.ts'
import type { Store } from '../../src/ports/store.ts'
import { seededChance } from '../contracts/world.ts'
import { BATCH } from './busy-batch.ts'
import { type Child, runChild, runChildBounded } from './child.ts'
import { testFolder } from './folder.ts'

const inFolder = testFolder()

type Said = { added: number; ended: number; refusal: string | null }

async function listen(child: Child, said: Said, until: (said: Said) => boolean): Promise<void> {
  while (!until(said)) {
    const line = await child.line()
    const [word, rest] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]
    if (word === 'refused') said.refusal = rest
    else said[word as 'added' | 'ended'] = Number(rest)
  }
}

/** What was acknowledged is there; of a batch all or nothing is. */
async function isWhole(path: string, said: Said): Promise<void> {
  await using store = openSqliteStore({ path, chance: seededChance() })
  for (let batch = 0; ; batch += 1) {
    const statuses = await statusesOf(store, batch)
    if (statuses === null) {
      assert.ok(batch > said.added, `batch ${batch} was acknowledged and is gone`)
      break
    }
    assert.equal(statuses.length, BATCH)
    if (batch <= said.ended)
      assert.ok(statuses.every((status) => status === 'succeeded' || status === 'failed'))
  }
  using db = new DatabaseSync(path)
  assert.deepEqual({ ...db.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' })
  assert.deepEqual(db.prepare('PRAGMA foreign_key_check').all(), [])
}

/** null: nothing of this batch is there. */
async function statusesOf(store: Store, batch: number): Promise<string[] | null> {
  const statuses: string[] = []
  let there = 0
  for (let n = 0; n < BATCH; n += 1) {
    const job = await store.jobs.byName(DEFAULT_PROJECT_ID, `job-${batch}-${n}`)
    if (job === null) continue
    there += 1
    const { runs } = await store.runs.ledger(job.id, 0, Number.MAX_SAFE_INTEGER, 9)
    assert.equal(runs.length, job.nextDueAt === null ? 1 : 0, 'a job is planned exactly when it has its run')
    for (const run of runs) {
      statuses.push(run.status)
      const attempts = await store.runs.attempts(run.id)
      assert.equal(attempts.length, run.attempts)
      const effects = (await store.outbox.list({ runId: run.id }, { limit: 9 })).items
      assert.equal(effects.length, isFinal(run.status) ? 1 : 0, 'a run is told of exactly when it has ended')
    }
    if (runs.length === 0) statuses.push('unplanned')
  }
  assert.ok(there === 0 || there === BATCH, `${there} of ${BATCH} jobs of one batch are there`)
  return there === 0 ? null : statuses
}

for (const after of [1, 4, 9]) {
  test(`killed after ${after} batches`, async () => {
    const path = inFolder(`killed-${after}.db`)
    const said: Said = { added: -1, ended: -1, refusal: null }
    const child = runChild('busy-store.ts', path)
    await listen(child, said, ({ ended }) => ended >= after)
    await child.kill()
    await isWhole(path, said)
  })
}

test('a disk that takes no more', { skip: process.platform === 'win32' ? 'no ulimit' : false }, async () => {
  const path = inFolder('full.db')
  const said: Said = { added: -1, ended: -1, refusal: null }
  const child = runChildBounded(1_500, 'busy-store.ts', path)
  await listen(child, said, ({ refusal }) => refusal !== null)
  assert.match(said.refusal ?? '', /disk/)
  assert.ok(said.ended >= 0, 'it got somewhere before')
  await child.kill()
  await isWhole(path, said)
})
