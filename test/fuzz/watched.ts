// How many rows a database in memory has written: asked of SQLite itself, by the connection that the store uses. A refusal
// that wrote something and took it back is seen too.

import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'

export const NO_LIMITS = { requestsPerMinute: 0, authFailuresPerMinute: 0 }

export type Watched<Opened> = { readonly opened: Opened; readonly changes: () => number }

/** `open` opens one store. */
export async function watched<Opened>(open: () => Promise<Opened>): Promise<Watched<Opened>> {
  const { exec } = DatabaseSync.prototype
  let db: DatabaseSync | undefined
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql) {
    db ??= this
    return exec.call(this, sql)
  }
  const opened = await open().finally(() => {
    DatabaseSync.prototype.exec = exec
  })
  assert.ok(db !== undefined, 'no store was seen being opened')
  const count = db.prepare('SELECT total_changes() AS n')
  count.setReturnArrays(true)
  return { opened, changes: () => (count.get() as unknown as [number])[0] }
}
