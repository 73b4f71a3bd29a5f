// Scripts that were uploaded. One that a job, or a run that is not final, asks for stays.

import type { Script } from '../../domain/script.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { Page, PageRequest, ScriptStore } from '../../ports/store.ts'
import type { Database } from './database.ts'
import { sql } from './sql.ts'

type Row = Omit<Script, 'projectId'> & { readonly no: number }

const SELECT = `SELECT s.no, s.sha256, s.name, s.interpreter, s.bytes, s.blob, s.created_at AS "createdAt",
    s.created_by AS "createdBy"
  FROM scripts s JOIN projects p ON p.no = s.project_no WHERE p.id = $1`
/** A text may hold what no jsonb can (a zero character), so a definition is not taken apart here. */
const ASKS_FOR_IT = `strpos(v.spec, '"sha256":"' || $2 || '"') > 0`

const INSERT = sql(
  `INSERT INTO scripts (project_no, sha256, name, interpreter, bytes, blob, created_at, created_by)
   SELECT no, $2, $3, $4, $5, $6, $7, $8 FROM projects WHERE id = $1 FOR KEY SHARE ON CONFLICT DO NOTHING`,
)
const GET = sql<Row>(`${SELECT} AND s.sha256 = $2`)
const PAGE = sql<Row>(`${SELECT} AND s.no < $2 ORDER BY s.no DESC LIMIT $3`)
const IN_USE = sql<{ one: number }>(
  `SELECT 1 AS one FROM projects p WHERE p.id = $1 AND (
     EXISTS (SELECT 1 FROM jobs j JOIN job_versions v ON v.job_no = j.no AND v.version = j.version
       WHERE j.project_no = p.no AND j.deleted_at IS NULL AND ${ASKS_FOR_IT})
     OR EXISTS (SELECT 1 FROM runs r JOIN job_versions v ON v.job_no = r.job_no AND v.version = r.version
       WHERE r.finished_at IS NULL AND r.project_no = p.no AND ${ASKS_FOR_IT}))`,
)
const DELETE = sql(
  'DELETE FROM scripts WHERE project_no = (SELECT no FROM projects WHERE id = $1) AND sha256 = $2',
)

export class Scripts implements ScriptStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  add(script: Script): Promise<boolean> {
    const { projectId, sha256, name, interpreter, bytes, blob, createdAt, createdBy } = script
    const row = [projectId, sha256, name, interpreter, bytes, blob, createdAt, createdBy] as const
    return this.#db.write(createdAt, async (tx) => (await tx.run(INSERT, ...row)) === 1)
  }

  async get(projectId: string, sha256: string): Promise<Script | null> {
    const row = await this.#db.read((reader) => reader.get(GET, projectId, sha256))
    return row === undefined ? null : toScript(row, projectId)
  }

  async list(projectId: string, { limit, cursor }: PageRequest): Promise<Page<Script>> {
    const before = decodeNumberCursor(cursor)?.[0] ?? Number.MAX_SAFE_INTEGER
    const rows = await this.#db.read((reader) => reader.all(PAGE, projectId, before, limit + 1))
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return {
      items: rows.slice(0, limit).map((row) => toScript(row, projectId)),
      nextCursor: last === undefined ? null : encodeCursor([last.no, 0]),
    }
  }

  delete(projectId: string, sha256: string): Promise<'deleted' | 'in_use' | 'absent'> {
    return this.#db.write(0, async (tx) => {
      if ((await tx.get(IN_USE, projectId, sha256)) !== undefined) return 'in_use'
      return (await tx.run(DELETE, projectId, sha256)) === 1 ? 'deleted' : 'absent'
    })
  }
}

function toScript({ no: _, ...row }: Row, projectId: string): Script {
  return { projectId, ...row }
}
