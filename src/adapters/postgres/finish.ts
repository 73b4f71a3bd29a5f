// The one way a run becomes final. In the same transaction whoever must be told is written to the outbox, and the
// queue behind the run moves up.

import { isTold } from '../../domain/effect.ts'
import type { JobSpec } from '../../domain/job.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { OutcomeDetails } from '../../domain/outcome-details.ts'
import { resolvePolicy } from '../../domain/policy.ts'
import type { FinalRun, FinalStatus, Reason } from '../../domain/run.ts'
import { queueUntil } from '../../domain/start-deadline.ts'
import type { Chance } from '../../ports/chance.ts'
import type { Transaction } from './database.ts'
import type { PartRow } from './part-book.ts'
import { type RunRow, toEnded } from './run-rows.ts'
import type { Specs } from './specs.ts'
import { columns, sql } from './sql.ts'
import { storable, storableOrNull } from './text.ts'

/** What ending a run needs to know of it. */
export type Ending = Pick<RunRow, 'id' | 'dueAt' | 'jobNo' | 'version' | 'projectNo' | 'hasCallback'>

/** The lease of a run or of a part, which is the attempt under way. `attempts` is its number. */
export type UnderWay = Pick<
  RunRow,
  'no' | 'dueAt' | 'attempts' | 'fence' | 'nodeNo' | 'cause' | 'leasedAt'
> & { readonly part?: number }

export type Ended<Row extends Ending = Ending> = {
  readonly run: Row
  readonly status: FinalStatus
  readonly reason: Reason | null
  readonly message: string | null
  /** Ended from outside: its fence is taken, so that its report comes too late. */
  readonly cutOff?: boolean
}

type Released = Pick<RunRow, 'id' | 'dueAt' | 'jobNo' | 'version' | 'poolNo' | 'startBy'> & {
  readonly readyAt: number
}

export type ClosedAttempt = { readonly run: UnderWay; readonly outcome: Outcome; readonly endedAt: number }

const END = sql(
  `UPDATE runs r SET status = e.status, reason = e.reason, message = e.message, finished_at = $7::bigint, node_no = NULL,
     leased_at = NULL, fence = r.fence + e.taken
   FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::integer[])
     AS e (id, due_at, status, reason, message, taken)
   WHERE r.id = e.id AND r.due_at + 0 = e.due_at`,
)
const CLOSE = sql(
  `INSERT INTO attempts (run_no, due_at, number, fence, node_no, cause, started_at, ended_at, outcome, detail, part)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[],
     $8::bigint[], $9::text[], $10::text[], $11::integer[])`,
)
const TELL = sql(
  `INSERT INTO effects (id, run_id, due_at, job_no, project_no, callback, status, tries, next_try_at, created_at)
   SELECT e.*, 'pending', 0, $7::bigint, $7::bigint
   FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
     AS e (id, run_id, due_at, job_no, project_no, callback)`,
)
// Whoever ends runs of one job at the same time meets here, so that the last of them sees what the others have ended.
const QUEUED = sql<{ jobNo: number }>(
  `SELECT q.job_no AS "jobNo" FROM unnest($1::bigint[]) AS w (job_no)
   CROSS JOIN LATERAL (SELECT r.job_no FROM runs r WHERE r.job_no = w.job_no AND r.status = 'pending'
     AND r.ready_at IS NULL ORDER BY r.no LIMIT 1 FOR UPDATE) q`,
)
// Only when nothing else of the job is ready or under way: whatever ended, one at a time goes on.
const RELEASE = sql<Released>(
  `UPDATE runs r SET ready_at = greatest($1, r.not_before)
   FROM unnest($2::bigint[]) AS w (job_no)
   CROSS JOIN LATERAL (SELECT q.id, q.due_at FROM runs q WHERE q.job_no = w.job_no AND q.status = 'pending'
     AND q.ready_at IS NULL ORDER BY q.no LIMIT 1) head
   WHERE r.id = head.id AND r.due_at + 0 = head.due_at
     AND NOT EXISTS (SELECT 1 FROM runs o WHERE o.job_no = w.job_no AND o.finished_at IS NULL
       AND o.ready_at IS NOT NULL)
   RETURNING r.id, r.due_at AS "dueAt", r.job_no AS "jobNo", r.version, r.pool_no AS "poolNo", r.start_by AS "startBy",
     r.ready_at AS "readyAt"`,
)
const START_BY = sql(
  `UPDATE runs r SET start_by = s.start_by FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS s (id, due_at, start_by)
   WHERE r.id = s.id AND r.due_at + 0 = s.due_at`,
)

