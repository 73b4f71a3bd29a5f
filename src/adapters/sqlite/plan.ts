// The planner's step: due jobs in, their runs and gaps and next instants out, one transaction for the batch.
// One job that cannot be planned is put off for a minute and never holds up the others.

import { filledUp, inTurn } from '../../domain/fair-share.ts'
import type { Job } from '../../domain/job.ts'
import type { Plan } from '../../domain/planned.ts'
import { type DueJob, type PlanReport, type RunStore, StoreUnavailable } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'
import { asStoreFailure } from './failure.ts'
import type { Finisher } from './finish.ts'
import { InTens, RowsRefused } from './in-tens.ts'
import { JOB_COLUMNS, JOBS_WITH_SPEC, type JobReader, type JobRow } from './job-rows.ts'
import type { Nodes } from './nodes.ts'
import { emptyLedgered, type Ledgered, type PlanWriter } from './write-plan.ts'
import type { Leaser } from './write-run.ts'

type Request = Parameters<RunStore['plan']>[0]
type DueRow = readonly [...JobRow, openAndQueued: number]
type Decided = { readonly job: Job; readonly plan: Plan }
type Decide = (due: DueJob, now: number) => Plan
/** `soon`: written by the end of the batch at the latest; that a row is refused then comes out as RowsRefused. */
type Step = {
  readonly now: number
  readonly soon: boolean
  readonly leaser: Leaser | null
  readonly into: Ledgered
}
type Failures = Map<number, { readonly jobId: string; readonly error: unknown }>

/** Open and queued runs come in one number: one look into the index for each job instead of two. */
const COUNTS_APART = 2 ** 24

const PUT_OFF_MS = 60_000
const NOTHING: PlanReport = { jobs: 0, runs: [], leased: [], replaced: [], failures: [] }

/** One job's write failed: everything is taken back and done again without it. */
class Poisoned {
  readonly jobNo: number
  readonly jobId: string
  readonly error: unknown
  constructor(jobNo: number, jobId: string, error: unknown) {
    this.jobNo = jobNo
    this.jobId = jobId
    this.error = error
  }
}

export class Planner {
  readonly #db: Database
  readonly #reader: JobReader
  readonly #nodes: Nodes
  readonly #writer: PlanWriter
  readonly #finisher: Finisher
  readonly #nextDueAt: Query<readonly [number]>
  readonly #due: Query<DueRow>
  readonly #dueOf: Query<DueRow>
  readonly #projects: Query<readonly [number]>
  #lastProject = 0
  readonly #advance: Command
  readonly #advanceSoon: InTens
  readonly #putOff: Command

