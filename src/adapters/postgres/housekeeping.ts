// Keeps the store small and says how it is. Each job carries the time before which nothing of it can be due to be
// forgotten, so that a sweep looks only where there may be something, and a bounded number of times. One node sweeps at
// a time.

import type { Discarded, Housekeeping as HousekeepingPort, SweepReport } from '../../ports/store.ts'
import type { Database } from './database.ts'
import type { Partitions } from './partitions.ts'
import type { Specs } from './specs.ts'
import { sql } from './sql.ts'
import { SWEPT_COLUMNS, type SweptJob, sweepJob, type Tally } from './sweep-job.ts'

const ONCE_KEPT_MS = 24 * 3_600_000
const JOBS_PER_SWEEP_MAX = 200
/** Jobs told to look again in one sweep after the default has changed. */
const HEED_MAX = 5_000

type Stats = Awaited<ReturnType<HousekeepingPort['stats']>>
type Settings = {
  readonly fsync: string
  readonly fullPageWrites: string
  readonly synchronousCommit: string
  readonly standbys: string
}
type Request = Parameters<HousekeepingPort['forget']>[0]

const SWEEP_SPACE = 0x63_61_73
const TRY_LOCK = sql<{ got: boolean }>(`SELECT pg_try_advisory_xact_lock(${SWEEP_SPACE}, 0) AS got`)
const KEEP_SECRET = sql('INSERT INTO server_secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING')
const REWRITE_SECRET = sql('UPDATE server_secrets SET value = $1 WHERE name = $2 AND value = $3')
const SECRETS = sql<{ name: string; value: string }>('SELECT name, value FROM server_secrets ORDER BY name')
const SECRET = sql<{ value: string }>('SELECT value FROM server_secrets WHERE name = $1')
const PROBE = sql('UPDATE upkeep SET probes = probes + 1')
const SETTINGS = sql<Settings>(
  `SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS "fullPageWrites",
     current_setting('synchronous_commit') AS "synchronousCommit",
     current_setting('synchronous_standby_names') AS standbys`,
)
const DEFAULT_DAYS = sql<{ days: number | null }>('SELECT default_days AS days FROM upkeep')
const SET_DEFAULT_DAYS = sql('UPDATE upkeep SET default_days = $1')
const SWEEP_MORE = sql(
  `UPDATE jobs j SET sweep_at = $1 FROM (SELECT no FROM jobs WHERE sweep_at > $1 ORDER BY sweep_at DESC LIMIT $2
     FOR NO KEY UPDATE) AS later WHERE j.no = later.no`,
)
const FORGET_ONCE = sql(
  `DELETE FROM once o USING (SELECT scope, key FROM once WHERE at <= $1 ORDER BY at LIMIT $2) AS old
   WHERE o.scope = old.scope AND o.key = old.key`,
)
const DUE = sql<SweptJob>(
  `SELECT ${SWEPT_COLUMNS} FROM jobs j JOIN projects p ON p.no = j.project_no
   WHERE j.sweep_at <= $1 ORDER BY j.sweep_at LIMIT $2`,
)
const SWEEP_AT = sql(
  `UPDATE jobs j SET sweep_at = s.at FROM unnest($1::bigint[], $2::bigint[]) AS s (no, at) WHERE j.no = s.no`,
)
// Each count is read off an index; active is what is left, without a look at the many.
const JOBS = sql<{ all: number; paused: number; finished: number }>(
  `SELECT (SELECT count(*) FROM jobs) - (SELECT count(*) FROM jobs WHERE deleted_at IS NOT NULL) AS "all",
     (SELECT count(*) FROM jobs WHERE status = 'paused' AND deleted_at IS NULL) AS paused,
     (SELECT count(*) FROM jobs WHERE status = 'finished' AND deleted_at IS NULL) AS finished`,
)
const OPEN_RUNS = sql<{ count: number }>('SELECT count(*) AS count FROM runs WHERE finished_at IS NULL')
const PENDING_EFFECTS = sql<{ count: number }>(
  'SELECT count(*) AS count FROM effects WHERE next_try_at IS NOT NULL',
)

const DISCARDED = sql<Discarded>('SELECT no, prefix FROM discarded ORDER BY no LIMIT $1')
const CLEAR = sql('DELETE FROM discarded WHERE no = ANY($1::bigint[])')

export class Housekeeping implements HousekeepingPort {
  readonly #db: Database
  readonly #leases: Database
  readonly #partitions: Partitions
  readonly #specs: Specs

