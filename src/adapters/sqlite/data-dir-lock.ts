// One data directory, one process. The lock is the operating system's, held through a small SQLite file, so it dies
// with its holder however that ends. The pid file beside it only serves the message.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export type DataDirLock = { readonly dir: string }

/** Makes the directory (for its owner alone) where there is none. Throws while another process holds it. */
export function lockDataDir(dir: string): DataDirLock & Disposable {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const pidFile = join(dir, 'carillon.pid')
  const lock = hold(join(dir, 'carillon.lock'), () => inUse(dir, pidFile))
  writeFileSync(pidFile, `${process.pid}\n`)
  return {
    dir,
    [Symbol.dispose](): void {
      if (!lock.isOpen) return
      rmSync(pidFile, { force: true })
      lock.close()
    },
  }
}

function hold(file: string, refusal: () => Error): DatabaseSync {
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    throw isBusy(error) ? refusal() : error
  }
}

const SQLITE_BUSY = 5

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY
}

function inUse(dir: string, pidFile: string): Error {
  return new Error(
    `data directory ${dir} is in use by ${holder(pidFile)}. Stop that process first, or start this one with a data ` +
      'directory of its own.',
  )
}

function holder(pidFile: string): string {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'))
    return Number.isInteger(pid) && pid > 0 ? `process ${pid}` : 'another process'
  } catch {
    return 'another process'
  }
}
