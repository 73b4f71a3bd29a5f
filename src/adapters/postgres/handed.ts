// Attempts that someone outside finishes. Handing one over moves its lease to the row that stands for everybody outside.

import type { HandedStore, HandedWork, Handing, OverdueMark } from '../../ports/handed-store.ts'
import type { Work } from '../../ports/work.ts'
import type { Database, Reader } from './database.ts'
import { RUN_COLUMNS, type RunRow, toWork, withNames } from './run-rows.ts'
import type { Specs } from './specs.ts'
import { columns, sql } from './sql.ts'
import { storableOrNull } from './text.ts'

/** Of the row in nodes that stands for everybody outside. */
export const OUTSIDE_NO = 0
const FROM_THE_FIRST: OverdueMark = { lookAt: Number.MIN_SAFE_INTEGER, runId: '' }

type HandedRow = RunRow & {
  readonly acceptedAt: number | null
  readonly endsBy: number | null
  readonly heardAt: number | null
  readonly progress: number | null
  readonly told: string | null
  readonly lookAt: number | null
  readonly toldToStop: boolean | null
}

const NAMES = `JOIN jobs j ON j.no = r.job_no JOIN projects p ON p.no = r.project_no
  LEFT JOIN nodes n ON n.no = r.node_no`

// Locked in the order in which those who settle lock them.
const LIVE = sql<{ position: number; away: boolean }>(
  `SELECT s.position::integer, r.node_no <> ${OUTSIDE_NO} AS away
   FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS s (id, due_at, fence, position)
   JOIN runs r ON r.id = s.id AND r.due_at + 0 = s.due_at AND r.fence = s.fence AND r.node_no IS NOT NULL
   ORDER BY r.due_at, r.no FOR UPDATE OF r`,
)
const HAND_OVER = sql(
  `UPDATE runs r SET node_no = ${OUTSIDE_NO} FROM unnest($1::text[], $2::bigint[]) AS s (id, due_at)
   WHERE r.id = s.id AND r.due_at + 0 = s.due_at`,
)
// Once it was told to stop only the moment that was set then counts.
const KEEP = sql(
  `INSERT INTO handed AS h (run_id, due_at, accepted_at, look_at, heard_at, progress, message, ends_by)
   SELECT DISTINCT ON (s.id) s.id, s.due_at, s.accepted_at, s.look_at, s.heard_at, s.progress, s.message, s.ends_by
   FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::double precision[], $7::text[],
     $8::bigint[]) WITH ORDINALITY
     AS s (id, due_at, accepted_at, look_at, heard_at, progress, message, ends_by, position)
   ORDER BY s.id, s.position DESC
   ON CONFLICT (run_id) DO UPDATE SET accepted_at = coalesce(h.accepted_at, excluded.accepted_at),
     look_at = CASE WHEN h.told THEN h.look_at ELSE excluded.look_at END, heard_at = excluded.heard_at,
     progress = coalesce(excluded.progress, h.progress), message = coalesce(excluded.message, h.message),
     ends_by = coalesce(excluded.ends_by, h.ends_by)`,
)
const FIRST = sql(
  `INSERT INTO handed (run_id, due_at, accepted_at, look_at)
   SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) ON CONFLICT DO NOTHING`,
)
const ACTIVE = sql<HandedRow & { position: number }>(
  `SELECT s.position::integer, ${RUN_COLUMNS}, h.accepted_at AS "acceptedAt", h.ends_by AS "endsBy", h.heard_at AS "heardAt",
     h.progress, h.message AS told, h.look_at AS "lookAt", h.told AS "toldToStop"
   FROM unnest($1::text[]) WITH ORDINALITY AS s (id, position) JOIN runs r ON r.id = s.id ${NAMES}
     LEFT JOIN handed h ON h.run_id = r.id
   WHERE r.node_no IS NOT NULL`,
)
const OVERDUE = sql<HandedRow>(
  `SELECT ${RUN_COLUMNS}, h.accepted_at AS "acceptedAt", h.ends_by AS "endsBy", h.heard_at AS "heardAt",
     h.progress, h.message AS told, h.look_at AS "lookAt", h.told AS "toldToStop"
   FROM (SELECT * FROM handed WHERE look_at IS NOT NULL AND look_at <= $1 AND look_at >= $3
       AND (look_at > $3 OR run_id > $4) ORDER BY look_at, run_id LIMIT $2) h
     JOIN runs r ON r.id = h.run_id AND r.due_at + 0 = h.due_at AND r.node_no = ${OUTSIDE_NO} ${NAMES}
   ORDER BY h.look_at, h.run_id`,
)
const STOPPING = sql<RunRow>(
  `${withNames(`SELECT * FROM runs r WHERE r.status = 'cancelling' AND r.node_no = ${OUTSIDE_NO} AND r.id > $2
     AND NOT (SELECT h.told FROM handed h WHERE h.run_id = r.id) ORDER BY r.id LIMIT $1`)} ORDER BY r.id`,
)
const TOLD = sql(
  `UPDATE handed h SET told = true, look_at = s.look_at
   FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS s (id, look_at, fence)
     JOIN runs r ON r.id = s.id AND r.fence = s.fence AND r.node_no = ${OUTSIDE_NO}
   WHERE h.run_id = s.id`,
)

