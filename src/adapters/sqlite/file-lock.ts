// A lock of the operating system's, held through a small SQLite file: it dies with its holder however that ends, so none is ever
// stale.

import { DatabaseSync } from 'node:sqlite'

const SQLITE_BUSY = 5

/** null: somebody holds it, another process or this one. Throws where the file cannot be made. */
export function holdFile(file: string): (Disposable & { readonly held: boolean }) | null {
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (isBusy(error)) return null
    throw error
  }
  return {
    get held(): boolean {
      return lock.isOpen
    },
    [Symbol.dispose](): void {
      if (lock.isOpen) lock.close()
    },
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY
}
