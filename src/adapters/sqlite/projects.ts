import type { Project } from '../../domain/project.ts'
import { type Quotas, usageOf } from '../../domain/quotas.ts'
import { decodeTextCursor, encodeCursor } from '../../ports/cursor.ts'
import type { Page, PageRequest, ProjectStore } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'
import { COUNT_UNDER_WAY } from './project-room.ts'
import type { Registry } from './registry.ts'

type Texts = { readonly keep: string; readonly targets: string; readonly quotas: string }
type Row = Omit<Project, keyof Texts> & Texts

const COLUMNS =
  'id, name, description, keep, targets, quotas, version, created_at AS createdAt, updated_at AS updatedAt'

type UsageRow = {
  readonly name: string
  readonly quotas: string
  readonly jobs: number | null
  readonly underWay: number | null
  readonly turnsSince: number | null
  readonly turnsUsed: number | null
  readonly bytesSince: number | null
  readonly bytesUsed: number | null
}

export class Projects implements ProjectStore {
  readonly #usage: Query<UsageRow>
  readonly #db: Database
  readonly #registry: Registry
  readonly #insert: Command
  readonly #byId: Query<Row>
  readonly #byName: Query<Row>
  readonly #after: Query<Row>
  readonly #update: Command
  readonly #sweepJobs: Command
  readonly #countUnderWay: Command
  readonly #inUse: Query<readonly [number]>
  readonly #delete: Command

  constructor(db: Database, registry: Registry) {
    this.#db = db
    this.#usage = db.query(
      `SELECT p.name, p.quotas,
     CASE WHEN json_extract(p.quotas, '$.jobs') IS NOT NULL THEN
       (SELECT count(*) FROM jobs j WHERE j.project_no = p.no AND j.deleted_at IS NULL) END AS jobs,
     CASE WHEN json_extract(p.quotas, '$.concurrency') IS NOT NULL THEN
       (SELECT count(*) FROM runs r INDEXED BY runs_admitted WHERE r.project_no = p.no AND r.concurrency_key IS NOT NULL
          AND r.waits = 0 AND r.finished_at IS NULL AND r.ready_at IS NOT NULL AND r.node_no IS NOT NULL) END AS underWay,
     t.since AS turnsSince, t.used AS turnsUsed, b.since AS bytesSince, b.used AS bytesUsed
   FROM projects p LEFT JOIN quota_use t ON t.project_no = p.no AND t.what = 'runs'
     LEFT JOIN quota_use b ON b.project_no = p.no AND b.what = 'log_bytes'
   WHERE p.quotas <> '{}' ORDER BY p.name LIMIT ?`,
    )
    this.#registry = registry
    this.#insert = db.command(
      `INSERT INTO projects (id, name, description, keep, targets, quotas, version, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING`,
    )
    this.#byId = db.query(`SELECT ${COLUMNS} FROM projects WHERE id = ?`)
    this.#byName = db.query(`SELECT ${COLUMNS} FROM projects WHERE name = ?`)
    this.#after = db.query(`SELECT ${COLUMNS} FROM projects WHERE name > ? ORDER BY name LIMIT ?`)
    this.#update = db.command(
      `UPDATE OR IGNORE projects SET name = ?, description = ?, keep = ?, targets = ?, quotas = ?, version = ?, updated_at = ?
       WHERE id = ? AND version = ?`,
    )
    this.#sweepJobs = db.command('UPDATE jobs SET sweep_at = ? WHERE project_no = ? AND deleted_at IS NULL')
    this.#countUnderWay = db.command(`${COUNT_UNDER_WAY} AND project_no = ?`)
    this.#inUse = db.tuples('SELECT 1 FROM jobs WHERE project_no = ? LIMIT 1')
    this.#delete = db.command('DELETE FROM projects WHERE no = ?')
  }

  async add(project: Project): Promise<boolean> {
    const { id, name, description, version, createdAt, updatedAt } = project
    return this.#db.write(
      () =>
        this.#insert.run(id, name, description, ...textsOf(project), version, createdAt, updatedAt)
          .changes === 1,
    )
  }

  async get(id: string): Promise<Project | null> {
    return this.#db.read(() => found(this.#byId.get(id)))
  }

  async byName(name: string): Promise<Project | null> {
    return this.#db.read(() => found(this.#byName.get(name)))
  }

  async named(names: readonly string[]): Promise<Project[]> {
    return this.#db.read(() => {
      const rows = names.flatMap((name) => this.#byName.get(name) ?? this.#byId.get(name) ?? [])
      return [...new Map(rows.map((row) => [row.id, toProject(row)])).values()]
    })
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<Project>> {
    return this.#db.read(() => {
      const after = decodeTextCursor(cursor)?.[0] ?? ''
      const items = this.#after.all(after, limit + 1).map(toProject)
      const last = items.length > limit ? items[limit - 1] : undefined
      return {
        items: items.slice(0, limit),
        nextCursor: last === undefined ? null : encodeCursor([last.name, 0]),
      }
    })
  }

  async usage(now: number, limit: number): ReturnType<ProjectStore['usage']> {
    return this.#db.read(() => this.#usage.all(limit).map((row) => toUsage(row, now)))
  }

  async update(project: Project): Promise<boolean> {
    const { id, name, description, version, updatedAt } = project
    return this.#db.write(() => {
      const before = this.#byId.get(id)
      const texts = textsOf(project)
      const { changes } = this.#update.run(name, description, ...texts, version, updatedAt, id, version - 1)
      const projectNo = this.#registry.no(id)
      if (changes === 1 && before?.keep !== texts[0] && projectNo !== null)
        this.#sweepJobs.run(updatedAt, projectNo)
      if (changes === 1 && projectNo !== null && isLimited(texts[2]) && !isLimited(before?.quotas ?? '{}'))
        this.#countUnderWay.run(projectNo)
      return changes === 1
    })
  }

  async delete(id: string): Promise<boolean> {
    const no = this.#registry.no(id)
    if (no === null) return true
    const deleted = this.#db.write(
      () => this.#inUse.get(no) === undefined && this.#delete.run(no).changes === 1,
    )
    if (deleted) this.#registry.forget(id)
    return deleted
  }
}

function isLimited(quotas: string): boolean {
  return (JSON.parse(quotas) as Quotas).concurrency !== undefined
}

function found(row: Row | undefined): Project | null {
  return row === undefined ? null : toProject(row)
}

function toProject(row: Row): Project {
  const { keep, targets, quotas } = row
  return { ...row, keep: JSON.parse(keep), targets: JSON.parse(targets), quotas: JSON.parse(quotas) }
}

function textsOf({ keep, targets, quotas }: Project): readonly [string, string, string] {
  return [JSON.stringify(keep), JSON.stringify(targets), JSON.stringify(quotas)]
}

function toUsage({ name, quotas, jobs, underWay, ...row }: UsageRow, now: number) {
  const turns = row.turnsSince === null ? null : { since: row.turnsSince, used: row.turnsUsed! }
  const logBytes = row.bytesSince === null ? null : { since: row.bytesSince, used: row.bytesUsed! }
  return { name, usage: usageOf(JSON.parse(quotas), { jobs, underWay, turns, logBytes }, now) }
}
