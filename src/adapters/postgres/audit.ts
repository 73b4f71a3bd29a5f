// The audit: entries written by the transaction of what they tell of, then linked by one node at a time, in the order in
// which it finds them.

import { hash } from 'node:crypto'
import { AUDIT_ROOT, type AuditDraft, type AuditEntry, auditText } from '../../domain/audit.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { AuditFilter, AuditStore, Page, PageRequest } from '../../ports/store.ts'
import type { Database } from './database.ts'
import { sql } from './sql.ts'

type Row = Omit<AuditEntry, 'detail'> & { readonly no: number; readonly detail: string }

const SELECT = `SELECT no, id, at, actor_id AS "actorId", actor_name AS "actorName", action, project_id AS "projectId", subject,
  detail, link, hash FROM audit`

const INSERT = sql(
  `INSERT INTO audit (id, at, actor_id, actor_name, action, project_id, subject, detail)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
)
const PAGE = sql<Row>(
  `${SELECT} WHERE no < $1 AND ($2::text IS NULL OR project_id = $2) AND ($3::text IS NULL OR action = $3)
     AND ($4::text IS NULL OR actor_id = $4) ORDER BY no DESC LIMIT $5`,
)
const CHAIN = sql<Row>(`${SELECT} WHERE link > $1 ORDER BY link LIMIT $2`)
const UNLINKED = sql<Row>(`${SELECT} WHERE link IS NULL ORDER BY no LIMIT $1`)
const HEAD = sql<{ link: number; hash: string }>(
  'SELECT link, hash FROM audit WHERE link IS NOT NULL ORDER BY link DESC LIMIT 1',
)
const LINK = sql(
  `UPDATE audit SET link = l.link, hash = l.hash
   FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS l (no, link, hash) WHERE audit.no = l.no`,
)
/** Held to the end of the transaction: one chain, one hand. */
const ONE_HAND = "SELECT pg_advisory_xact_lock(hashtext('carillon audit'))"

export class Audit implements AuditStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
    db.onEntry(async (tx, { id, at, actorId, actorName, action, projectId, subject, detail }) => {
      await tx.run(INSERT, id, at, actorId, actorName, action, projectId, subject, JSON.stringify(detail))
    })
  }

  during<Result>(entry: AuditDraft, step: () => Promise<Result>): Promise<Result> {
    return this.#db.during(entry, step)
  }

  async list(filter: AuditFilter, { limit, cursor }: PageRequest): Promise<Page<AuditEntry>> {
    const before = decodeNumberCursor(cursor)?.[0] ?? Number.MAX_SAFE_INTEGER
    const { projectId = null, action = null, actorId = null } = filter
    const rows = await this.#db.read((reader) =>
      reader.all(PAGE, before, projectId, action, actorId, limit + 1),
    )
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return {
      items: rows.slice(0, limit).map(toEntry),
      nextCursor: last === undefined ? null : encodeCursor([last.no, 0]),
    }
  }

  async chain(after: number, limit: number): Promise<AuditEntry[]> {
    return (await this.#db.read((reader) => reader.all(CHAIN, after, limit))).map(toEntry)
  }

  async link(limit: number): Promise<number> {
    if ((await this.#db.read((reader) => reader.get(UNLINKED, 1))) === undefined) return 0
    return this.#db.write(
      0,
      async (tx) => {
        const rows = await tx.all(UNLINKED, limit)
        let { link, hash: previous } = (await tx.get(HEAD)) ?? { link: 0, hash: AUDIT_ROOT }
        const links = rows.map((row) => {
          link += 1
          previous = hash('sha256', auditText(previous, link, toEntry(row)), 'hex')
          return { no: row.no, link, hash: previous }
        })
        const of = <K extends keyof (typeof links)[number]>(key: K) => links.map((one) => one[key])
        await tx.run(LINK, of('no'), of('link'), of('hash'))
        return rows.length
      },
      ONE_HAND,
    )
  }
}

function toEntry({ no: _, detail, ...row }: Row): AuditEntry {
  return { ...row, detail: JSON.parse(detail) }
}
