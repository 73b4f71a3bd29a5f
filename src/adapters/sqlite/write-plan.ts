// Writes what a plan owes: what it replaces ends first, then its runs and gaps. The job's own row is the caller's.

import type { Plan, PlannedRun } from '../../domain/planned.ts'
import { turnedAway } from '../../domain/quotas.ts'
import type { FinalRun, Run } from '../../domain/run.ts'
import type { Work } from '../../ports/store.ts'
import type { Database, Query } from './database.ts'
import type { Finisher } from './finish.ts'
import type { Gaps } from './gaps.ts'
import { RUN_COLUMNS, RUNS_WITH_JOB, type RunRow } from './run-rows.ts'
import type { RunTurns } from './run-turns.ts'
import type { Leaser, Owner, RunWriter } from './write-run.ts'

/** What one transaction has written so far. */
export type Ledgered = {
  readonly runs: Run[]
  readonly leased: Work[]
  /** Ended by overlap `replace`. */
  readonly replaced: FinalRun[]
  /** Jobs (by number) whose queue may have to move up. */
  readonly touched: number[]
}

export function emptyLedgered(): Ledgered {
  return { runs: [], leased: [], replaced: [], touched: [] }
}

/** `replaceOpen`: what is open of the job ends, unless one of the runs was given no turn. */
export type OwedRuns = { readonly runs: readonly PlannedRun[]; readonly replaceOpen: boolean }

const REPLACED = 'replaced by a newer run'

export class PlanWriter {
  readonly #runs: RunWriter
  readonly #gaps: Gaps
  readonly #finisher: Finisher
  readonly #turns: RunTurns
  readonly #open: Query<RunRow>

  constructor(db: Database, runs: RunWriter, turns: RunTurns, gaps: Gaps, finisher: Finisher) {
    this.#runs = runs
    this.#gaps = gaps
    this.#finisher = finisher
    this.#turns = turns
    this.#open = db.query(
      `SELECT ${RUN_COLUMNS} ${RUNS_WITH_JOB} WHERE r.job_no = ? AND r.finished_at IS NULL ORDER BY r.no`,
    )
  }

  write(owner: Owner, plan: Plan, now: number, leaser: Leaser | null, into: Ledgered): void {
    this.writeRuns(owner, plan, now, leaser, into)
    // Whether a gap goes on depends on the runs in between.
    if (plan.gaps.length > 0) this.flush()
    for (const gap of plan.gaps) this.#gaps.write(owner, gap, now)
  }

  writeRuns(owner: Owner, owed: OwedRuns, now: number, leaser: Leaser | null, into: Ledgered): void {
    const { spec, projectNo } = owner
    const { replaceOpen: replaces } = owed
    const runs = owed.runs.map((planned) => this.#turns.give(projectNo, { planned, spec, replaces }, now))
    if (replaces && !turnedAway(owed.runs, runs)) this.#replaceOpen(owner.no, now, into)
    for (const planned of runs) {
      const written = this.#runs.write(owner, planned, now, leaser)
      if (written === null) continue
      into.runs.push(written.run)
      if (written.work !== null) into.leased.push(written.work)
      if (planned.state.status === 'pending' && planned.state.readyAt === null) into.touched.push(owner.no)
    }
  }

  flush(): void {
    this.#runs.flush()
  }

  #replaceOpen(jobNo: number, now: number, into: Ledgered): void {
    for (const row of this.#open.all(jobNo)) {
      if (row.status !== 'pending') into.replaced.push(this.#finisher.cutOff(row, REPLACED, now))
      // One that waits for a further attempt has rung before: it was not skipped.
      else if (row.attempts > 0)
        into.replaced.push(this.#finisher.finishRow(row, 'cancelled', null, REPLACED, now))
      else into.replaced.push(this.#finisher.finishRow(row, 'skipped', 'superseded', REPLACED, now))
    }
  }

  /** Pending runs of a job, oldest first. */
  pending(jobNo: number): RunRow[] {
    return this.#open.all(jobNo).filter(({ status }) => status === 'pending')
  }
}
