// What a stopped server has left in its data directory or its database, read without it.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import type { Attempt } from '../../src/domain/attempt.ts'
import type { Effect } from '../../src/domain/effect.ts'
import type { Gap } from '../../src/domain/gap.ts'
import type { Job } from '../../src/domain/job.ts'
import type { Run } from '../../src/domain/run.ts'
import type { Page, Store } from '../../src/ports/store.ts'
import { seededChance } from '../contracts/world.ts'
import { onStoryTime } from './postgres-store.ts'

export type StoredJob = { readonly job: Job; readonly runs: readonly Run[]; readonly gaps: readonly Gap[] }

export type Stored = {
  /** What SQLite says is wrong with the file. */
  readonly damage: readonly unknown[]
  readonly jobs: ReadonlyMap<string, StoredJob>
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>
  readonly effects: readonly Effect[]
}

export async function readStored(dataDir: string): Promise<Stored> {
  const path = join(dataDir, 'carillon.db')
  await using store = openSqliteStore({ path, chance: seededChance() })
  return { ...(await readAll(store)), damage: damageOf(path) }
}

export async function readStoredFrom(url: string): Promise<Stored> {
  await using store = await onStoryTime(url, seededChance())
  return { ...(await readAll(store)), damage: [] }
}

async function readAll(store: Store): Promise<Omit<Stored, 'damage'>> {
  const jobs = new Map<string, StoredJob>()
  const attempts = new Map<string, readonly Attempt[]>()
  for (const job of await all((page) => store.jobs.list({}, page))) {
    const ledger = await store.runs.ledger(job.id, 0, Number.MAX_SAFE_INTEGER, 10_000_000)
    jobs.set(job.spec.name, { job, ...ledger })
    for (const run of ledger.runs) attempts.set(run.id, await store.runs.attempts(run.id))
  }
  const effects = await all((page) => store.outbox.list({}, page))
  return { jobs, attempts, effects }
}

async function all<T>(read: (page: Parameters<Store['jobs']['list']>[1]) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  for (;;) {
    const page = await read(cursor === undefined ? { limit: 500 } : { limit: 500, cursor })
    items.push(...page.items)
    if (page.nextCursor === null) return items
    cursor = page.nextCursor
  }
}

function damageOf(path: string): unknown[] {
  using db = new DatabaseSync(path)
  const problems = db
    .prepare('PRAGMA integrity_check')
    .all()
    .map((row) => row.integrity_check)
  return [...problems.filter((problem) => problem !== 'ok'), ...db.prepare('PRAGMA foreign_key_check').all()]
}