export class Finisher {
  readonly #chance: Chance
  readonly #specs: Specs
  readonly #details = new OutcomeDetails()

  constructor(chance: Chance, specs: Specs) {
    this.#chance = chance
    this.#specs = specs
  }

  /** From here on the attempts are rows that never change; the caller says what becomes of the runs. */
  async closeAttempts(tx: Transaction, attempts: readonly ClosedAttempt[]): Promise<void> {
    if (attempts.length === 0) return
    const rows = attempts.map(({ run, outcome, endedAt }) => {
      const { no, dueAt, attempts: number, fence, nodeNo, cause, leasedAt, part = null } = run
      const what = [outcome.kind, this.#details.of(outcome)] as const
      // A node knows the store's time to within a round trip only.
      const at = Math.max(leasedAt!, Math.min(endedAt, tx.now))
      return [no, dueAt, number, fence, nodeNo, cause, leasedAt, at, ...what, part] as const
    })
    await tx.run(CLOSE, ...columns(rows, 11))
  }

  async finish(tx: Transaction, ended: readonly Ended[]): Promise<void> {
    if (ended.length === 0) return
    const rows = ended.map(({ run, status, reason, message, cutOff = false }) => {
      return [run.id, run.dueAt, status, reason, storableOrNull(message), cutOff ? 1 : 0] as const
    })
    await tx.run(END, ...columns(rows, 6), tx.now)
    const telling = ended.filter(({ run }) => run.hasCallback)
    if (telling.length === 0) return
    const specOf = await this.#specs.of(
      tx,
      telling.map(({ run }) => run),
    )
    await this.tell(
      tx,
      telling.map(({ run, status }) => ({ run, status, spec: specOf(run) })),
    )
  }

  /** As `finish`, for whole rows; as they have ended. */
  async finishRows(tx: Transaction, ended: readonly Ended<RunRow>[]): Promise<FinalRun[]> {
    await this.finish(tx, ended)
    return ended.map(({ run, status, reason, message, cutOff = false }) => {
      const row = cutOff ? { ...run, fence: run.fence + 1 } : run
      return toEnded(row, status, reason, message === null ? null : storable(message), tx.now)
    })
  }

  /** For runs that are final, whether they ended or were born so. */
  async tell(
    tx: Transaction,
    ended: readonly { run: Omit<Ending, 'version' | 'hasCallback'>; status: FinalStatus; spec: JobSpec }[],
  ): Promise<void> {
    const rows = ended.flatMap(({ run, status, spec: { callback } }) => {
      if (!isTold(callback, status)) return []
      const { id, dueAt, jobNo, projectNo } = run
      return [[this.#chance.id('eff'), id, dueAt, jobNo, projectNo, JSON.stringify(callback)] as const]
    })
    if (rows.length > 0) await tx.run(TELL, ...columns(rows, 6), tx.now)
  }

  /** After all endings of a transaction. Returns how many queued runs may start now. */
  async release(tx: Transaction, jobNos: Iterable<number>): Promise<number> {
    const touched = [...new Set(jobNos)].sort((a, b) => a - b)
    if (touched.length === 0) return 0
    const queued = await tx.all(QUEUED, touched)
    if (queued.length === 0) return 0
    const released = await tx.all(
      RELEASE,
      tx.now,
      queued.map(({ jobNo }) => jobNo),
    )
    await this.#bePatient(
      tx,
      released.filter(({ poolNo }) => poolNo !== 0),
    )
    return released.length
  }

  /** The patience with waiting for an agent begins when the run may start. */
  async #bePatient(tx: Transaction, released: readonly Released[]): Promise<void> {
    if (released.length === 0) return
    const specOf = await this.#specs.of(tx, released)
    const rows = released.map((run) => {
      const policy = resolvePolicy(specOf(run).policy)
      return [run.id, run.dueAt, queueUntil(run.startBy, run.readyAt, policy.queueTimeoutMs)] as const
    })
    await tx.run(START_BY, ...columns(rows, 3))
  }
}

export function underWay({
  runNo: no,
  dueAt,
  part,
  attempt,
  fence,
  nodeNo,
  cause,
  leasedAt,
}: PartRow): UnderWay {
  return { no, dueAt, part, attempts: attempt, fence, nodeNo, cause, leasedAt }
}
