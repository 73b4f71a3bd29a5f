import type { Project } from '../../domain/project.ts'
import { usageOf } from '../../domain/quotas.ts'
import { decodeTextCursor, encodeCursor } from '../../ports/cursor.ts'
import type { Page, PageRequest, ProjectStore } from '../../ports/store.ts'
import type { Database } from './database.ts'
import { violates } from './failure.ts'
import { sql } from './sql.ts'

type Texts = { readonly keep: string; readonly targets: string; readonly quotas: string }
type Row = Omit<Project, keyof Texts> & Texts

const COLUMNS =
  'id, name, description, keep, targets, quotas, version, created_at AS "createdAt", updated_at AS "updatedAt"'

const INSERT = sql(
  `INSERT INTO projects (id, name, description, keep, targets, quotas, version, created_at, updated_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO NOTHING`,
)
const BY_ID = sql<Row>(`SELECT ${COLUMNS} FROM projects WHERE id = $1`)
const BY_NAME = sql<Row>(`SELECT ${COLUMNS} FROM projects WHERE name = $1`)
const NAMED = sql<Row>(`SELECT ${COLUMNS} FROM projects WHERE name = ANY($1::text[]) OR id = ANY($1::text[])`)
const AFTER = sql<Row>(`SELECT ${COLUMNS} FROM projects WHERE name > $1 ORDER BY name LIMIT $2`)
const LOCK = sql<{ no: number; keep: string; version: number }>(
  'SELECT no, keep, version FROM projects WHERE id = $1 FOR UPDATE',
)
const UPDATE = sql(
  `UPDATE projects SET name = $1, description = $2, keep = $3, targets = $4, quotas = $5, version = $6, updated_at = $7
   WHERE no = $8`,
)
const SWEEP_JOBS = sql('UPDATE jobs SET sweep_at = $1 WHERE project_no = $2 AND deleted_at IS NULL')
const IN_USE = sql<{ one: number }>('SELECT 1 AS one FROM jobs WHERE project_no = $1 LIMIT 1')
const DELETE = sql('DELETE FROM projects WHERE no = $1')

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

const USAGE = sql<UsageRow>(
  `SELECT p.name, p.quotas,
     CASE WHEN p.quotas::json ->> 'jobs' IS NOT NULL THEN
       (SELECT count(*) FROM jobs j WHERE j.project_no = p.no AND j.deleted_at IS NULL) END AS jobs,
     CASE WHEN p.quotas::json ->> 'concurrency' IS NOT NULL THEN
       (SELECT count(*) FROM runs r WHERE r.project_no = p.no AND NOT r.waits AND r.finished_at IS NULL
          AND r.ready_at IS NOT NULL AND r.node_no IS NOT NULL) END AS "underWay",
     t.since AS "turnsSince", t.used AS "turnsUsed", b.since AS "bytesSince", b.used AS "bytesUsed"
   FROM projects p LEFT JOIN quota_use t ON t.project_no = p.no AND t.what = 'runs'
     LEFT JOIN quota_use b ON b.project_no = p.no AND b.what = 'log_bytes'
   WHERE p.quotas <> '{}' ORDER BY p.name LIMIT $1`,
)

export class Projects implements ProjectStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  add(project: Project): Promise<boolean> {
    const { id, name, description, version, createdAt, updatedAt } = project
    const values = [id, name, description, ...textsOf(project), version, createdAt, updatedAt]
    return this.#db.write(createdAt, async (tx) => (await tx.run(INSERT, ...values)) === 1)
  }

  async get(id: string): Promise<Project | null> {
    return found(await this.#db.read((reader) => reader.get(BY_ID, id)))
  }

  async byName(name: string): Promise<Project | null> {
    return found(await this.#db.read((reader) => reader.get(BY_NAME, name)))
  }

  async named(names: readonly string[]): Promise<Project[]> {
    const all = (await this.#db.read((reader) => reader.all(NAMED, names))).map(toProject)
    const byName = new Map(all.map((project) => [project.name, project]))
    const byId = new Map(all.map((project) => [project.id, project]))
    return [...new Set(names.flatMap((name) => byName.get(name) ?? byId.get(name) ?? []))]
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<Project>> {
    const after = decodeTextCursor(cursor)?.[0] ?? ''
    const rows = await this.#db.read((reader) => reader.all(AFTER, after, limit + 1))
    const items = rows.map(toProject)
    const last = items.length > limit ? items[limit - 1] : undefined
    return {
      items: items.slice(0, limit),
      nextCursor: last === undefined ? null : encodeCursor([last.name, 0]),
    }
  }

  async usage(now: number, limit: number): ReturnType<ProjectStore['usage']> {
    return (await this.#db.read((reader) => reader.all(USAGE, limit))).map((row) => toUsage(row, now))
  }

  async update(project: Project): Promise<boolean> {
    const { id, name, description, version, updatedAt } = project
    try {
      return await this.#db.write(updatedAt, async (tx) => {
        const before = await tx.get(LOCK, id)
        if (before === undefined || before.version !== version - 1) return false
        const texts = textsOf(project)
        await tx.run(UPDATE, name, description, ...texts, version, updatedAt, before.no)
        if (before.keep !== texts[0]) await tx.run(SWEEP_JOBS, tx.now, before.no)
        return true
      })
    } catch (error) {
      if (violates(error, 'projects_name_key')) return false
      throw error
    }
  }

  delete(id: string): Promise<boolean> {
    return this.#db.write(0, async (tx) => {
      const project = await tx.get(LOCK, id)
      if (project === undefined) return true
      if ((await tx.get(IN_USE, project.no)) !== undefined) return false
      return (await tx.run(DELETE, project.no)) === 1
    })
  }
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