  constructor(db: Database, leases: Database, specs: Specs, partitions: Partitions) {
    this.#db = db
    this.#partitions = partitions
    this.#leases = leases
    this.#specs = specs
  }

  async forget({ now, limit, retention }: Request): Promise<SweepReport> {
    // On its own, as it keeps everyone from the ledger for as long as it lasts.
    await this.#partitions.keepUp(this.#db, now)
    // So are these: the planner passes over jobs that are locked.
    const heeded = await this.#heedDefault(now, retention.defaultDays)
    return this.#db.write<SweepReport>(now, async (tx) => {
      const tally: Tally = { runs: 0, gaps: 0, effects: 0, jobs: 0, left: limit }
      if ((await tx.get(TRY_LOCK))?.got !== true) return report(tally, false)
      const marks = await tx.run(FORGET_ONCE, tx.now - ONCE_KEPT_MS, limit)
      const jobs = await tx.all(DUE, tx.now, JOBS_PER_SWEEP_MAX)
      const specOf = await this.#specs.of(tx, jobs)
      const later: [no: number, at: number][] = []
      for (const job of jobs) {
        if (tally.left <= 0) break
        const next = await sweepJob(tx, job, specOf, retention.defaultDays, tally)
        if (next !== null) later.push([job.jobNo, Math.max(Math.ceil(next), tx.now + 1)])
      }
      // Last, since it locks rows that the planner wants.
      later.sort((a, b) => a[0] - b[0])
      await tx.run(
        SWEEP_AT,
        later.map(([no]) => no),
        later.map(([, at]) => at),
      )
      if (tally.runs > 0) this.#partitions.stir()
      return report(
        tally,
        !heeded || tally.left <= 0 || marks === limit || jobs.length === JOBS_PER_SWEEP_MAX,
      )
    })
  }

  /** A new default may reach back: every job is looked at once, a bounded number with each sweep. false: there are more. */
  #heedDefault(now: number, days: number): Promise<boolean> {
    return this.#db.write(now, async (tx) => {
      const before = (await tx.get(DEFAULT_DAYS))!.days
      if (before === days || (await tx.get(TRY_LOCK))?.got !== true) return true
      if (before !== null && (await tx.run(SWEEP_MORE, tx.now, HEED_MAX)) === HEED_MAX) return false
      await tx.run(SET_DEFAULT_DAYS, days)
      return true
    })
  }

  /** On the connections of the leases, which have less patience. */
  ping(): Promise<string> {
    return this.#leases.write(0, async (tx) => {
      await tx.run(PROBE)
      return durability((await tx.get(SETTINGS))!)
    })
  }

  secret(name: string, value: string): Promise<string> {
    return this.#db.write(0, async (tx) => {
      await tx.run(KEEP_SECRET, name, value)
      return (await tx.get(SECRET, name))!.value
    })
  }

  secrets(): Promise<{ name: string; value: string }[]> {
    return this.#db.read((reader) => reader.all(SECRETS))
  }

  rewriteSecret(name: string, before: string, after: string): Promise<boolean> {
    return this.#db.write(0, async (tx) => (await tx.run(REWRITE_SECRET, after, name, before)) === 1)
  }

  discarded(limit: number): Promise<Discarded[]> {
    return this.#db.read((reader) => reader.all(DISCARDED, limit))
  }

  async cleared(nos: readonly number[]): Promise<void> {
    await this.#db.write(0, (tx) => tx.run(CLEAR, nos))
  }

  stats(): Promise<Stats> {
    return this.#db.read(async (reader) => {
      const { all, paused, finished } = (await reader.get(JOBS))!
      return {
        jobs: { active: all - paused - finished, paused, finished },
        openRuns: (await reader.get(OPEN_RUNS))!.count,
        pendingEffects: (await reader.get(PENDING_EFFECTS))!.count,
      }
    })
  }
}

function durability({ fsync, fullPageWrites, synchronousCommit, standbys }: Settings): string {
  if (fsync !== 'on')
    return 'NOT durable: fsync is off, a power cut of the database loses what was acknowledged'
  if (fullPageWrites !== 'on')
    return 'NOT durable: full_page_writes is off, a power cut can damage the database'
  if (standbys === '') return 'writes are durable on the primary; no synchronous standby is configured'
  if (synchronousCommit === 'remote_write')
    return 'writes are durable on the primary, and written by its standby'
  return 'writes are durable on the primary and its synchronous standby'
}

function report({ left: _, ...forgotten }: Tally, more: boolean): SweepReport {
  return { ...forgotten, more }
}
