// The planner's step: due jobs in, their runs and gaps and next instants out, one transaction for the batch. Jobs that
// another node is planning or changing are passed over. One job that cannot be planned is put off for a minute and
// never holds up the others.

import { filledUp, inTurn, turnOf } from '../../domain/fair-share.ts'
import type { Job } from '../../domain/job.ts'
import type { Plan } from '../../domain/planned.ts'
import { type DueJob, type PlanReport, type RunStore, StoreUnavailable } from '../../ports/store.ts'
import type { Database, Transaction } from './database.ts'
import { asStoreFailure, isTransient } from './failure.ts'
import type { Finisher } from './finish.ts'
import { JOB_COLUMNS, JOBS_WITH_PROJECT, type JobReader, type JobRow } from './job-rows.ts'
import type { Nodes } from './nodes.ts'
import type { RunRow } from './run-rows.ts'
import { columns, sql } from './sql.ts'
import { emptyLedgered, type Ledgered, needsOpen, type PlanWriter } from './write-plan.ts'
import type { Leaser } from './write-run.ts'

type Request = Parameters<RunStore['plan']>[0]
type Decide = (due: DueJob, now: number) => Plan
type Decided = { readonly row: JobRow; readonly job: Job; readonly plan: Plan; readonly open: number }
type Failures = Map<number, { readonly jobId: string; readonly error: unknown }>

const PUT_OFF_MS = 60_000

const NEXT_DUE_AT = sql<{ at: number }>(
  'SELECT next_due_at AS at FROM jobs WHERE next_due_at IS NOT NULL ORDER BY next_due_at LIMIT 1',
)
const NEXT_PROJECT = 'SELECT min(project_no) FROM jobs WHERE next_due_at IS NOT NULL'
const PROJECTS = sql<{ no: number }>(
  `WITH RECURSIVE due (no) AS ((${NEXT_PROJECT}) UNION ALL
     SELECT (${NEXT_PROJECT} AND project_no > due.no) FROM due WHERE due.no IS NOT NULL)
   SELECT no FROM due WHERE no IS NOT NULL
     AND EXISTS (SELECT 1 FROM jobs WHERE project_no = due.no AND next_due_at <= $1)`,
)
const DUE_OF = sql<JobRow>(
  `SELECT ${JOB_COLUMNS} FROM (SELECT d.* FROM unnest($3::bigint[]) AS o (no) CROSS JOIN LATERAL (
     SELECT * FROM jobs WHERE project_no = o.no AND next_due_at <= $1 AND no <> ALL($4::bigint[])
     ORDER BY next_due_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED) d) j JOIN projects p ON p.no = j.project_no
   ORDER BY j.next_due_at`,
)
const DUE = sql<JobRow>(
  `SELECT ${JOB_COLUMNS} ${JOBS_WITH_PROJECT} WHERE j.next_due_at <= $1 AND j.no <> ALL($3::bigint[])
   ORDER BY j.next_due_at LIMIT $2
   FOR NO KEY UPDATE OF j SKIP LOCKED`,
)
/** Asked when the jobs are locked: before, another node might still have been writing runs of them. */
export const OPEN_COUNTS = sql<{ jobNo: number; open: number; queued: number }>(
  `SELECT job_no AS "jobNo", count(*) AS open, count(*) - count(ready_at) AS queued FROM runs
   WHERE job_no = ANY($1::bigint[]) AND finished_at IS NULL GROUP BY job_no`,
)
const ADVANCE = sql(
  `UPDATE jobs j SET planned_through = a.planned_through, next_due_at = a.next_due_at, runs_planned = a.runs_planned,
     status = a.status, pause = a.pause
   FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[])
     AS a (no, planned_through, next_due_at, runs_planned, status, pause)
   WHERE j.no = a.no`,
)
const PUT_OFF = sql('UPDATE jobs SET next_due_at = $1 WHERE no = ANY($2::bigint[])')

export class Planner {
  readonly #db: Database
  readonly #reader: JobReader
  readonly #nodes: Nodes
  readonly #writer: PlanWriter
  readonly #finisher: Finisher
  #lastProject = 0

