// Every change of a job is one transaction: the ledger is completed under the old definition, what is to end ends,
// then the job becomes what it is to be and its new runs are written.

import type { Job } from '../../domain/job.ts'
import type { FinalRun, Run } from '../../domain/run.ts'
import type { DueJob, JobChange, JobChangeReport, JobStore } from '../../ports/store.ts'
import type { Database, Query } from './database.ts'
import type { Finisher } from './finish.ts'
import { JOB_COLUMNS, JOBS_WITH_SPEC, type JobReader, type JobRow } from './job-rows.ts'
import type { JobWriter } from './job-writer.ts'
import type { OnceMarks } from './once.ts'
import { emptyLedgered, type PlanWriter } from './write-plan.ts'
import type { Owner } from './write-run.ts'

type Decide = (due: DueJob, now: number) => JobChange
type Options = Parameters<JobStore['change']>[2]

const DELETED = 'the job was deleted'

export class JobChanger {
  readonly #db: Database
  readonly #reader: JobReader
  readonly #jobs: JobWriter
  readonly #plans: PlanWriter
  readonly #finisher: Finisher
  readonly #marks: OnceMarks
  readonly #byId: Query<JobRow>
  readonly #open: Query<readonly [open: number, queued: number]>

  constructor(
    db: Database,
    reader: JobReader,
    jobs: JobWriter,
    plans: PlanWriter,
    finisher: Finisher,
    marks: OnceMarks,
  ) {
    this.#db = db
    this.#reader = reader
    this.#jobs = jobs
    this.#plans = plans
    this.#finisher = finisher
    this.#marks = marks
    this.#byId = db.tuples(`SELECT ${JOB_COLUMNS} ${JOBS_WITH_SPEC} WHERE j.id = ? AND j.deleted_at IS NULL`)
    this.#open = db.tuples(
      'SELECT count(*), count(*) - count(ready_at) FROM runs WHERE job_no = ? AND finished_at IS NULL',
    )
  }

  change(id: string, decide: Decide, options: Options): JobChangeReport | null {
    return this.#db.write<JobChangeReport | null>((abandon) => {
      const row = this.#byId.get(id)
      if (row === undefined) return null
      const [open, queued] = this.#open.get(row[0])!
      const job = this.#reader.job(row)
      const change = decide({ job, open, queued }, options.now)
      if (change.job !== null && this.#isTaken(row[0], job, change.job)) {
        return abandon({ job, runs: [], ended: [], replaced: [], nameTaken: true })
      }
      this.#marks.write(options.once)
      return this.#carryOut(owner(row, job), job, change, options)
    })
  }

  #carryOut(before: Owner, old: Job, change: JobChange, { now, by }: Options): JobChangeReport {
    const { plan, job } = change
    const { no } = before
    const ledgered = emptyLedgered()
    if (plan !== null) this.#plans.write(before, plan, now, null, ledgered)
    const ended = change.endPending === undefined ? [] : this.#endPending(no, change.endPending, now)
    if (job === null) this.#jobs.delete(no, plan ?? old, now)
    else if (job !== old) this.#jobs.update(no, old, job, by, now)
    const after = job === null ? before : { ...before, version: job.version, spec: job.spec }
    const { runs = [], replaceOpen = false } = change
    this.#plans.writeRuns(after, { runs, replaceOpen }, now, null, ledgered)
    this.#finisher.release([no], now)
    return { job, runs: asTheyAre(ledgered.runs, ended), ended, replaced: ledgered.replaced }
  }

  #endPending(jobNo: number, as: NonNullable<JobChange['endPending']>, now: number): FinalRun[] {
    const message = as.reason === 'job_deleted' ? DELETED : null
    return this.#plans
      .pending(jobNo)
      .map((run) => this.#finisher.finishRow(run, as.status, as.reason, message ?? run.message, now))
  }

  #isTaken(no: number, old: Job, job: Job): boolean {
    if (job.spec.name === old.spec.name && job.projectId === old.projectId) return false
    const holder = this.#jobs.holderOf(job.projectId, job.spec.name)
    return holder !== null && holder !== no
  }
}

function owner([no, id, projectNo, version]: JobRow, job: Job): Owner {
  return { no, id, projectNo, projectId: job.projectId, version, spec: job.spec }
}

/** A run that was written and ended by the same change is reported as what it is now. */
function asTheyAre(runs: readonly Run[], ended: readonly FinalRun[]): Run[] {
  const final = new Map(ended.map((run) => [run.id, run]))
  return runs.map((run) => final.get(run.id) ?? run)
}