  constructor(db: Database, reader: JobReader, nodes: Nodes, writer: PlanWriter, finisher: Finisher) {
    this.#db = db
    this.#reader = reader
    this.#nodes = nodes
    this.#writer = writer
    this.#finisher = finisher
    this.#nextDueAt = db.tuples(
      'SELECT next_due_at FROM jobs WHERE next_due_at IS NOT NULL ORDER BY next_due_at LIMIT 1',
    )
    const jobs = `SELECT ${JOB_COLUMNS},
        (SELECT count(*) * ${COUNTS_APART} + count(*) - count(r.ready_at) FROM runs r
         WHERE r.job_no = j.no AND r.finished_at IS NULL)
      ${JOBS_WITH_SPEC}`
    this.#due = db.tuples(`${jobs} WHERE j.next_due_at <= ? ORDER BY j.next_due_at LIMIT ?`)
    this.#dueOf = db.tuples(
      `${jobs} WHERE j.project_no = ? AND j.next_due_at <= ? ORDER BY j.next_due_at LIMIT ?`,
    )
    const nextProject = 'SELECT min(project_no) FROM jobs WHERE next_due_at IS NOT NULL'
    this.#projects = db.tuples(
      `WITH RECURSIVE due (no) AS (${nextProject} UNION ALL
         SELECT (${nextProject} AND project_no > due.no) FROM due WHERE due.no IS NOT NULL)
       SELECT no FROM due WHERE no IS NOT NULL`,
    )
    const advance = `UPDATE jobs SET planned_through = ?, next_due_at = ?, runs_planned = ?, status = ?, pause = ? WHERE no = ?`
    this.#advance = db.command(advance)
    this.#advanceSoon = new InTens(db, {
      row: '(?, ?, ?, ?, ?, ?)',
      own: [5],
      one: advance,
      many: (rows) =>
        `UPDATE jobs SET planned_through = v.column1, next_due_at = v.column2, runs_planned = v.column3,
           status = v.column4, pause = v.column5 FROM (VALUES ${rows}) v WHERE jobs.no = v.column6`,
    })
    this.#putOff = db.command('UPDATE jobs SET next_due_at = ? WHERE no = ?')
  }

  nextDueAt(): number | null {
    return this.#nextDueAt.get()?.[0] ?? null
  }

  plan(request: Request, decide: Decide): PlanReport {
    const next = this.nextDueAt()
    if (next === null || next > request.now) return NOTHING
    const failures: Failures = new Map()
    for (let soon = true; ; ) {
      try {
        return this.#db.write(() => this.#planBatch(request, decide, failures, soon))
      } catch (error) {
        if (error instanceof Poisoned) failures.set(error.jobNo, { jobId: error.jobId, error: error.error })
        else if (!(error instanceof RowsRefused && soon)) throw error
        else soon = false
      }
    }
  }

  #planBatch(request: Request, decide: Decide, failures: Failures, soon: boolean): PlanReport {
    const { now, nodeId, slots } = request
    const nodeNo = slots > 0 ? this.#nodes.live(nodeId, now) : null
    const leaser = nodeNo === null ? null : { nodeNo, nodeId, slots, soon }
    const into = emptyLedgered()
    const step = { now, soon, leaser, into }
    for (const jobNo of failures.keys()) this.#putOff.run(now + PUT_OFF_MS, jobNo)
    let jobs = 0
    for (let rows = this.#next(request, jobs, leaser); rows.length > 0; ) {
      for (const row of rows) {
        const decided = this.#decide(row, (due) => decide(due, now), failures)
        if (decided === null) this.#putOff.run(now + PUT_OFF_MS, row[0])
        else this.#write(row, decided, step)
      }
      this.#writer.flush()
      this.#advanceSoon.flush()
      jobs += rows.length
      rows = this.#next(request, jobs, leaser)
    }
    this.#finisher.release(into.touched, now)
    const { runs, leased, replaced } = into
    return { jobs, runs, leased, replaced, failures: [...failures.values()] }
  }

  /** Due jobs that this step still takes: all at once, or as many as there are slots, until those are used up. */
  #next({ now, limit, onlyFitting = false }: Request, taken: number, leaser: Leaser | null): DueRow[] {
    const room = onlyFitting ? Math.ceil(leaser?.slots ?? 0) : taken === 0 ? limit : 0
    const count = Math.min(limit - taken, room)
    if (count <= 0) return []
    const oldest = this.#due.all(now, count)
    return oldest.length < count ? oldest : this.#inTurn(oldest, now)
  }

  /** More is due than this step takes: if of several projects, of each in turn. */
  #inTurn(oldest: DueRow[], now: number): DueRow[] {
    const projects = this.#projects.all().map(([no]) => no)
    if (projects.length === 1) return oldest
    const take = (project: number, count: number): DueRow[] => this.#dueOf.all(project, now, count)
    const { items, last } = inTurn(projects, oldest.length, this.#lastProject, take)
    this.#lastProject = last
    return filledUp(items, oldest, oldest.length, (row) => row[0])
  }

  #decide(row: DueRow, decide: (due: DueJob) => Plan, failures: Failures): Decided | null {
    try {
      const job = this.#reader.job(row as unknown as JobRow)
      const open = Math.floor(row[12] / COUNTS_APART)
      return { job, plan: decide({ job, open, queued: row[12] % COUNTS_APART }) }
    } catch (error) {
      failures.set(row[0], { jobId: row[1], error })
      return null
    }
  }

  #write(row: DueRow, { job, plan }: Decided, { now, soon, leaser, into }: Step): void {
    const [no, id, projectNo, version] = row
    try {
      const owner = { no, id, projectNo, projectId: job.projectId, version, spec: job.spec }
      this.#writer.write(owner, plan, now, leaser, into)
      const { status, pause } = standing(job, plan, now)
      const advanced = [plan.plannedThrough, plan.nextDueAt, plan.runsPlanned, status, pause, no] as const
      if (soon) this.#advanceSoon.add(advanced)
      else this.#advance.run(...advanced)
    } catch (error) {
      // It may be of a job before this one.
      if (error instanceof RowsRefused && soon) throw error
      const failure = asStoreFailure(error)
      throw failure instanceof StoreUnavailable ? failure : new Poisoned(no, id, failure)
    }
  }
}

/** A pause whose end has come is over with this plan. */
function standing(job: Job, plan: Plan, now: number): { status: Job['status']; pause: string | null } {
  const paused = job.pause !== null && (job.pause.until === null || job.pause.until > now)
  if (!paused || plan.status === 'finished') return { status: plan.status, pause: null }
  return { status: 'paused', pause: JSON.stringify(job.pause) }
}
