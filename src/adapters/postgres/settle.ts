// The end of attempts: each closed under its live fence, then done, or pending again. A stale report writes nothing.

import type { AttemptCause } from '../../domain/attempt.ts'
import { type ActiveRun, endedRun, type PendingRun, type Run, type RunStatus } from '../../domain/run.ts'
import { type EndedPart, joinParts, whyGivenUp } from '../../domain/run-part.ts'
import type { Settlement } from '../../domain/settle.ts'
import type { SettledAttempt, SettleReport } from '../../ports/store.ts'
import { lockParted } from './claim-parts.ts'
import type { Database, Transaction } from './database.ts'
import {
  type ClosedAttempt,
  type Ended,
  type Ending,
  type Finisher,
  type UnderWay,
  underWay,
} from './finish.ts'
import { OUTSIDE_NO } from './handed.ts'
import { keepLate } from './late-reports.ts'
import { againPart, endParts, livePart, openPartsOf, partsInVain, partsOfRun } from './part-book.ts'
import { type RunRow, toRun } from './run-rows.ts'
import { columns, sql } from './sql.ts'
import { storable } from './text.ts'

type Retry = Settlement & { kind: 'retry' }
type Live = Ending & UnderWay & Pick<RunRow, 'status' | 'notBefore'>
type LiveRow = Live & { readonly position: number; readonly status: RunStatus; readonly cause: AttemptCause }

// The one test of the fence. The rows are locked, so what is read here stays so to the end of the transaction; always in
// the same order, so that two that settle the same runs wait for each other instead of both waiting.
const LIVE = sql<LiveRow>(
  `SELECT s.position::integer, r.no, r.id, r.due_at AS "dueAt", r.job_no AS "jobNo", r.version,
     r.project_no AS "projectNo", r.has_callback AS "hasCallback", r.status, r.fence, r.attempts, r.cause,
     r.node_no AS "nodeNo", r.leased_at AS "leasedAt", r.not_before AS "notBefore"
   FROM unnest($1::text[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS s (id, due_at, fence, position)
   JOIN runs r ON r.id = s.id AND r.due_at + 0 = s.due_at AND r.fence = s.fence AND r.node_no IS NOT NULL
   ORDER BY r.due_at, r.no FOR UPDATE OF r`,
)
const RETRY = sql(
  `UPDATE runs r SET status = 'pending', ready_at = s.ready_at, cause = s.cause, message = s.message, node_no = NULL,
     leased_at = NULL, start_by = s.start_by
   FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[])
     AS s (id, due_at, ready_at, cause, message, start_by)
   WHERE r.id = s.id AND r.due_at + 0 = s.due_at`,
)

const CANCELLED = 'cancelled while an attempt was under way'

export class Settler {
  readonly #db: Database
  readonly #finisher: Finisher

  constructor(db: Database, finisher: Finisher) {
    this.#db = db
    this.#finisher = finisher
  }

