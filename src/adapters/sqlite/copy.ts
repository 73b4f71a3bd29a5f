// This store as the source or the target of a move. What it numbers within another row is taken apart and put together.

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Cell, CopiedRow, CopiedTable, MoveMark, Piece, StoreCopy } from '../../ports/store-copy.ts'
import { lockDataDir } from './data-dir-lock.ts'
import type { Database } from './database.ts'
import { readMigrations } from './migrate.ts'
import { openFile } from './open-file.ts'
import { COUNT_UNDER_WAY } from './project-room.ts'

type Form = {
  /** By what it is read in pieces. */
  readonly key: readonly string[]
  readonly from: string
  /** Columns of the copied form that are something else here. */
  readonly read?: Readonly<Record<string, string>>
  readonly insert?: {
    readonly columns: readonly string[]
    readonly values: (place: (name: string) => string) => string[]
  }
}

const WITHIN = 1_048_576
const numbered = (from: string, parent: string, number: string): Form => ({
  key: ['t.no'],
  from,
  read: { [parent]: 't.no >> 20', [number]: 't.no & 1048575' },
})
const ofRun = (table: string): Form => ({
  ...numbered(`${table} t JOIN runs r ON r.no = t.no >> 20`, 'run_no', 'number'),
  read: { run_no: 't.no >> 20', number: 't.no & 1048575', due_at: 'r.due_at' },
})

const FORMS: Readonly<Record<string, Form>> = {
  job_versions: numbered('job_versions t', 'job_no', 'version'),
  deliveries: numbered('deliveries t', 'effect_no', 'number'),
  attempts: ofRun('attempts'),
  late_reports: ofRun('late_reports'),
  logs: {
    key: ['t.run_no', 't.attempt', 't.part'],
    from: 'logs t JOIN runs r ON r.no = t.run_no',
    read: { run_id: 'r.id', due_at: 'r.due_at' },
  },
  handed: {
    key: ['t.run_no'],
    from: 'handed t JOIN runs r ON r.no = t.run_no',
    read: { run_id: 'r.id', due_at: 'r.due_at' },
  },
  parts: {
    key: ['t.run_no', 't.part'],
    from: 'parts t JOIN runs r ON r.no = t.run_no',
    read: { run_id: 'r.id', due_at: 'r.due_at' },
  },
  effects: {
    key: ['t.no'],
    from: 'effects t JOIN runs r ON r.no = t.run_no',
    read: { run_id: 'r.id', due_at: 'r.due_at', held: 'nullif(t.held, 0)' },
  },
  once: { key: ['t.scope', 't.key'], from: 'once t' },
  tidings: { key: ['t.run_id', 't.fence'], from: 'tidings t' },
  quota_use: { key: ['t.project_no', 't.what'], from: 'quota_use t' },
  sequences: { key: ['t.name'], from: 'sequences t' },
  server_secrets: { key: ['t.name'], from: 'server_secrets t' },
}
const formOf = ({ name }: CopiedTable): Form => FORMS[name] ?? { key: ['t.no'], from: `${name} t` }

