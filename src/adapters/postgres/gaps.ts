// Gaps: entries that stand for many due instants. One that goes on where the newest ends, for the same reason,
// makes that one longer.

import type { Gap } from '../../domain/gap.ts'
import type { PlannedGap } from '../../domain/planned.ts'
import type { Chance } from '../../ports/chance.ts'
import type { Reader, Transaction } from './database.ts'
import { sql } from './sql.ts'

type GapRow = Omit<Gap, 'jobId'> & { readonly no: number }
type Owner = { readonly no: number; readonly version: number }

const COLUMNS = `no, id, version AS "jobVersion", from_at AS "from", to_at AS "to", count, status, reason,
  created_at AS "createdAt"`

const NEWEST = sql<GapRow>(`SELECT ${COLUMNS} FROM gaps WHERE job_no = $1 ORDER BY from_at DESC LIMIT 1`)
const RUN_BETWEEN = sql<{ one: number }>(
  `SELECT 1 AS one FROM runs WHERE job_no = $1 AND due_at > $2 AND due_at < $3 AND trigger = 'schedule' LIMIT 1`,
)
const LENGTHEN = sql('UPDATE gaps SET to_at = $1, count = count + $2 WHERE no = $3')
const INSERT = sql(
  `INSERT INTO gaps (id, job_no, version, from_at, to_at, count, status, reason, created_at)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
)
const COVERING = sql<GapRow>(
  `SELECT * FROM (SELECT ${COLUMNS} FROM gaps WHERE job_no = $1 AND from_at <= $2 ORDER BY from_at DESC LIMIT 1) g
   WHERE "to" >= $2`,
)
// The one that began before the stretch may reach into it; gaps of a job do not overlap, so it is the only one.
const WITHIN = sql<GapRow>(
  `SELECT ${COLUMNS} FROM gaps
   WHERE job_no = $1 AND to_at >= $2 AND from_at < $3
     AND from_at >= coalesce((SELECT max(from_at) FROM gaps WHERE job_no = $1 AND from_at <= $2), $2)
   ORDER BY from_at LIMIT $4`,
)

export class Gaps {
  readonly #chance: Chance

  constructor(chance: Chance) {
    this.#chance = chance
  }

  async write(tx: Transaction, job: Owner, gap: PlannedGap): Promise<void> {
    const newest = await tx.get(NEWEST, job.no)
    const { from, to, count, status, reason } = gap
    if (newest !== undefined && (await goesOn(tx, job, newest, gap))) {
      await tx.run(LENGTHEN, to, count, newest.no)
      return
    }
    await tx.run(INSERT, this.#chance.id('gap'), job.no, job.version, from, to, count, status, reason, tx.now)
  }

  async covering(reader: Reader, jobNo: number, jobId: string, instant: number): Promise<Gap | null> {
    const row = await reader.get(COVERING, jobNo, instant)
    return row === undefined ? null : toGap(row, jobId)
  }

  async within(
    reader: Reader,
    job: { readonly no: number; readonly id: string },
    from: number,
    to: number,
    limit: number,
  ): Promise<Gap[]> {
    return (await reader.all(WITHIN, job.no, from, to, limit)).map((row) => toGap(row, job.id))
  }
}

async function goesOn(reader: Reader, job: Owner, newest: GapRow, gap: PlannedGap): Promise<boolean> {
  return (
    newest.jobVersion === job.version &&
    newest.status === gap.status &&
    newest.reason === gap.reason &&
    newest.to < gap.from &&
    (await reader.get(RUN_BETWEEN, job.no, newest.to, gap.from)) === undefined
  )
}

function toGap({ no: _, ...row }: GapRow, jobId: string): Gap {
  return { ...row, jobId }
}
