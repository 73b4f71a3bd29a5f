// Sealed secrets. One that a job, or a run that is not final, asks for stays.

import type { JobSpec } from '../../domain/job.ts'
import { type Secret, secretsOfJob } from '../../domain/secret.ts'
import { decodeTextCursor, encodeCursor } from '../../ports/cursor.ts'
import type { Page, PageRequest, SealedSecret, SecretStore } from '../../ports/store.ts'
import type { Database } from './database.ts'
import { sql } from './sql.ts'

const SELECT = `SELECT p.id AS "projectId", s.name, s.id, s.key_id AS "keyId", s.sealed, s.created_at AS "createdAt",
    s.updated_at AS "updatedAt", s.updated_by AS "updatedBy"
  FROM secrets s JOIN projects p ON p.no = s.project_no`

/** Locked, so that two that come together are counted one after the other. */
const PROJECT = sql<{ no: number }>('SELECT no FROM projects WHERE id = $1 FOR NO KEY UPDATE')
const COUNT = sql<{ count: number }>('SELECT count(*) AS count FROM secrets WHERE project_no = $1')
const REPLACE = sql(
  `UPDATE secrets SET id = $1, key_id = $2, sealed = $3, updated_at = $4, updated_by = $5
   WHERE project_no = $6 AND name = $7`,
)
const INSERT = sql(
  `INSERT INTO secrets (project_no, name, id, key_id, sealed, created_at, updated_at, updated_by)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
)
const GET = sql<SealedSecret>(`${SELECT} WHERE p.id = $1 AND s.name = $2`)
const SOME = sql<SealedSecret>(`${SELECT} WHERE p.id = $1 AND s.name = ANY($2::text[])`)
const PAGE = sql<SealedSecret>(`${SELECT} WHERE p.id = $1 AND s.name > $2 ORDER BY s.name LIMIT $3`)
const ASKERS = sql<{ name: string; spec: string }>(
  `SELECT j.name, v.spec FROM jobs j JOIN job_versions v ON v.job_no = j.no AND v.version = j.version
     WHERE j.project_no = $1 AND j.deleted_at IS NULL AND position('secret.' || $2 IN v.spec) > 0
   UNION SELECT r.job_name, v.spec FROM runs r JOIN job_versions v ON v.job_no = r.job_no AND v.version = r.version
     WHERE r.finished_at IS NULL AND r.project_no = $1 AND position('secret.' || $2 IN v.spec) > 0
   ORDER BY 1`,
)
const DELETE = sql('DELETE FROM secrets WHERE project_no = $1 AND name = $2')
const KEY_IDS = sql<{ keyId: string }>('SELECT DISTINCT key_id AS "keyId" FROM secrets ORDER BY key_id')
const OTHERWISE = sql<SealedSecret>(`${SELECT} WHERE s.key_id <> $1 ORDER BY s.no LIMIT $2`)
const RESEAL = sql('UPDATE secrets SET key_id = $1, sealed = $2 WHERE id = $3')

export class Secrets implements SecretStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  put(secret: SealedSecret, max: number): ReturnType<SecretStore['put']> {
    const { projectId, name, id, keyId, sealed, createdAt, updatedAt, updatedBy } = secret
    return this.#db.write(updatedAt, async (tx) => {
      const project = await tx.get(PROJECT, projectId)
      if (project === undefined) return 'no_project'
      if ((await tx.run(REPLACE, id, keyId, sealed, updatedAt, updatedBy, project.no, name)) === 1)
        return 'replaced'
      if (((await tx.get(COUNT, project.no))?.count ?? 0) >= max) return 'full'
      await tx.run(INSERT, project.no, name, id, keyId, sealed, createdAt, updatedAt, updatedBy)
      return 'added'
    })
  }

  async get(projectId: string, name: string): Promise<SealedSecret | null> {
    return (await this.#db.read((reader) => reader.get(GET, projectId, name))) ?? null
  }

  some(projectId: string, names: readonly string[]): Promise<SealedSecret[]> {
    return this.#db.read((reader) => reader.all(SOME, projectId, [...names]))
  }

  async list(projectId: string, { limit, cursor }: PageRequest): Promise<Page<Secret>> {
    const after = decodeTextCursor(cursor)?.[0] ?? ''
    const rows = await this.#db.read((reader) => reader.all(PAGE, projectId, after, limit + 1))
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return {
      items: rows.slice(0, limit).map(({ sealed: _, ...secret }) => secret),
      nextCursor: last === undefined ? null : encodeCursor([last.name, 0]),
    }
  }

  delete(projectId: string, name: string): ReturnType<SecretStore['delete']> {
    return this.#db.write(0, async (tx) => {
      const project = await tx.get(PROJECT, projectId)
      if (project === undefined || (await tx.get(GET, projectId, name)) === undefined) return null
      const asking = (await tx.all(ASKERS, project.no, name)).filter(({ spec }) =>
        secretsOfJob(JSON.parse(spec) as JobSpec).includes(name),
      )
      const usedBy = [...new Set(asking.map((job) => job.name))]
      if (usedBy.length === 0) await tx.run(DELETE, project.no, name)
      return { usedBy }
    })
  }

  async keyIds(): Promise<string[]> {
    return (await this.#db.read((reader) => reader.all(KEY_IDS))).map(({ keyId }) => keyId)
  }

  sealedOtherwise(keyId: string, limit: number): Promise<SealedSecret[]> {
    return this.#db.read((reader) => reader.all(OTHERWISE, keyId, limit))
  }

  reseal(id: string, keyId: string, sealed: string): Promise<boolean> {
    return this.#db.write(0, async (tx) => (await tx.run(RESEAL, keyId, sealed, id)) === 1)
  }
}
