// This store as the source or the target of a move.

import type { Clock } from '../../ports/clock.ts'
import {
  type Cell,
  type CopiedRow,
  type CopiedTable,
  type MoveMark,
  NUMBERED_TABLES,
  type Piece,
  type StoreCopy,
} from '../../ports/store-copy.ts'
import { describeAddress, readAddress } from './address.ts'
import { bringUp } from './bring-up.ts'
import { timeoutsFor } from './connection.ts'
import { DATABASE_NOW, Database, type Transaction } from './database.ts'
import { Partitions } from './partitions.ts'
import { Pool } from './pool.ts'
import { Primary } from './primary.ts'
import { type Sql, sql, type Value } from './sql.ts'

const TYPES = { number: 'bigint', real: 'double precision', text: 'text', boolean: 'boolean' } as const

/** By what a table is read in pieces: a unique index of it. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  job_versions: ['job_no', 'version'],
  runs: ['job_no', 'due_at', 'off_schedule'],
  attempts: ['run_no', 'number', 'due_at'],
  late_reports: ['run_no', 'number'],
  parts: ['run_no', 'part'],
  quota_use: ['project_no', 'what'],
  logs: ['run_id', 'attempt', 'part'],
  handed: ['run_id'],
  tidings: ['run_id', 'fence'],
  deliveries: ['effect_no', 'number'],
  once: ['scope', 'key'],
  sequences: ['name'],
  server_secrets: ['name'],
}
const keyOf = ({ name }: CopiedTable): readonly string[] => KEYS[name] ?? ['no']

/** A move may read a whole table at once, as when it counts. */
const STATEMENT_MS = 600_000

const IN_USE = sql<{ hostname: string; pid: number }>(
  `SELECT hostname, pid FROM nodes WHERE left_at IS NULL AND agent_no IS NULL AND lease_until >= ${DATABASE_NOW}
   LIMIT 1`,
)
const IS_EMPTY = sql<{ empty: boolean }>(
  `SELECT NOT EXISTS (SELECT 1 FROM jobs) AND NOT EXISTS (SELECT 1 FROM keys) AND NOT EXISTS (SELECT 1 FROM runs)
     AND NOT EXISTS (SELECT 1 FROM agents) AND (SELECT count(*) FROM projects) <= 1 AS empty`,
)
const HAS_MARK = sql<{ there: boolean }>("SELECT to_regclass('moving') IS NOT NULL AS there")
const MARK = sql<MoveMark>('SELECT source AS "from", at_table AS "table", after FROM moving')
const REMEMBER = sql('UPDATE moving SET at_table = $1, after = $2')

const END_NODES = sql(
  "UPDATE nodes SET left_at = $1, ended = 'replaced' WHERE left_at IS NULL AND agent_no IS NULL",
)
const LET_GO = sql('UPDATE effects SET next_try_at = $1, held = NULL WHERE held IS NOT NULL')

export async function openPostgresCopy(url: string, clock: Clock): Promise<StoreCopy> {
  const address = readAddress(url)
  const primary = new Primary(address, clock)
  await bringUp(address, primary, true)
  const connect = () => primary.connect(timeoutsFor(STATEMENT_MS), 'carillon move')
  const pool = new Pool({ connect, max: 2, checkoutMs: STATEMENT_MS, clock })
  const db = new Database(pool, 'database', clock)
  await new Partitions().keepUp(db, clock.now())
  return new PostgresCopy(describeAddress(address), db, pool)
}

class PostgresCopy implements StoreCopy {
  readonly address: string
  readonly #db: Database
  readonly #pool: Pool

  constructor(address: string, db: Database, pool: Pool) {
    this.address = address
    this.#db = db
    this.#pool = pool
  }

  async inUse(): Promise<string | null> {
    const node = await this.#db.read((reader) => reader.get(IN_USE))
    return node === undefined ? null : `the server on ${node.hostname} (process ${node.pid})`
  }

  async count({ name }: CopiedTable): Promise<number> {
    const counted = sql<{ count: number }>(`SELECT count(*) AS count FROM ${name}`)
    return (await this.#db.read((reader) => reader.get(counted)))!.count
  }

  async read(table: CopiedTable, after: string | null, limit: number): Promise<Piece> {
    const key = keyOf(table)
    const from = after === null ? [] : (JSON.parse(after) as Value[])
    const rows = await this.#db.read((reader) =>
      reader.all(readPiece(table, key, after !== null), limit, ...from),
    )
    const last = rows.length < limit ? undefined : rows.at(-1)
    return {
      rows: rows.map((row) => table.columns.map(([column]) => row[column] as Cell)),
      next: last === undefined ? null : JSON.stringify(key.map((column) => last[column])),
    }
  }

  async isEmpty(): Promise<boolean> {
    return (await this.#db.read((reader) => reader.get(IS_EMPTY)))!.empty
  }

  mark(): Promise<MoveMark | null> {
    return this.#db.read(async (reader) => {
      if ((await reader.get(HAS_MARK))?.there !== true) return null
      return (await reader.get(MARK)) ?? null
    })
  }

  async begin({ from, table }: MoveMark): Promise<void> {
    await this.#db.write(0, async (tx) => {
      await tx.exec('CREATE TABLE moving (source text NOT NULL, at_table text NOT NULL, after text)')
      await tx.exec('DELETE FROM projects; DELETE FROM nodes')
      await tx.run(sql('INSERT INTO moving VALUES ($1, $2, NULL)'), from, table)
    })
  }

  async write(table: CopiedTable, rows: readonly CopiedRow[], mark: MoveMark): Promise<void> {
    await this.#db.write(0, async (tx) => {
      if (rows.length > 0) await tx.run(insertInto(table), ...columnsOf(table, rows))
      await tx.run(REMEMBER, mark.table, mark.after)
    })
  }

  async finish(): Promise<void> {
    await this.#db.write(0, async (tx) => {
      // Whoever worked on the source does so no more, whatever its lease said.
      await tx.run(END_NODES, tx.now)
      await tx.run(LET_GO, tx.now)
      for (const name of NUMBERED_TABLES) await numberOn(tx, name)
      await tx.exec('DROP TABLE moving')
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.close()
  }
}

function readPiece(
  { name, columns }: CopiedTable,
  key: readonly string[],
  later: boolean,
): Sql<Record<string, Cell>> {
  const names = columns.map(([column]) => column).join(', ')
  const order = key.join(', ')
  const places = key.map((_, n) => `$${n + 2}`).join(', ')
  const where = later ? `WHERE (${order}) > (${places})` : ''
  return sql(`SELECT ${names} FROM ${name} ${where} ORDER BY ${order} LIMIT $1`)
}

function insertInto({ name, columns }: CopiedTable): Sql<unknown> {
  const names = columns.map(([column]) => column).join(', ')
  const arrays = columns.map(([, kind], n) => `$${n + 1}::${TYPES[kind]}[]`).join(', ')
  return sql(`INSERT INTO ${name} (${names}) SELECT * FROM unnest(${arrays}) ON CONFLICT DO NOTHING`)
}

function columnsOf({ columns }: CopiedTable, rows: readonly CopiedRow[]): Value[] {
  return columns.map((_, n) => rows.map((row) => row[n]!))
}

/** What is written from now on is numbered after what was moved. */
async function numberOn(tx: Transaction, name: string): Promise<void> {
  const sequence = name === 'runs' ? "'runs_no'" : `pg_get_serial_sequence('${name}', 'no')`
  await tx.exec(`SELECT setval(${sequence}, (SELECT coalesce(max(no), 0) + 1 FROM ${name}), false)`)
}