  async settle(batch: readonly SettledAttempt[], now: number): Promise<SettleReport> {
    if (batch.length === 0) return { runs: [], released: 0, stale: 0 }
    const parts = batch.filter(({ part }) => part !== undefined)
    const whole = batch.filter(({ part }) => part === undefined)
    return this.#db.write(now, async (tx) => {
      const settled = await this.#settleRuns(tx, whole)
      const joined = await this.#settleParts(tx, parts)
      const runs = batch.map(({ part }) => (part === undefined ? settled.runs : joined.runs).shift() ?? null)
      const released = await this.#finisher.release(tx, [...settled.touched, ...joined.touched])
      return { runs, released, stale: runs.filter((run) => run === null).length }
    })
  }

  async #settleRuns(tx: Transaction, batch: readonly SettledAttempt[]): Promise<Settled> {
    if (batch.length === 0) return { runs: [], touched: [] }
    const live = await liveRuns(tx, batch)
    const closed: ClosedAttempt[] = []
    const ended: Ended[] = []
    const retried: Retried[] = []
    const runs = batch.map(({ run, outcome, settlement, endedAt, inDoubt }, position): Run | null => {
      const row = live.get(position)
      if (row === undefined || (inDoubt === true && row.nodeNo === OUTSIDE_NO)) return null
      closed.push({ run: row, outcome, endedAt })
      // Someone asked for the end of the run meanwhile: no further attempt.
      if (settlement.kind === 'retry' && row.status === 'running') {
        retried.push({ row, settlement })
        return pendingAgain(run, row, settlement)
      }
      const [status, message] =
        settlement.kind === 'retry'
          ? (['cancelled', CANCELLED] as const)
          : [settlement.status, storable(settlement.message)]
      ended.push({ run: row, status, reason: null, message })
      return endedRun(run, status, message, tx.now)
    })
    for (const [position, { run, outcome }] of batch.entries()) {
      if (!live.has(position)) await keepLate(tx, { runId: run.id, fence: run.fence, outcome })
    }
    await this.#finisher.closeAttempts(tx, closed)
    await tryAgain(tx, retried)
    await this.#finisher.finish(tx, ended)
    return { runs, touched: ended.map(({ run }) => run.jobNo) }
  }

  async #settleParts(tx: Transaction, batch: readonly SettledAttempt[]): Promise<Settled> {
    const touched: number[] = []
    const runs: (Run | null)[] = []
    const wanted = new Map(batch.map(({ run }) => [run.id, run.dueAt]))
    const locked = new Map(
      (
        await lockParted(
          tx,
          [...wanted].map(([runId, dueAt]) => ({ runId, dueAt })),
        )
      ).map((row) => [row.id, row]),
    )
    for (const settled of batch) {
      const row = locked.get(settled.run.id)
      runs.push(row === undefined ? null : await this.#settlePart(tx, settled, row, touched))
      if (runs.at(-1) === null)
        await keepLate(tx, { runId: settled.run.id, fence: settled.run.fence, outcome: settled.outcome })
    }
    return { runs, touched }
  }

  async #settlePart(
    tx: Transaction,
    { run, outcome, settlement, endedAt }: SettledAttempt,
    row: RunRow,
    touched: number[],
  ): Promise<Run | null> {
    const part = await livePart(tx, { runId: run.id, fence: run.fence })
    if (part === undefined) return null
    await this.#finisher.closeAttempts(tx, [{ run: underWay(part), outcome, endedAt }])
    if (settlement.kind === 'done')
      await endParts(tx, [{ part, status: settlement.status, message: settlement.message }])
    else if (row.status === 'running') await againPart(tx, part, settlement)
    else await endParts(tx, [{ part, status: 'cancelled', message: CANCELLED }])
    return this.#join(tx, row, touched)
  }

  giveUpParts(now: number, awayMs: number, limit: number): Promise<Run[]> {
    return this.#db.write(now, async (tx) => {
      const wanted = await partsInVain(tx, tx.now, awayMs, limit)
      if (wanted.length === 0) return []
      const rows = await lockParted(tx, wanted)
      // Looked at again under the locks.
      const parts = await partsInVain(tx, tx.now, awayMs, limit)
      const touched: number[] = []
      const runs: Run[] = []
      for (const row of rows) {
        const own = parts.filter(({ runNo }) => runNo === row.no)
        await endParts(
          tx,
          own.map((part) => ({ part, status: 'failed', message: whyGivenUp(part, tx.now) })),
        )
        if (own.length > 0) runs.push(await this.#join(tx, row, touched))
      }
      await this.#finisher.release(tx, touched)
      return runs
    })
  }

  /** The run as it is now: with its last part it has ended. */
  async #join(tx: Transaction, row: RunRow, touched: number[]): Promise<Run> {
    if ((await openPartsOf(tx, [row.no])).length > 0) return toRun(row)
    const parts = (await partsOfRun(tx, row.id)) as EndedPart[]
    const { status, message } = joinParts(parts, row.status === 'cancelling')
    touched.push(row.jobNo)
    const [run] = await this.#finisher.finishRows(tx, [{ run: row, status, reason: null, message }])
    return run!
  }
}

type Settled = { readonly runs: (Run | null)[]; readonly touched: readonly number[] }

type Retried = { readonly row: Live; readonly settlement: Retry }

/** By position in the batch; of two reports of one run the first counts. */
async function liveRuns(tx: Transaction, batch: readonly SettledAttempt[]): Promise<Map<number, Live>> {
  const rows = await tx.all(
    LIVE,
    batch.map(({ run }) => run.id),
    batch.map(({ run }) => run.dueAt),
    batch.map(({ run }) => run.fence),
  )
  const first = new Map<number, LiveRow>()
  for (const row of rows) {
    const other = first.get(row.no)
    if (other === undefined || other.position > row.position) first.set(row.no, row)
  }
  return new Map([...first.values()].map((row) => [row.position - 1, row]))
}

async function tryAgain(tx: Transaction, retried: readonly Retried[]): Promise<void> {
  if (retried.length === 0) return
  const rows = retried.map(({ row, settlement: { readyAt, startBy = null, cause, message } }) => {
    return [row.id, row.dueAt, readyAt, cause, storable(message), startBy] as const
  })
  await tx.run(RETRY, ...columns(rows, 6))
}

function pendingAgain(
  run: ActiveRun,
  { notBefore }: Live,
  { readyAt, startBy = null, message }: Retry,
): PendingRun {
  const { lease: _, ...base } = run
  return {
    ...base,
    status: 'pending',
    message: storable(message),
    readyAt,
    notBefore: notBefore!,
    startBy,
  }
}
