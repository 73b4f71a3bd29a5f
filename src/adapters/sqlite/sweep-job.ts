// Forgets what one job's keep rule no longer asks for, and says when there may be more. Runs that are not final
// and runs with a pending effect stay whatever the rule says.

import type { JobStatus } from '../../domain/job.ts'
import type { KeepSpec } from '../../domain/policy.ts'
import type { RunStatus } from '../../domain/run.ts'
import type { Command, Database, Query } from './database.ts'
import { rangeWithin } from './numbered.ts'
import type { Specs } from './specs.ts'

export type SweptJob = readonly [
  no: number,
  version: number,
  status: JobStatus,
  plannedThrough: number,
  updatedAt: number,
  deletedAt: number | null,
  projectKeep: string,
]

export const SWEPT_COLUMNS =
  'j.no, j.version, j.status, j.planned_through, j.updated_at, j.deleted_at, p.keep'

/** What a sweep has removed and may still remove. */
export type Tally = { runs: number; gaps: number; effects: number; jobs: number; left: number }

type Row = readonly [
  no: number,
  dueAt: number,
  status: RunStatus,
  finishedAt: number | null,
  hasCallback: number,
]
type Rule = { readonly days: number | null; readonly last: number | null; readonly gapDays: number }

const DAY_MS = 86_400_000
/** How often to look again where the number of runs decides, or a callback is still on its way. */
const LOOK_AGAIN_MS = 60_000

export class JobSweeper {
  readonly #specs: Specs
  readonly #before: Query<Row>
  readonly #firstDueAfter: Query<readonly [number]>
  readonly #newestFirst: Query<Row>
  readonly #effect: Query<readonly [no: number, status: string]>
  readonly #deleteDeliveries: Command
  readonly #deleteEffect: Command
  readonly #deleteAttempts: Command
  readonly #deleteLate: Command
  readonly #deleteRun: Command
  readonly #deleteGaps: Command
  readonly #oldestGap: Query<readonly [number]>
  readonly #anyRun: Query<readonly [number]>
  readonly #deleteVersions: Command
  readonly #deleteJob: Command

