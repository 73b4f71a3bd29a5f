// Keeps the store small and says how it is. Each job carries the time before which nothing of it can be due to be
// forgotten, so that a sweep looks only where there may be something, and a bounded number of times.

import type { Discarded, Housekeeping as HousekeepingPort, SweepReport } from '../../ports/store.ts'
import type { Command, Database, Query } from './database.ts'
import { type JobSweeper, SWEPT_COLUMNS, type SweptJob, type Tally } from './sweep-job.ts'

const ONCE_KEPT_MS = 24 * 3_600_000
const JOBS_PER_SWEEP_MAX = 1_000

type Stats = Awaited<ReturnType<HousekeepingPort['stats']>>
type Request = Parameters<HousekeepingPort['forget']>[0]

export class Housekeeping implements HousekeepingPort {
  readonly #db: Database
  readonly #sweeper: JobSweeper
  readonly #probe: Command
  readonly #keepSecret: Command
  readonly #secret: Query<readonly [string]>
  readonly #rewriteSecret: Command
  readonly #secrets: Query<{ name: string; value: string }>
  readonly #defaultDays: Query<readonly [number | null]>
  readonly #setDefaultDays: Command
  readonly #sweepAll: Command
  readonly #forgetOnce: Command
  readonly #due: Query<SweptJob>
  readonly #sweepAt: Command
  readonly #discarded: Query<Discarded>
  readonly #clear: Command
  readonly #jobs: Query<{ all: number; paused: number; finished: number }>
  readonly #openRuns: Query<readonly [number]>
  readonly #pendingEffects: Query<readonly [number]>

  constructor(db: Database, sweeper: JobSweeper) {
    this.#db = db
    this.#sweeper = sweeper
    this.#keepSecret = db.command(
      'INSERT INTO server_secrets (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING',
    )
    this.#secret = db.tuples('SELECT value FROM server_secrets WHERE name = ?')
    this.#secrets = db.query('SELECT name, value FROM server_secrets ORDER BY name')
    this.#rewriteSecret = db.command('UPDATE server_secrets SET value = ? WHERE name = ? AND value = ?')
    this.#probe = db.command('UPDATE upkeep SET probes = probes + 1')
    this.#defaultDays = db.tuples('SELECT default_days FROM upkeep')
    this.#setDefaultDays = db.command('UPDATE upkeep SET default_days = ?')
    this.#sweepAll = db.command('UPDATE jobs SET sweep_at = ?1 WHERE sweep_at > ?1')
    this.#forgetOnce = db.command(
      'DELETE FROM once WHERE (scope, key) IN (SELECT scope, key FROM once WHERE at <= ? ORDER BY at LIMIT ?)',
    )
    this.#due = db.tuples(
      `SELECT ${SWEPT_COLUMNS} FROM jobs j JOIN projects p ON p.no = j.project_no
       WHERE j.sweep_at <= ? ORDER BY j.sweep_at LIMIT ?`,
    )
    this.#sweepAt = db.command('UPDATE jobs SET sweep_at = ? WHERE no = ?')
    this.#discarded = db.query('SELECT no, prefix FROM discarded ORDER BY no LIMIT ?')
    this.#clear = db.command('DELETE FROM discarded WHERE no = ?')
    // Each count is read off an index; active is what is left, without a look at the many.
    this.#jobs = db.query(
      `SELECT (SELECT count(*) FROM jobs) - (SELECT count(*) FROM jobs WHERE deleted_at IS NOT NULL) AS "all",
         (SELECT count(*) FROM jobs WHERE status = 'paused' AND deleted_at IS NULL) AS paused,
         (SELECT count(*) FROM jobs WHERE status = 'finished' AND deleted_at IS NULL) AS finished`,
    )
    this.#openRuns = db.tuples('SELECT count(*) FROM runs WHERE finished_at IS NULL')
    this.#pendingEffects = db.tuples('SELECT count(*) FROM effects WHERE next_try_at IS NOT NULL')
  }

  async secret(name: string, value: string): Promise<string> {
    return this.#db.write(() => {
      this.#keepSecret.run(name, value)
      return this.#secret.get(name)![0]
    })
  }

  async secrets(): Promise<{ name: string; value: string }[]> {
    return this.#secrets.all()
  }

  async rewriteSecret(name: string, before: string, after: string): Promise<boolean> {
    return this.#db.write(() => this.#rewriteSecret.run(after, name, before).changes === 1)
  }

  async forget({ now, limit, retention }: Request): Promise<SweepReport> {
    return this.#db.write(() => {
      this.#heedDefault(retention.defaultDays, now)
      const tally: Tally = { runs: 0, gaps: 0, effects: 0, jobs: 0, left: limit }
      const marks = Number(this.#forgetOnce.run(now - ONCE_KEPT_MS, limit).changes)
      const jobs = this.#due.all(now, JOBS_PER_SWEEP_MAX)
      for (const job of jobs) {
        if (tally.left <= 0) break
        const next = this.#sweeper.sweep(job, now, retention.defaultDays, tally)
        if (next !== null) this.#sweepAt.run(Math.max(Math.ceil(next), now + 1), job[0])
      }
      const { left, ...forgotten } = tally
      return { ...forgotten, more: left <= 0 || marks === limit || jobs.length === JOBS_PER_SWEEP_MAX }
    })
  }

  async discarded(limit: number): Promise<Discarded[]> {
    return this.#db.read(() => this.#discarded.all(limit))
  }

  async cleared(nos: readonly number[]): Promise<void> {
    this.#db.write(() => {
      for (const no of nos) this.#clear.run(no)
    })
  }

  async ping(): Promise<string> {
    this.#db.write(() => this.#probe.run())
    return 'writes are durable'
  }

  async stats(): Promise<Stats> {
    return this.#db.read(() => {
      const { all, paused, finished } = this.#jobs.get()!
      return {
        jobs: { active: all - paused - finished, paused, finished },
        openRuns: this.#openRuns.get()![0],
        pendingEffects: this.#pendingEffects.get()![0],
      }
    })
  }

  /** A new default may reach back: every job is looked at once. */
  #heedDefault(days: number, now: number): void {
    const before = this.#defaultDays.get()![0]
    if (before === days) return
    this.#setDefaultDays.run(days)
    if (before !== null) this.#sweepAll.run(now)
  }
}
