// What becomes of runs that are ready: leased, or missed where they could not start in time. Whoever calls holds their
// rows.

import type { FinalRun } from '../../domain/run.ts'
import { missedReason } from '../../domain/start-deadline.ts'
import type { Work } from '../../ports/work.ts'
import type { Transaction } from './database.ts'
import type { Ended, Finisher } from './finish.ts'
import { type RunRow, toWork } from './run-rows.ts'
import type { Specs } from './specs.ts'
import { sql } from './sql.ts'

// Once started it is in time: a retry has no start deadline.
const LEASE = sql(
  `UPDATE runs r SET status = 'running', fence = r.fence + 1, attempts = r.attempts + 1, node_no = $1, leased_at = $2,
     started_at = coalesce(r.started_at, $2), start_by = NULL
   FROM unnest($3::text[], $4::bigint[]) AS l (id, due_at) WHERE r.id = l.id AND r.due_at + 0 = l.due_at`,
)

/** A node or a session of an agent. */
type To = { readonly nodeNo: number; readonly nodeId: string }

export class ReadyRuns {
  readonly #specs: Specs
  readonly #finisher: Finisher

  constructor(specs: Specs, finisher: Finisher) {
    this.#specs = specs
    this.#finisher = finisher
  }

  async lease(tx: Transaction, rows: readonly RunRow[], to: To): Promise<Work[]> {
    if (rows.length === 0) return []
    const ids = rows.map(({ id }) => id)
    const dues = rows.map(({ dueAt }) => dueAt)
    await tx.run(LEASE, to.nodeNo, tx.now, ids, dues)
    const specOf = await this.#specs.of(tx, rows)
    return rows.map((row) => {
      const { fence, attempts, startedAt } = row
      const leased = { status: 'running', fence: fence + 1, attempts: attempts + 1, startBy: null } as const
      const times = { leasedAt: tx.now, startedAt: startedAt ?? tx.now }
      return toWork({ ...row, ...leased, ...times, ...to }, specOf)
    })
  }

  async miss(tx: Transaction, rows: readonly RunRow[]): Promise<FinalRun[]> {
    if (rows.length === 0) return []
    const specOf = await this.#specs.of(tx, rows)
    const ended = rows.map((run): Ended<RunRow> => {
      const overdue = { dueAt: run.dueAt, startBy: run.startBy ?? tx.now, attempts: run.attempts }
      return { run, status: 'missed', ...missedReason(specOf(run), overdue) }
    })
    return this.#finisher.finishRows(tx, ended)
  }
}
