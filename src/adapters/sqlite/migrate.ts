// Brings a database to this program's schema by numbered files, each in one transaction with its record. What was
// applied may not change afterwards, and a schema newer than the program is left alone.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Database } from './database.ts'

export type Migration = {
  readonly number: number
  readonly name: string
  readonly sql: string
  readonly sha256: string
}
type Applied = { readonly number: number; readonly name: string; readonly sha256: string }

const FOLDER = new URL('./migrations/', import.meta.url)

export function readMigrations(folder: URL = FOLDER): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
    .sort()
    .map((name) => {
      // A checkout with other line ends is the same migration.
      const sql = readFileSync(new URL(name, folder), 'utf8').replaceAll('\r\n', '\n')
      return {
        number: Number(name.slice(0, 4)),
        name,
        sql,
        sha256: createHash('sha256').update(sql).digest('hex'),
      }
    })
}

/** `moving`: by whoever moves a store into it; nobody else may use it before that is done. */
export function migrate(db: Database, migrations: readonly Migration[], moving = false): void {
  if (!moving) refuseUnfinished(db)
  refuseForeign(db)
  db.exec(
    `CREATE TABLE IF NOT EXISTS migrations (
       number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`,
  )
  const applied = db.query<Applied>('SELECT number, name, sha256 FROM migrations ORDER BY number').all()
  const known = new Map(migrations.map((migration) => [migration.number, migration]))
  for (const done of applied) refuseOther(done, known.get(done.number))
  const last = applied.at(-1)?.number ?? 0
  for (const migration of migrations) if (migration.number > last) apply(db, migration)
}

function apply(db: Database, { number, name, sql, sha256 }: Migration): void {
  db.write(() => {
    db.exec(sql)
    db.command(`INSERT INTO migrations VALUES (?, ?, ?, CAST(unixepoch('subsec') * 1000 AS INTEGER))`).run(
      number,
      name,
      sha256,
    )
  })
}

function refuseOther(applied: Applied, known: Migration | undefined): void {
  if (known === undefined) {
    throw new Error(
      `the database has migration ${applied.name}, which this program does not know: it was written by a newer ` +
        'version. Start that version, or restore a backup made before the upgrade.',
    )
  }
  if (known.sha256 !== applied.sha256) {
    throw new Error(
      `migration ${known.name} differs from the one this database was made with. Reinstall this version of the ` +
        'program; its files were changed.',
    )
  }
}

function refuseUnfinished(db: Database): void {
  if (db.query("SELECT 1 FROM sqlite_schema WHERE name = 'moving'").get() === undefined) return
  throw new Error(
    'a move into this database is unfinished. Repeat the same carillon migrate-store, which goes on where it was.',
  )
}

function refuseForeign(db: Database): void {
  const tables = db.query<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  if (tables.length === 0 || tables.some(({ name }) => name === 'migrations')) return
  throw new Error('the database holds tables of another program; choose another data directory')
}
