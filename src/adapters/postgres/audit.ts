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
/** Each combination is a statement of its own, so that it takes the index that fits it. */
const CONDITIONS: readonly (readonly [keyof AuditFilter, string])[] = [
  ['projectId', 'project_id ='],
  ['action', 'action ='],
  ['actorId', 'actor_id ='],
  ['subject', 'subject ='],
  ['from', 'at >='],
  ['to', 'at <'],
]

function pageOf(conditions: readonly string[]) {
  const where = ['(at, no) < ($2, $3)', ...conditions.map((condition, n) => `${condition} $${n + 4}`)]
  return sql<Row>(`${SELECT} WHERE ${where.join(' AND ')} ORDER BY at DESC, no DESC LIMIT $1`)
}

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

  note(): Promise<true> {
    return this.#db.write(0, async () => true as const)
  }

  async list(filter: AuditFilter, { limit, cursor }: PageRequest): Promise<Page<AuditEntry>> {
    const [at, no] = decodeNumberCursor(cursor) ?? [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]
    const asked = CONDITIONS.filter(([key]) => filter[key] !== undefined)
    const page = pageOf(asked.map(([, condition]) => condition))
    const values = asked.map(([key]) => filter[key]!)
    const rows = await this.#db.read((reader) => reader.all(page, limit + 1, at, no, ...values))
    const last = rows.length > limit ? rows[limit - 1] : undefined
    return {
      items: rows.slice(0, limit).map(toEntry),
      nextCursor: last === undefined ? null : encodeCursor([last.at, last.no]),
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
