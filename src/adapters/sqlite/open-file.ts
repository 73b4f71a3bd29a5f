// Opens the database file, or makes it. A file that is there must be whole: a damaged, cut off or vanished one is
// refused with what to do, never taken for a new, empty one.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreUnavailable } from '../../ports/store.ts'
import { Database } from './database.ts'
import { type Migration, migrate } from './migrate.ts'

/** Up to this size the whole file is checked at the start, in less than a second; beyond, damage shows when it is read. */
const CHECKED_BYTES_MAX = 512 * 1_048_576

export function openFile(path: string, migrations: readonly Migration[], moving = false): Database {
  if (!existsSync(path)) create(path, migrations)
  const { size } = statSync(path)
  if (size === 0) throw new StoreUnavailable(damaged(path, 'it is empty'))
  const db = open(path)
  try {
    if (size <= CHECKED_BYTES_MAX) check(db, path)
    migrate(db, migrations, moving)
    return db
  } catch (error) {
    db[Symbol.dispose]()
    throw error
  }
}

/** Made aside and moved into place whole, so that a crash in between leaves no half of a database. */
function create(path: string, migrations: readonly Migration[]): void {
  if (existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0) {
    throw new StoreUnavailable(damaged(path, 'it is gone, and its journal is still there'))
  }
  const aside = `${path}.new`
  for (const old of [aside, `${aside}-wal`, `${aside}-shm`]) rmSync(old, { force: true })
  // Its journals get the mode that it has: whatever the directory lets others see, this is its owner's.
  closeSync(openSync(aside, 'wx', 0o600))
  {
    using db = open(aside)
    migrate(db, migrations)
  }
  renameSync(aside, path)
  syncFolder(dirname(path))
}

/** So that the new name outlives a power cut. Windows keeps names by itself and opens no folders. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

function open(path: string): Database {
  try {
    return new Database(path)
  } catch (error) {
    if (error instanceof StoreUnavailable)
      throw new StoreUnavailable(`${path}: ${error.message}`, { cause: error })
    throw error
  }
}

function check(db: Database, path: string): void {
  const problems = db.read(() => {
    try {
      return db.query<{ quick_check: string }>('PRAGMA quick_check(3)').all()
    } catch (error) {
      return [{ quick_check: (error as Error).message }]
    }
  })
  if (problems.length === 1 && problems[0]?.quick_check === 'ok') return
  throw new StoreUnavailable(damaged(path, problems.map((row) => row.quick_check).join('; ')))
}

function damaged(path: string, what: string): string {
  return (
    `the database ${path} is damaged (${what}). Nothing was changed. Keep a copy of the file with its -wal, then put ` +
    'the last backup in its place and start again. To begin with nothing instead, move the file and its -wal away.'
  )
}
