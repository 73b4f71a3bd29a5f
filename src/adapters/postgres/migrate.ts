// Brings a database to this program's schema by numbered files, each in one transaction with its record. Nodes that
// start together wait for each other. What was applied may not change afterwards, and a schema newer than the program
// is left alone.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Connection } from './connection.ts'
import { DATABASE_NOW } from './database.ts'
import { sql } from './sql.ts'

export type Migration = {
  readonly number: number
  readonly name: string
  readonly sql: string
  readonly sha256: string
}
type Applied = { readonly number: number; readonly name: string; readonly sha256: string }

const FOLDER = new URL('./migrations/', import.meta.url)

/** Of advisory locks: this program's first number, then what for. */
export const LOCK_SPACE = 0x63_61_72
const MIGRATING = 1

const TABLES = sql<{ name: string }>(
  `SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')`,
)
const APPLIED = sql<Applied>('SELECT number, name, sha256 FROM migrations ORDER BY number')
const RECORD = sql(`INSERT INTO migrations VALUES ($1, $2, $3, ${DATABASE_NOW})`)

export function readMigrations(folder: URL = FOLDER): Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
    .sort()
    .map((name) => {
      // A checkout with other line ends is the same migration.
      const text = readFileSync(new URL(name, folder), 'utf8').replaceAll('\r\n', '\n')
      const sha256 = createHash('sha256').update(text).digest('hex')
      return { number: Number(name.slice(0, 4)), name, sql: text, sha256 }
    })
}

/** Throws what a start must be refused for. false: there is something to apply. */
export async function isUpToDate(
  connection: Connection,
  migrations: readonly Migration[],
  moving = false,
): Promise<boolean> {
  const tables = await tablesOf(connection, moving)
  if (!tables.includes('migrations')) return false
  const applied = (await connection.ask(APPLIED, [])).rows
  refuseOthers(applied, migrations)
  return applied.length === migrations.length
}

export async function migrate(
  connection: Connection,
  migrations: readonly Migration[],
  moving = false,
): Promise<void> {
  await connection.exec(`SELECT pg_advisory_lock(${LOCK_SPACE}, ${MIGRATING})`)
  try {
    await bringUp(connection, migrations, moving)
  } finally {
    if (!connection.lost) await connection.exec(`SELECT pg_advisory_unlock(${LOCK_SPACE}, ${MIGRATING})`)
  }
}

async function bringUp(
  connection: Connection,
  migrations: readonly Migration[],
  moving: boolean,
): Promise<void> {
  await tablesOf(connection, moving)
  await connection.exec(
    `CREATE TABLE IF NOT EXISTS migrations (
       number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_at bigint NOT NULL)`,
  )
  const applied = (await connection.ask(APPLIED, [])).rows
  refuseOthers(applied, migrations)
  const last = applied.at(-1)?.number ?? 0
  for (const migration of migrations) if (migration.number > last) await apply(connection, migration)
}

async function apply(connection: Connection, { number, name, sql: text, sha256 }: Migration): Promise<void> {
  await connection.exec('BEGIN')
  try {
    await connection.exec(text)
    await connection.ask(RECORD, [number, name, sha256])
    await connection.exec('COMMIT')
  } catch (error) {
    if (!connection.lost) await connection.exec('ROLLBACK')
    throw error
  }
}

function refuseOthers(applied: readonly Applied[], migrations: readonly Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.number, migration]))
  for (const done of applied) refuseOther(done, known.get(done.number))
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

/** None, or those of this program. */
async function tablesOf(connection: Connection, moving: boolean): Promise<string[]> {
  const tables = (await connection.ask(TABLES, [])).rows.map(({ name }) => name)
  if (!moving && tables.includes('moving')) {
    throw new Error(
      'a move into this database is unfinished. Repeat the same carillon migrate-store, which goes on where it was.',
    )
  }
  if (tables.length === 0 || tables.includes('migrations')) return tables
  throw new Error(
    'the database holds tables of another program; give this one a database or a schema of its own',
  )
}
