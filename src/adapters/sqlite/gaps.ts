// Gaps: entries that stand for many due instants. One that goes on where the newest ends, for the same reason,
// makes that one longer.

import type { Gap } from '../../domain/gap.ts'
import type { PlannedGap } from '../../domain/planned.ts'
import type { Chance } from '../../ports/chance.ts'
import type { Command, Database, Query } from './database.ts'

type GapRow = Omit<Gap, 'jobId'> & { readonly no: number }

const COLUMNS = `no, id, version AS jobVersion, from_at AS "from", to_at AS "to", count, status, reason,
  created_at AS createdAt`

export class Gaps {
  readonly #chance: Chance
  readonly #newest: Query<GapRow>
  readonly #runBetween: Query<readonly [number]>
  readonly #lengthen: Command
  readonly #insert: Command
  readonly #covering: Query<GapRow>
  readonly #within: Query<GapRow>

  constructor(db: Database, chance: Chance) {
    this.#chance = chance
    this.#newest = db.query(`SELECT ${COLUMNS} FROM gaps WHERE job_no = ? ORDER BY from_at DESC LIMIT 1`)
    this.#runBetween = db.tuples(
      "SELECT 1 FROM runs WHERE job_no = ? AND due_at > ? AND due_at < ? AND trigger = 'schedule' LIMIT 1",
    )
    this.#lengthen = db.command('UPDATE gaps SET to_at = ?, count = count + ? WHERE no = ?')
    this.#insert = db.command(
      `INSERT INTO gaps (id, job_no, version, from_at, to_at, count, status, reason, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    this.#covering = db.query(
      `SELECT * FROM (SELECT ${COLUMNS} FROM gaps WHERE job_no = ?1 AND from_at <= ?2 ORDER BY from_at DESC LIMIT 1)
       WHERE "to" >= ?2`,
    )
    // The one that began before the stretch may reach into it; gaps of a job do not overlap, so it is the only one.
    this.#within = db.query(
      `SELECT ${COLUMNS} FROM gaps
       WHERE job_no = ?1 AND to_at >= ?2 AND from_at < ?3
         AND from_at >= ifnull((SELECT max(from_at) FROM gaps WHERE job_no = ?1 AND from_at <= ?2), ?2)
       ORDER BY from_at LIMIT ?4`,
    )
  }

  write(job: { readonly no: number; readonly version: number }, gap: PlannedGap, now: number): void {
    const newest = this.#newest.get(job.no)
    if (newest !== undefined && this.#goesOn(job, newest, gap)) {
      this.#lengthen.run(gap.to, gap.count, newest.no)
      return
    }
    const { from, to, count, status, reason } = gap
    this.#insert.run(this.#chance.id('gap'), job.no, job.version, from, to, count, status, reason, now)
  }

  covering(jobNo: number, jobId: string, instant: number): Gap | null {
    const row = this.#covering.get(jobNo, instant)
    return row === undefined ? null : toGap(row, jobId)
  }

  within(jobNo: number, jobId: string, from: number, to: number, limit: number): Gap[] {
    return this.#within.all(jobNo, from, to, limit).map((row) => toGap(row, jobId))
  }

  #goesOn(job: { readonly no: number; readonly version: number }, newest: GapRow, gap: PlannedGap): boolean {
    return (
      newest.jobVersion === job.version &&
      newest.status === gap.status &&
      newest.reason === gap.reason &&
      newest.to < gap.from &&
      this.#runBetween.get(job.no, newest.to, gap.from) === undefined
    )
  }
}

function toGap({ no: _, ...row }: GapRow, jobId: string): Gap {
  return { ...row, jobId }
}
