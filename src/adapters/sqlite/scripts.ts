// Scripts that were uploaded. One that a job, or a run that is not final, asks for stays.

import type { Script } from '../../domain/script.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { Page, PageRequest, ScriptStore } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'
import type { Registry } from './registry.ts'

type Row = Omit<Script, 'projectId'> & { readonly no: number }

const SELECT = `SELECT no, sha256, name, interpreter, bytes, blob, created_at AS createdAt, created_by AS createdBy
  FROM scripts WHERE project_no = ?1`
const ASKS_FOR_IT = "json_extract(v.spec, '$.target.script.sha256') = ?2"

export class Scripts implements ScriptStore {
  readonly #db: Database
  readonly #projects: Registry
  readonly #insert: Command
  readonly #get: Query<Row>
  readonly #page: Query<Row>
  readonly #inUse: Query<readonly [number]>
  readonly #delete: Command

  constructor(db: Database, projects: Registry) {
    this.#db = db
    this.#projects = projects
    this.#insert = db.command(
      `INSERT INTO scripts (project_no, sha256, name, interpreter, bytes, blob, created_at, created_by)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    )
    this.#get = db.query(`${SELECT} AND sha256 = ?2`)
    this.#page = db.query(`${SELECT} AND no < ?2 ORDER BY no DESC LIMIT ?3`)
    this.#inUse = db.tuples(
      `SELECT 1 WHERE EXISTS (SELECT 1 FROM jobs j JOIN job_versions v ON v.no = (j.no << 20) + j.version
           WHERE j.project_no = ?1 AND j.deleted_at IS NULL AND ${ASKS_FOR_IT})
         OR EXISTS (SELECT 1 FROM runs r JOIN job_versions v ON v.no = (r.job_no << 20) + r.version
           WHERE r.finished_at IS NULL AND r.project_no = ?1 AND ${ASKS_FOR_IT})`,
    )
    this.#delete = db.command('DELETE FROM scripts WHERE project_no = ? AND sha256 = ?')
  }

  async add(script: Script): Promise<boolean> {
    const { projectId, sha256, name, interpreter, bytes, blob, createdAt, createdBy } = script
    return this.#db.write(() => {
      const projectNo = this.#projects.no(projectId)
      if (projectNo === null) return false
      const row = [projectNo, sha256, name, interpreter, bytes, blob, createdAt, createdBy] as const
      return this.#insert.run(...row).changes === 1
    })
  }

  async get(projectId: string, sha256: string): Promise<Script | null> {
    return this.#db.read(() => {
      const projectNo = this.#projects.no(projectId)
      const row = projectNo === null ? undefined : this.#get.get(projectNo, sha256)
      return row === undefined ? null : toScript(row, projectId)
    })
  }

  async list(projectId: string, { limit, cursor }: PageRequest): Promise<Page<Script>> {
    return this.#db.read(() => {
      const projectNo = this.#projects.no(projectId)
      if (projectNo === null) return { items: [], nextCursor: null }
      const before = decodeNumberCursor(cursor)?.[0] ?? Number.MAX_SAFE_INTEGER
      const rows = this.#page.all(projectNo, before, limit + 1)
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return {
        items: rows.slice(0, limit).map((row) => toScript(row, projectId)),
        nextCursor: last === undefined ? null : encodeCursor([last.no, 0]),
      }
    })
  }

  async delete(projectId: string, sha256: string): Promise<'deleted' | 'in_use' | 'absent'> {
    return this.#db.write(() => {
      const projectNo = this.#projects.no(projectId)
      if (projectNo === null) return 'absent'
      if (this.#inUse.get(projectNo, sha256) !== undefined) return 'in_use'
      return this.#delete.run(projectNo, sha256).changes === 1 ? 'deleted' : 'absent'
    })
  }
}

function toScript({ no: _, ...row }: Row, projectId: string): Script {
  return { projectId, ...row }
}