/** How a row of the copied form becomes one of this store. Column of this store: how it is made. */
const INSERTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  job_versions: { no: `$job_no * ${WITHIN} + $version` },
  deliveries: { no: `$effect_no * ${WITHIN} + $number` },
  attempts: { no: `$run_no * ${WITHIN} + $number` },
  late_reports: { no: `$run_no * ${WITHIN} + $number` },
  logs: { run_no: '(SELECT no FROM runs WHERE id = $run_id)' },
  handed: { run_no: '(SELECT no FROM runs WHERE id = $run_id)' },
  effects: { run_no: '(SELECT no FROM runs WHERE id = $run_id)', held: 'ifnull($held, 0)' },
}
/** Columns of the copied form that have no column here. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  job_versions: ['job_no', 'version'],
  deliveries: ['effect_no', 'number'],
  attempts: ['run_no', 'number', 'due_at'],
  late_reports: ['run_no', 'number', 'due_at'],
  logs: ['run_id', 'due_at'],
  handed: ['run_id', 'due_at'],
  parts: ['run_id', 'due_at'],
  effects: ['run_id', 'due_at', 'held'],
}

/** Holds the data directory for as long as it is open. As a source it must be there. */
export function openSqliteCopy(path: string, role: 'source' | 'target'): StoreCopy {
  if (role === 'source' && !existsSync(path)) throw new Error(`there is no store at ${path}`)
  const lock = lockDataDir(dirname(path))
  try {
    return new SqliteCopy(path, openFile(path, readMigrations(), true), lock)
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}

class SqliteCopy implements StoreCopy {
  readonly address: string
  readonly #db: Database
  readonly #lock: Disposable

  constructor(path: string, db: Database, lock: Disposable) {
    this.address = `sqlite:${path}`
    this.#db = db
    this.#lock = lock
  }

  /** The lock of the data directory says so already. */
  async inUse(): Promise<null> {
    return null
  }

  async count({ name }: CopiedTable): Promise<number> {
    return this.#db.read(() => this.#db.tuples<readonly [number]>(`SELECT count(*) FROM ${name}`).get()![0])
  }

  async read(table: CopiedTable, after: string | null, limit: number): Promise<Piece> {
    const { key, from, read = {} } = formOf(table)
    const columns = table.columns.map(([column]) => read[column] ?? `t."${column}"`)
    const where = after === null ? '' : `WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')})`
    const text = `SELECT ${[...columns, ...key].join(', ')} FROM ${from} ${where} ORDER BY ${key.join(', ')} LIMIT ?`
    const place = after === null ? [] : (JSON.parse(after) as (string | number)[])
    const rows = this.#db.read(() =>
      this.#db.tuples<readonly (string | number | null)[]>(text).all(...place, limit),
    )
    const last = rows.length < limit ? undefined : rows.at(-1)
    return {
      rows: rows.map((row) => table.columns.map(([, kind], n) => toCell(row[n]!, kind))),
      next: last === undefined ? null : JSON.stringify(last.slice(columns.length)),
    }
  }

  async isEmpty(): Promise<boolean> {
    const any = ['jobs', 'keys', 'runs', 'agents'].map(
      (name) => `(SELECT count(*) FROM (SELECT 1 FROM ${name} LIMIT 1))`,
    )
    const [sum] = this.#db.read(() => this.#db.tuples<readonly [number]>(`SELECT ${any.join(' + ')}`).get()!)
    return sum === 0
  }

  async mark(): Promise<MoveMark | null> {
    return this.#db.read(() => {
      const there = this.#db.query("SELECT 1 FROM sqlite_schema WHERE name = 'moving'").get()
      if (there === undefined) return null
      const row = this.#db
        .query<MoveMark>('SELECT source AS "from", at_table AS "table", after FROM moving')
        .get()
      return row === undefined ? null : { ...row }
    })
  }

  async begin({ from, table }: MoveMark): Promise<void> {
    this.#db.write(() => {
      this.#db.exec('CREATE TABLE moving (source TEXT NOT NULL, at_table TEXT NOT NULL, after TEXT) STRICT')
      this.#db.exec('DELETE FROM projects; DELETE FROM nodes')
      this.#db.command('INSERT INTO moving VALUES (?, ?, NULL)').run(from, table)
    })
  }

  async write(table: CopiedTable, rows: readonly CopiedRow[], mark: MoveMark): Promise<void> {
    const names = table.columns.map(([column]) => column)
    const made = INSERTED[table.name] ?? {}
    const plain = names.filter((name) => !(LEFT_OUT[table.name] ?? []).includes(name))
    const place = (name: string): string => `?${names.indexOf(name) + 1}`
    const columns = [...plain, ...Object.keys(made)].map((name) => `"${name}"`)
    const values = [
      ...plain.map(place),
      ...Object.values(made).map((text) => text.replaceAll(/\$(\w+)/g, (_, name: string) => place(name))),
    ]
    const text = `INSERT INTO ${table.name} (${columns.join(', ')}) VALUES (${values.join(', ')}) ON CONFLICT DO NOTHING`
    this.#db.write(() => {
      const insert = this.#db.command(text)
      for (const row of rows)
        insert.run(...row.map((cell) => (typeof cell === 'boolean' ? Number(cell) : cell)))
      this.#db.command('UPDATE moving SET at_table = ?, after = ?').run(mark.table, mark.after)
    })
  }

  async finish(): Promise<void> {
    this.#db.write(() => {
      // Another store need not know what is counted by its key here.
      this.#db.exec(
        `${COUNT_UNDER_WAY} AND project_no IN (SELECT no FROM projects WHERE json_extract(quotas, '$.concurrency') IS NOT NULL)`,
      )
      this.#db.exec('DROP TABLE moving')
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db[Symbol.dispose]()
    this.#lock[Symbol.dispose]()
  }
}

function toCell(value: string | number | null, kind: string): Cell {
  return kind === 'boolean' && value !== null ? value === 1 : value
}
