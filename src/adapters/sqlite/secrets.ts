// Sealed secrets. One that a job, or a run that is not final, asks for stays.

import type { JobSpec } from '../../domain/job.ts'
import { type Secret, secretsOfJob } from '../../domain/secret.ts'
import { decodeTextCursor, encodeCursor } from '../../ports/cursor.ts'
import type { Page, PageRequest, SealedSecret, SecretStore } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'
import type { Registry } from './registry.ts'

const SELECT = `SELECT p.id AS projectId, s.name, s.id, s.key_id AS keyId, s.sealed, s.created_at AS createdAt,
    s.updated_at AS updatedAt, s.updated_by AS updatedBy
  FROM secrets s JOIN projects p ON p.no = s.project_no`

export class Secrets implements SecretStore {
  readonly #db: Database
  readonly #projects: Registry
  readonly #count: Query<readonly [number]>
  readonly #replace: Command
  readonly #insert: Command
  readonly #get: Query<SealedSecret>
  readonly #page: Query<SealedSecret>
  readonly #askers: Query<{ readonly name: string; readonly spec: string }>
  readonly #delete: Command
  readonly #keyIds: Query<readonly [string]>
  readonly #otherwise: Query<SealedSecret>
  readonly #reseal: Command

  constructor(db: Database, projects: Registry) {
    this.#db = db
    this.#projects = projects
    this.#count = db.tuples('SELECT count(*) FROM secrets WHERE project_no = ?')
    this.#replace = db.command(
      `UPDATE secrets SET id = ?, key_id = ?, sealed = ?, updated_at = ?, updated_by = ?
       WHERE project_no = ? AND name = ?`,
    )
    this.#insert = db.command(
      `INSERT INTO secrets (project_no, name, id, key_id, sealed, created_at, updated_at, updated_by)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#get = db.query(`${SELECT} WHERE s.project_no = ? AND s.name = ?`)
    this.#page = db.query(`${SELECT} WHERE s.project_no = ? AND s.name > ? ORDER BY s.name LIMIT ?`)
    this.#askers = db.query(
      `SELECT j.name, v.spec FROM jobs j JOIN job_versions v ON v.no = (j.no << 20) + j.version
         WHERE j.project_no = ?1 AND j.deleted_at IS NULL AND instr(v.spec, 'secret.' || ?2) > 0
       UNION SELECT r.job_name, v.spec FROM runs r JOIN job_versions v ON v.no = (r.job_no << 20) + r.version
         WHERE r.finished_at IS NULL AND r.project_no = ?1 AND instr(v.spec, 'secret.' || ?2) > 0
       ORDER BY 1`,
    )
    this.#delete = db.command('DELETE FROM secrets WHERE project_no = ? AND name = ?')
    this.#keyIds = db.tuples('SELECT DISTINCT key_id FROM secrets ORDER BY key_id')
    this.#otherwise = db.query(`${SELECT} WHERE s.key_id <> ? ORDER BY s.no LIMIT ?`)
    this.#reseal = db.command('UPDATE secrets SET key_id = ?, sealed = ? WHERE id = ?')
  }

  async put(secret: SealedSecret, max: number): ReturnType<SecretStore['put']> {
    const { projectId, name, id, keyId, sealed, createdAt, updatedAt, updatedBy } = secret
    return this.#db.write(() => {
      const projectNo = this.#projects.no(projectId)
      if (projectNo === null) return 'no_project'
      const changed = this.#replace.run(id, keyId, sealed, updatedAt, updatedBy, projectNo, name).changes
      if (changed === 1) return 'replaced'
      if (this.#count.get(projectNo)![0] >= max) return 'full'
      this.#insert.run(projectNo, name, id, keyId, sealed, createdAt, updatedAt, updatedBy)
      return 'added'
    })
  }

  async get(projectId: string, name: string): Promise<SealedSecret | null> {
    return this.#db.read(() => this.#one(projectId, name))
  }

  async some(projectId: string, names: readonly string[]): Promise<SealedSecret[]> {
    return this.#db.read(() => names.flatMap((name) => this.#one(projectId, name) ?? []))
  }

  async list(projectId: string, { limit, cursor }: PageRequest): Promise<Page<Secret>> {
    return this.#db.read(() => {
      const projectNo = this.#projects.no(projectId)
      if (projectNo === null) return { items: [], nextCursor: null }
      const rows = this.#page.all(projectNo, decodeTextCursor(cursor)?.[0] ?? '', limit + 1)
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return {
        items: rows.slice(0, limit).map(({ sealed: _, ...secret }) => secret),
        nextCursor: last === undefined ? null : encodeCursor([last.name, 0]),
      }
    })
  }

  async delete(projectId: string, name: string): ReturnType<SecretStore['delete']> {
    return this.#db.write(() => {
      const projectNo = this.#projects.no(projectId)
      if (projectNo === null || this.#one(projectId, name) === null) return null
      const asking = this.#askers
        .all(projectNo, name)
        .filter(({ spec }) => secretsOfJob(JSON.parse(spec) as JobSpec).includes(name))
      const usedBy = [...new Set(asking.map((job) => job.name))]
      if (usedBy.length === 0) this.#delete.run(projectNo, name)
      return { usedBy }
    })
  }

  async keyIds(): Promise<string[]> {
    return this.#db.read(() => this.#keyIds.all().map(([id]) => id))
  }

  async sealedOtherwise(keyId: string, limit: number): Promise<SealedSecret[]> {
    return this.#db.read(() => this.#otherwise.all(keyId, limit).map((row) => ({ ...row })))
  }

  async reseal(id: string, keyId: string, sealed: string): Promise<boolean> {
    return this.#db.write(() => this.#reseal.run(keyId, sealed, id).changes === 1)
  }

  #one(projectId: string, name: string): SealedSecret | null {
    const projectNo = this.#projects.no(projectId)
    const row = projectNo === null ? undefined : this.#get.get(projectNo, name)
    return row === undefined ? null : { ...row }
  }
}
