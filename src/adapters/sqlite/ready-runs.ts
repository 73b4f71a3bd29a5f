// What becomes of a run that is ready: leased, or missed where it could not start in time. Within a transaction.

import type { FinalRun } from '../../domain/run.ts'
import { missedReason } from '../../domain/start-deadline.ts'
import type { Work } from '../../ports/work.ts'
import { type Command, type Database, UPDATE_RUNS } from './database.ts'
import type { Finisher } from './finish.ts'
import type { RunReader, RunRow } from './run-rows.ts'

export class ReadyRuns {
  readonly #reader: RunReader
  readonly #finisher: Finisher
  readonly #lease: Command

  constructor(db: Database, reader: RunReader, finisher: Finisher) {
    this.#reader = reader
    this.#finisher = finisher
    // Once started it is in time: a retry has no start deadline.
    this.#lease = db.command(
      `${UPDATE_RUNS} SET status = 'running', fence = fence + 1, attempts = attempts + 1, node_no = ?1, leased_at = ?2,
         started_at = ifnull(started_at, ?2), start_by = NULL WHERE no = ?3`,
    )
  }

  lease(row: RunRow, nodeNo: number, now: number): Work {
    this.#lease.run(nodeNo, now, row.no)
    return this.#reader.work({
      ...row,
      status: 'running',
      fence: row.fence + 1,
      attempts: row.attempts + 1,
      nodeNo,
      leasedAt: now,
      startedAt: row.startedAt ?? now,
      startBy: null,
    })
  }

  miss(row: RunRow, now: number): FinalRun {
    const spec = this.#reader.specs.of(row.jobNo, row.version)
    const { reason, message } = missedReason(spec, {
      dueAt: row.dueAt,
      startBy: row.startBy ?? now,
      attempts: row.attempts,
    })
    return this.#finisher.finishRow(row, 'missed', reason, message, now)
  }
}
