// The end of attempts: each closed under its live fence, then done, or pending again. A stale report writes nothing.

import type { AttemptCause } from '../../domain/attempt.ts'
import type { ActiveRun, FinalRun, PendingRun, Run, RunStatus } from '../../domain/run.ts'
import type { Settlement } from '../../domain/settle.ts'
import type { SettledAttempt, SettleReport } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'
import type { Ending, Finisher, UnderWay } from './finish.ts'
import type { LateReports } from './late-reports.ts'
import type { RunRow } from './run-rows.ts'

type Retry = Settlement & { kind: 'retry' }
type Live = Ending & UnderWay & Pick<RunRow, 'status' | 'notBefore'>
type LiveRow = readonly [
  no: number,
  jobNo: number,
  version: number,
  projectNo: number,
  hasCallback: number,
  status: RunStatus,
  attempts: number,
  cause: AttemptCause,
  nodeNo: number,
  leasedAt: number,
  notBefore: number,
]

export class Settler {
  readonly #db: Database
  readonly #finisher: Finisher
  readonly #late: LateReports
  readonly #live: Query<LiveRow>
  readonly #retry: Command

  constructor(db: Database, finisher: Finisher, late: LateReports) {
    this.#db = db
    this.#finisher = finisher
    this.#late = late
    // The one test of the fence. The transaction holds the write lock, so what is read here stays so to its end.
    this.#live = db.tuples(
      `SELECT no, job_no, version, project_no, has_callback, status, attempts, cause, node_no, leased_at, not_before
       FROM runs WHERE id = ? AND fence = ? AND node_no IS NOT NULL`,
    )
    this.#retry = db.command(
      `UPDATE runs SET status = 'pending', ready_at = ?, cause = ?, message = ?, node_no = NULL, leased_at = NULL
       WHERE no = ?`,
    )
  }

  settle(batch: readonly SettledAttempt[], now: number): SettleReport {
    if (batch.length === 0) return { runs: [], released: 0, stale: 0 }
    return this.#db.write(() => {
      const touched: number[] = []
      const runs = batch.map((settled) => this.#settleOne(settled, now, touched))
      const stale = runs.filter((run) => run === null).length
      return { runs, released: this.#finisher.release(touched, now), stale }
    })
  }

  #settleOne(
    { run, outcome, settlement, endedAt }: SettledAttempt,
    now: number,
    touched: number[],
  ): Run | null {
    const live = this.#liveRun(run)
    if (live === null) {
      this.#late.write(run.id, run.fence, outcome, endedAt)
      return null
    }
    this.#finisher.closeAttempt(live, outcome, endedAt)
    // Someone asked for the end of the run meanwhile: no further attempt.
    if (settlement.kind === 'retry' && live.status === 'running') return this.#again(run, live, settlement)
    const [status, message] =
      settlement.kind === 'retry'
        ? (['cancelled', 'cancelled while an attempt was under way'] as const)
        : [settlement.status, settlement.message]
    this.#finisher.finish(live, status, null, message, now)
    touched.push(live.jobNo)
    return finalRun(run, status, message, now)
  }

  #liveRun({ id, fence }: ActiveRun): Live | null {
    const row = this.#live.get(id, fence)
    if (row === undefined) return null
    const [no, jobNo, version, projectNo, hasCallback, status, attempts, cause, nodeNo, leasedAt, notBefore] =
      row
    return {
      no,
      jobNo,
      version,
      projectNo,
      hasCallback,
      status,
      fence,
      attempts,
      cause,
      nodeNo,
      leasedAt,
      notBefore,
    }
  }

  #again(run: ActiveRun, { no, notBefore }: Live, { readyAt, cause, message }: Retry): PendingRun {
    this.#retry.run(readyAt, cause, message, no)
    const { lease: _, ...base } = run
    return { ...base, status: 'pending', message, readyAt, notBefore: notBefore!, startBy: null }
  }
}

function finalRun(run: ActiveRun, status: FinalRun['status'], message: string, finishedAt: number): FinalRun {
  const { lease: _, ...base } = run
  return { ...base, status, message, reason: null, finishedAt }
}