  constructor(db: Database, specs: Specs) {
    this.#specs = specs
    const select = 'SELECT no, due_at, status, finished_at, has_callback FROM runs WHERE job_no = ?'
    this.#before = db.tuples(`${select} AND due_at <= ? ORDER BY due_at`)
    this.#firstDueAfter = db.tuples(
      'SELECT due_at FROM runs WHERE job_no = ? AND due_at > ? ORDER BY due_at LIMIT 1',
    )
    this.#newestFirst = db.tuples(`${select} ORDER BY due_at DESC, no DESC`)
    this.#effect = db.tuples('SELECT no, status FROM effects WHERE run_no = ?')
    this.#deleteDeliveries = db.command('DELETE FROM deliveries WHERE no BETWEEN ? AND ?')
    this.#deleteEffect = db.command('DELETE FROM effects WHERE no = ?')
    this.#deleteAttempts = db.command('DELETE FROM attempts WHERE no BETWEEN ? AND ?')
    this.#deleteLate = db.command('DELETE FROM late_reports WHERE no BETWEEN ? AND ?')
    this.#deleteRun = db.command('DELETE FROM runs WHERE no = ?')
    this.#deleteGaps = db.command(
      `DELETE FROM gaps WHERE no IN
         (SELECT no FROM gaps WHERE job_no = ?1 AND from_at <= ?2 AND to_at <= ?2 ORDER BY from_at LIMIT ?3)`,
    )
    this.#oldestGap = db.tuples('SELECT to_at FROM gaps WHERE job_no = ? ORDER BY from_at LIMIT 1')
    this.#anyRun = db.tuples('SELECT 1 FROM runs WHERE job_no = ? LIMIT 1')
    this.#deleteVersions = db.command('DELETE FROM job_versions WHERE no BETWEEN ? AND ?')
    this.#deleteJob = db.command('DELETE FROM jobs WHERE no = ?')
  }

  /** When to come back; null: `tally.left` ran out, or the job itself is gone. */
  sweep(job: SweptJob, now: number, defaultDays: number, tally: Tally): number | null {
    const rule = this.#rule(job, defaultDays)
    let next = Number.POSITIVE_INFINITY
    if (rule.days !== null) next = Math.min(next, this.#byAge(job[0], rule.days, now, tally))
    if (rule.last !== null) next = Math.min(next, this.#byCount(job[0], rule.last, now, tally))
    next = Math.min(next, this.#gaps(job[0], rule.gapDays, now, tally))
    if (tally.left <= 0) return null
    if (this.#isSpent(job, now - rule.gapDays * DAY_MS)) {
      this.#deleteVersions.run(...rangeWithin(job[0]))
      this.#deleteJob.run(job[0])
      tally.jobs += 1
      tally.left -= 1
      return null
    }
    return Math.min(next, now + Math.max(rule.gapDays * DAY_MS, LOOK_AGAIN_MS))
  }

  /** The job's own rule, else its project's, else the default. */
  #rule([no, version, , , , deletedAt, projectKeep]: SweptJob, defaultDays: number): Rule {
    const own = this.#specs.of(no, version).policy.keep
    const { days, last } = saysSomething(own) ? own : (JSON.parse(projectKeep) as KeepSpec)
    // By number alone the last runs of a deleted job would stay for ever.
    const byDays = days ?? (last === undefined || deletedAt !== null ? defaultDays : null)
    return { days: byDays, last: last ?? null, gapDays: byDays ?? defaultDays }
  }

  /** No run ends before it is due, so those due later than the cut need no look. */
  #byAge(jobNo: number, days: number, now: number, tally: Tally): number {
    const cut = now - days * DAY_MS
    let next = Number.POSITIVE_INFINITY
    const old: Row[] = []
    for (const row of this.#before.iterate(jobNo, cut)) {
      if (row[3] !== null && row[3] <= cut) old.push(row)
      else if (row[3] !== null) next = Math.min(next, row[3] + days * DAY_MS)
      if (old.length >= tally.left) break
    }
    if (!this.#forgetAll(old, tally)) next = Math.min(next, now + LOOK_AGAIN_MS)
    const first = this.#firstDueAfter.get(jobNo, cut)
    return first === undefined ? next : Math.min(next, first[0] + days * DAY_MS)
  }

  #byCount(jobNo: number, last: number, now: number, tally: Tally): number {
    const seen = new Map<RunStatus, number>()
    const beyond: Row[] = []
    for (const row of this.#newestFirst.iterate(jobNo)) {
      if (row[3] === null) continue
      const count = (seen.get(row[2]) ?? 0) + 1
      seen.set(row[2], count)
      if (count > last) beyond.push(row)
      if (beyond.length >= tally.left) break
    }
    this.#forgetAll(beyond, tally)
    return now + LOOK_AGAIN_MS
  }

  #gaps(jobNo: number, days: number, now: number, tally: Tally): number {
    if (tally.left <= 0) return now
    const removed = Number(this.#deleteGaps.run(jobNo, now - days * DAY_MS, tally.left).changes)
    tally.gaps += removed
    tally.left -= removed
    const oldest = this.#oldestGap.get(jobNo)
    return oldest === undefined ? Number.POSITIVE_INFINITY : oldest[0] + days * DAY_MS
  }

  /** false: a pending effect kept at least one of them. */
  #forgetAll(rows: readonly Row[], tally: Tally): boolean {
    let all = true
    for (const [no, , , , hasCallback] of rows) {
      const effect = hasCallback === 1 ? this.#effect.get(no) : undefined
      if (effect?.[1] === 'pending') {
        all = false
        continue
      }
      if (effect !== undefined) this.#forgetEffect(effect[0], tally)
      this.#deleteAttempts.run(...rangeWithin(no))
      this.#deleteLate.run(...rangeWithin(no))
      this.#deleteRun.run(no)
      tally.runs += 1
      tally.left -= 1
    }
    return all
  }

  #forgetEffect(no: number, tally: Tally): void {
    this.#deleteDeliveries.run(...rangeWithin(no))
    this.#deleteEffect.run(no)
    tally.effects += 1
  }

  #isSpent([no, , status, plannedThrough, updatedAt, deletedAt]: SweptJob, cut: number): boolean {
    const over = deletedAt !== null || (status === 'finished' && Math.max(plannedThrough, updatedAt) <= cut)
    return over && this.#anyRun.get(no) === undefined && this.#oldestGap.get(no) === undefined
  }
}

function saysSomething(keep: KeepSpec | undefined): keep is KeepSpec {
  return keep?.days !== undefined || keep?.last !== undefined
}
