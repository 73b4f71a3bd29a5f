// What SQLite throws, in words an operator can act on. Broken constraints stay what they are: our own mistake.

import { StoreUnavailable } from '../../ports/store.ts'

/** Primary result codes, https://www.sqlite.org/rescode.html */
const TEXTS: Readonly<Record<number, string>> = {
  5: 'the database is locked by another process; nothing else may keep it open for writing',
  6: 'the database is locked',
  7: 'there is not enough memory',
  8: 'the database cannot be written: file, directory or disk is read-only',
  9: 'the operation was interrupted',
  10: 'the disk reports an error',
  11: 'the database file is damaged; stop, keep a copy of it, and restore the last backup',
  13: 'the disk is full',
  14: 'the database file cannot be opened',
  15: 'the locks of this file system do not work; put the data directory on a local disk',
  26: 'this is not a database, or its beginning is damaged; restore the last backup',
}

export function asStoreFailure(error: unknown): unknown {
  const code = sqliteCode(error)
  const text = code === null ? undefined : TEXTS[code & 0xff]
  if (text === undefined) return error
  return new StoreUnavailable(`${text} (SQLite ${code}: ${(error as Error).message})`, { cause: error })
}

function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null
  return typeof error.errcode === 'number' ? error.errcode : null
}