export class Handed implements HandedStore {
  readonly #db: Database
  readonly #specs: Specs

  constructor(db: Database, specs: Specs) {
    this.#db = db
    this.#specs = specs
  }

  async hand(batch: readonly Handing[], now: number): Promise<boolean[]> {
    if (batch.length === 0) return []
    return this.#db.write(now, async (tx) => {
      const live = await tx.all(
        LIVE,
        batch.map(({ run }) => run.id),
        batch.map(({ run }) => run.dueAt),
        batch.map(({ run }) => run.fence),
      )
      const away = new Map(live.map((row) => [row.position - 1, row.away]))
      const moved = batch.filter((_, position) => away.get(position) === true)
      if (moved.length > 0) {
        await tx.run(
          HAND_OVER,
          moved.map(({ run }) => run.id),
          moved.map(({ run }) => run.dueAt),
        )
      }
      const rows = (some: readonly Handing[]) =>
        some.map(({ run, accepted, lookAt, news = {} }) => {
          const { progress = null, message = null, endsBy = null } = news
          const told = [tx.now, progress, storableOrNull(message), endsBy] as const
          return [run.id, run.dueAt, accepted ? tx.now : null, lookAt, ...told] as const
        })
      const kept = batch.filter((_, position) => away.has(position))
      const byNode = kept.filter((handing) => handing.byNode === true)
      const fromOutside = kept.filter((handing) => handing.byNode !== true)
      if (byNode.length > 0) await tx.run(FIRST, ...columns(rows(byNode), 4))
      if (fromOutside.length > 0) await tx.run(KEEP, ...columns(rows(fromOutside), 8))
      return batch.map((_, position) => away.has(position))
    })
  }

  active(runIds: readonly string[]): Promise<(HandedWork | null)[]> {
    return this.#db.read(async (reader) => {
      const rows = await reader.all(ACTIVE, runIds)
      const works = await this.#works(reader, rows)
      const found = new Map(rows.map(({ position }, n) => [position - 1, works[n]!]))
      return runIds.map((_, position) => found.get(position) ?? null)
    })
  }

  /** By the store's clock where it has one of its own. */
  overdue(now: number, limit: number, after: OverdueMark | null = null): Promise<HandedWork[]> {
    const { lookAt, runId } = after ?? FROM_THE_FIRST
    return this.#db.write(now, async (tx) =>
      this.#works(tx, await tx.all(OVERDUE, tx.now, limit, lookAt, runId)),
    )
  }

  stopping(limit: number, afterId = ''): Promise<Work[]> {
    return this.#db.read(async (reader) => {
      const rows = await reader.all(STOPPING, limit, afterId)
      const specOf = await this.#specs.of(reader, rows)
      return rows.map((row) => toWork(row, specOf))
    })
  }

  async told(batch: Parameters<HandedStore['told']>[0]): Promise<void> {
    if (batch.length === 0) return
    const rows = batch.map(({ runId, lookAt, fence }) => [runId, lookAt, fence] as const)
    await this.#db.write(0, (tx) => tx.run(TOLD, ...columns(rows, 3)))
  }

  async #works(reader: Reader, rows: readonly HandedRow[]): Promise<HandedWork[]> {
    const specOf = await this.#specs.of(reader, rows)
    return rows.map((row) => {
      const { acceptedAt, endsBy, heardAt, progress, told: message, lookAt, toldToStop } = row
      const told = heardAt === null ? null : { at: heardAt, progress, message }
      return { work: toWork(row, specOf), acceptedAt, endsBy, told, lookAt, toldToStop: toldToStop === true }
    })
  }
}
