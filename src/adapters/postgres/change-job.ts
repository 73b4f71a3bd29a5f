// Every change of a job is one transaction: the ledger is completed under the old definition, what is to end ends,
// then the job becomes what it is to be and its new runs are written.

import type { Job } from '../../domain/job.ts'
import type { FinalRun, Run } from '../../domain/run.ts'
import type { DueJob, JobChange, JobChangeReport, JobStore } from '../../ports/store.ts'
import type { Database, Transaction } from './database.ts'
import { violates } from './failure.ts'
import type { Finisher } from './finish.ts'
import { JOB_COLUMNS, JOBS_WITH_PROJECT, type JobReader, type JobRow } from './job-rows.ts'
import type { JobWriter } from './job-writer.ts'
import type { OnceMarks } from './once.ts'
import { OPEN_COUNTS } from './plan.ts'
import { sql } from './sql.ts'
import { emptyLedgered, needsOpen, type PlanWriter } from './write-plan.ts'
import type { Owner } from './write-run.ts'

type Decide = (due: DueJob, now: number) => JobChange
type Options = Parameters<JobStore['change']>[2]

const DELETED = 'the job was deleted'

const BY_ID = sql<JobRow>(
  `SELECT ${JOB_COLUMNS} ${JOBS_WITH_PROJECT} WHERE j.id = $1 AND j.deleted_at IS NULL FOR NO KEY UPDATE OF j`,
)

export class JobChanger {
  readonly #db: Database
  readonly #reader: JobReader
  readonly #jobs: JobWriter
  readonly #plans: PlanWriter
  readonly #finisher: Finisher
  readonly #marks: OnceMarks

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
  }

  async change(id: string, decide: Decide, options: Options): Promise<JobChangeReport | null> {
    let before: Job | null = null
    try {
      return await this.#db.write<JobChangeReport | null>(options.now, async (tx, abandon) => {
        const row = await tx.get(BY_ID, id)
        if (row === undefined) return null
        // Of two changes the one that waited is the later one.
        await tx.lookAtClock()
        const job = await this.#reader.job(tx, row)
        before = job
        const [count] = await tx.all(OPEN_COUNTS, [row.jobNo])
        const { open, queued } = count ?? { open: 0, queued: 0 }
        const change = decide({ job, open, queued }, tx.now)
        if (change.job !== null && (await this.#isTaken(tx, row.jobNo, job, change.job)))
          return abandon(nameTaken(job))
        await this.#marks.write(tx, options.once)
        return this.#carryOut(tx, owner(row, job), job, change, options.by)
      })
    } catch (error) {
      // Taken by another node between the look and the write.
      if (before !== null && violates(error, 'jobs_name')) return nameTaken(before)
      throw error
    }
  }

  async #carryOut(
    tx: Transaction,
    before: Owner,
    old: Job,
    change: JobChange,
    by: string,
  ): Promise<JobChangeReport> {
    const { plan, job } = change
    const { no } = before
    const ledgered = emptyLedgered()
    // Before anything is written that waits behind it, so that nothing of it ends unseen.
    const open = touchesOpen(change) ? await this.#plans.lockOpen(tx, [no]) : []
    if (plan !== null) await this.#plans.write(tx, [{ owner: before, plan }], open, null, ledgered)
    const ended = change.endPending === undefined ? [] : await this.#endPending(tx, no, change.endPending)
    if (job === null) await this.#jobs.delete(tx, no, plan ?? old)
    else if (job !== old) await this.#jobs.update(tx, no, old, job, by)
    const after = job === null ? before : { ...before, version: job.version, spec: job.spec }
    const { runs = [], replaceOpen = false } = change
    const replaceable = replaceOpen ? await this.#plans.lockOpen(tx, [no]) : []
    await this.#plans.writeRuns(
      tx,
      [{ owner: after, plan: { runs, replaceOpen } }],
      replaceable,
      null,
      ledgered,
    )
    await this.#finisher.release(tx, [no])
    return { job, runs: asTheyAre(ledgered.runs, ended), ended, replaced: ledgered.replaced }
  }

  async #endPending(
    tx: Transaction,
    jobNo: number,
    { status, reason }: NonNullable<JobChange['endPending']>,
  ): Promise<FinalRun[]> {
    const pending = (await this.#plans.lockOpen(tx, [jobNo])).filter((run) => run.status === 'pending')
    const message = reason === 'job_deleted' ? DELETED : null
    return this.#finisher.finishRows(
      tx,
      pending.map((run) => ({ run, status, reason, message: message ?? run.message })),
    )
  }

  async #isTaken(tx: Transaction, no: number, old: Job, job: Job): Promise<boolean> {
    if (job.spec.name === old.spec.name && job.projectId === old.projectId) return false
    const holder = await this.#jobs.holderOf(tx, job.projectId, job.spec.name)
    return holder !== null && holder !== no
  }
}

function touchesOpen({ plan, runs = [], replaceOpen, endPending }: JobChange): boolean {
  if (replaceOpen === true || endPending !== undefined || (plan !== null && needsOpen(plan))) return true
  return runs.some(({ state }) => state.status === 'pending' && state.readyAt === null)
}

function nameTaken(job: Job): JobChangeReport {
  return { job, runs: [], ended: [], replaced: [], nameTaken: true }
}

function owner({ jobNo: no, id, projectNo, projectId, version }: JobRow, { spec }: Job): Owner {
  return { no, id, projectNo, projectId, version, spec }
}

/** A run that was written and ended by the same change is reported as what it is now. */
function asTheyAre(runs: readonly Run[], ended: readonly FinalRun[]): Run[] {
  const final = new Map(ended.map((run) => [run.id, run]))
  return runs.map((run) => final.get(run.id) ?? run)
}
