// The audit: entries written by the transaction of what they tell of, then linked in the order of their numbers.

import { hash } from 'node:crypto'
import { AUDIT_ROOT, type AuditDraft, type AuditEntry, auditText } from '../../domain/audit.ts'
import { decodeNumberCursor, encodeCursor } from '../../ports/cursor.ts'
import type { AuditFilter, AuditStore, Page, PageRequest } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'

type Row = Omit<AuditEntry, 'detail'> & { readonly no: number; readonly detail: string }

const SELECT = `SELECT no, id, at, actor_id AS actorId, actor_name AS actorName, action, project_id AS projectId, subject,
  detail, link, hash FROM audit`

const CONDITIONS: readonly (readonly [keyof AuditFilter, string])[] = [
  ['projectId', 'project_id = ?'],
  ['action', 'action = ?'],
  ['actorId', 'actor_id = ?'],
  ['subject', 'subject = ?'],
  ['from', 'at >= ?'],
  ['to', 'at < ?'],
]

export class Audit implements AuditStore {
  readonly #db: Database
  /** By the text of their conditions, so that each takes the index that fits them. */
  readonly #pages = new Map<string, Query<Row>>()
  readonly #chain: Query<Row>
  readonly #unlinked: Query<Row>
  readonly #head: Query<{ readonly link: number; readonly hash: string }>
  readonly #link: Command

  constructor(db: Database) {
    this.#db = db
    const insert = db.command(
      `INSERT INTO audit (id, at, actor_id, actor_name, action, project_id, subject, detail)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    db.onEntry(({ id, at, actorId, actorName, action, projectId, subject, detail }) => {
      insert.run(id, at, actorId, actorName, action, projectId, subject, JSON.stringify(detail))
    })
    this.#chain = db.query(`${SELECT} WHERE link > ? ORDER BY link LIMIT ?`)
    this.#unlinked = db.query(`${SELECT} WHERE link IS NULL ORDER BY no LIMIT ?`)
    this.#head = db.query('SELECT link, hash FROM audit WHERE link IS NOT NULL ORDER BY link DESC LIMIT 1')
    this.#link = db.command('UPDATE audit SET link = ?, hash = ? WHERE no = ?')
  }

  during<Result>(entry: AuditDraft, step: () => Promise<Result>): Promise<Result> {
    return this.#db.during(entry, step)
  }

  async note(): Promise<true> {
    return this.#db.write(() => true)
  }

  async list(filter: AuditFilter, { limit, cursor }: PageRequest): Promise<Page<AuditEntry>> {
    return this.#db.read(() => {
      const [at, no] = decodeNumberCursor(cursor) ?? [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]
      const asked = CONDITIONS.filter(([key]) => filter[key] !== undefined)
      const rows = this.#pageOf(asked.map(([, condition]) => condition)).all(
        at,
        no,
        ...asked.map(([key]) => filter[key]!),
        limit + 1,
      )
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return {
        items: rows.slice(0, limit).map(toEntry),
        nextCursor: last === undefined ? null : encodeCursor([last.at, last.no]),
      }
    })
  }

  #pageOf(conditions: readonly string[]): Query<Row> {
    const where = ['(at, no) < (?, ?)', ...conditions].join(' AND ')
    const known = this.#pages.get(where)
    if (known !== undefined) return known
    const page = this.#db.query<Row>(`${SELECT} WHERE ${where} ORDER BY at DESC, no DESC LIMIT ?`)
    this.#pages.set(where, page)
    return page
  }

  async chain(after: number, limit: number): Promise<AuditEntry[]> {
    return this.#db.read(() => this.#chain.all(after, limit).map(toEntry))
  }

  async link(limit: number): Promise<number> {
    if (this.#db.read(() => this.#unlinked.get(1)) === undefined) return 0
    return this.#db.write(() => {
      const rows = this.#unlinked.all(limit)
      let { link, hash: previous } = this.#head.get() ?? { link: 0, hash: AUDIT_ROOT }
      for (const row of rows) {
        link += 1
        previous = hash('sha256', auditText(previous, link, toEntry(row)), 'hex')
        this.#link.run(link, previous, row.no)
      }
      return rows.length
    })
  }
}

function toEntry({ no: _, detail, ...row }: Row): AuditEntry {
  return { ...row, detail: JSON.parse(detail) }
}