  constructor(db: Database, reader: JobReader, nodes: Nodes, writer: PlanWriter, finisher: Finisher) {
    this.#db = db
    this.#reader = reader
    this.#nodes = nodes
    this.#writer = writer
    this.#finisher = finisher
  }

  async nextDueAt(): Promise<number | null> {
    return (await this.#db.read((reader) => reader.get(NEXT_DUE_AT)))?.at ?? null
  }

  /** All plans are written together; only when that fails, one by one, to find the one that cannot be written. */
  async plan(request: Request, decide: Decide): Promise<PlanReport> {
    try {
      return await this.#planBatch(request, decide, false)
    } catch (error) {
      if (asStoreFailure(error) instanceof StoreUnavailable) throw error
      return this.#planBatch(request, decide, true)
    }
  }

  async #planBatch(request: Request, decide: Decide, oneByOne: boolean): Promise<PlanReport> {
    const { nodeId, slots } = request
    const lease = slots > 0 ? await this.#nodes.leasing(nodeId) : null
    return this.#db.write(
      request.now,
      async (tx) => {
        const isLive = lease !== null && (await lease.isLive(tx))
        const leaser = isLive ? { nodeNo: lease.nodeNo, nodeId, slots } : null
        const ledgered = emptyLedgered()
        const failures: Failures = new Map()
        const busy = new Set<number>()
        let jobs = 0
        for (let rows = await this.#next(tx, request, jobs, leaser, busy); rows.length > 0; ) {
          await this.#planRows(tx, rows, { decide, leaser, ledgered, failures, busy, oneByOne })
          jobs += rows.length
          rows = await this.#next(tx, request, jobs, leaser, busy)
        }
        await this.#finisher.release(tx, ledgered.touched)
        const { runs, leased, replaced } = ledgered
        return { jobs, busy: busy.size, runs, leased, replaced, failures: [...failures.values()] }
      },
      lease?.lock,
    )
  }

  /**
   * Due jobs that this step still takes: all at once, or as many as there are slots, until those are used up. Not those
   * that it found busy: they stay due, and whoever makes them so may be waiting for what this step holds.
   */
  async #next(
    tx: Transaction,
    { limit, onlyFitting = false }: Request,
    taken: number,
    leaser: Leaser | null,
    busy: ReadonlySet<number>,
  ): Promise<readonly JobRow[]> {
    const room = onlyFitting ? Math.ceil(leaser?.slots ?? 0) : taken === 0 ? limit : 0
    const count = Math.min(limit - taken, room)
    if (count <= 0) return []
    const oldest = await tx.all(DUE, tx.now, count, [...busy])
    return oldest.length < count ? oldest : this.#inTurn(tx, oldest, busy)
  }

  /** More is due than this step takes: if of several projects, of each in turn. */
  async #inTurn(
    tx: Transaction,
    oldest: readonly JobRow[],
    busy: ReadonlySet<number>,
  ): Promise<readonly JobRow[]> {
    const projects = (await tx.all(PROJECTS, tx.now)).map(({ no }) => no)
    if (projects.length <= 1) return oldest
    const limit = oldest.length
    const share = Math.max(1, Math.floor(limit / projects.length))
    const turn = turnOf(projects, this.#lastProject).slice(0, limit)
    const rows = await tx.all(DUE_OF, tx.now, share, turn, [...busy])
    const ofProject = Map.groupBy(rows, ({ projectNo }) => projectNo)
    const take = (project: number, count: number): JobRow[] => (ofProject.get(project) ?? []).slice(0, count)
    const { items, last } = inTurn(projects, limit, this.#lastProject, take)
    this.#lastProject = last
    return filledUp(items, oldest, limit, (row) => row.jobNo)
  }

  async #planRows(tx: Transaction, rows: readonly JobRow[], part: Part): Promise<void> {
    const decided = await this.#decide(tx, rows, part)
    const { ready, open } = await this.#withOpen(tx, decided, part.busy)
    if (part.oneByOne) for (const one of ready) await this.#writeOne(tx, one, open, part)
    else await this.#write(tx, ready, open, part)
    const failed = rows.map(({ jobNo }) => jobNo).filter((no) => part.failures.has(no))
    if (failed.length > 0) await tx.run(PUT_OFF, tx.now + PUT_OFF_MS, failed)
  }

  async #decide(tx: Transaction, rows: readonly JobRow[], { decide, failures }: Part): Promise<Decided[]> {
    const jobNos = rows.map(({ jobNo }) => jobNo)
    const counts = new Map((await tx.all(OPEN_COUNTS, jobNos)).map((count) => [count.jobNo, count]))
    const jobs = await this.#reader.jobs(tx, rows)
    return rows.flatMap((row, position) => {
      const { open, queued } = counts.get(row.jobNo) ?? { open: 0, queued: 0 }
      const job = jobs[position]!
      try {
        return [{ row, job, open, plan: decide({ job, open, queued }, tx.now) }]
      } catch (error) {
        failures.set(row.jobNo, { jobId: row.id, error })
        return []
      }
    })
  }

  /**
   * A queued run is written only while nothing it waits for can end unseen. Where an open run is just being ended by
   * someone else, its job stays due for the next step: waiting here could end in a deadlock.
   */
  async #withOpen(
    tx: Transaction,
    decided: readonly Decided[],
    busy: Set<number>,
  ): Promise<{ ready: readonly Decided[]; open: readonly RunRow[] }> {
    const wanting = decided.filter(({ plan, open }) => open > 0 && needsOpen(plan))
    if (wanting.length === 0) return { ready: decided, open: [] }
    const rows = await this.#writer.lockFreeOpen(
      tx,
      wanting.map(({ row }) => row.jobNo),
    )
    const locked = Map.groupBy(rows, ({ jobNo }) => jobNo)
    for (const { row, open } of wanting) if ((locked.get(row.jobNo)?.length ?? 0) < open) busy.add(row.jobNo)
    return {
      ready: decided.filter(({ row }) => !busy.has(row.jobNo)),
      open: rows.filter(({ jobNo }) => !busy.has(jobNo)),
    }
  }

  async #write(
    tx: Transaction,
    decided: readonly Decided[],
    open: readonly RunRow[],
    { leaser, ledgered }: Pick<Part, 'leaser' | 'ledgered'>,
  ): Promise<void> {
    if (decided.length === 0) return
    const owed = decided.map(({ row, job, plan }) => {
      const { jobNo: no, id, projectNo, projectId, version } = row
      return { owner: { no, id, projectNo, projectId, version, spec: job.spec }, plan }
    })
    await this.#writer.write(tx, owed, open, leaser, ledgered)
    const rows = decided.map(({ row, job, plan }) => {
      const { plannedThrough, nextDueAt, runsPlanned } = plan
      return [row.jobNo, plannedThrough, nextDueAt, runsPlanned, ...standing(job, plan, tx.now)] as const
    })
    await tx.run(ADVANCE, ...columns(rows, 6))
  }

  async #writeOne(tx: Transaction, one: Decided, open: readonly RunRow[], part: Part): Promise<void> {
    const { leaser, ledgered, failures } = part
    const mine = emptyLedgered()
    const slots = leaser?.slots ?? 0
    await tx.savepoint()
    try {
      const ofJob = open.filter(({ jobNo }) => jobNo === one.row.jobNo)
      await this.#write(tx, [one], ofJob, { leaser, ledgered: mine })
      await tx.releaseSavepoint()
      for (const part of ['runs', 'leased', 'replaced', 'touched'] as const)
        (ledgered[part] as unknown[]).push(...mine[part])
    } catch (error) {
      if (asStoreFailure(error) instanceof StoreUnavailable || isTransient(error)) throw error
      await tx.rollbackToSavepoint()
      if (leaser !== null) leaser.slots = slots
      failures.set(one.row.jobNo, { jobId: one.row.id, error })
    }
  }
}

type Part = {
  readonly decide: Decide
  readonly leaser: Leaser | null
  readonly ledgered: Ledgered
  readonly failures: Failures
  /** Jobs that wait for the next step. */
  readonly busy: Set<number>
  readonly oneByOne: boolean
}

/** A pause whose end has come is over with this plan. */
function standing(job: Job, plan: Plan, now: number): readonly [status: Job['status'], pause: string | null] {
  const paused = job.pause !== null && (job.pause.until === null || job.pause.until > now)
  if (!paused || plan.status === 'finished') return [plan.status, null]
  return ['paused', JSON.stringify(job.pause)]
}
