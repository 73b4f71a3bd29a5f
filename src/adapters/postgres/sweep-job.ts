// Forgets what one job's keep rule no longer asks for, and says when there may be more. Runs that are not final
// and runs with a pending effect stay whatever the rule says.

import type { JobStatus } from '../../domain/job.ts'
import type { KeepSpec } from '../../domain/policy.ts'
import type { Transaction } from './database.ts'
import type { SpecOf } from './specs.ts'
import { sql } from './sql.ts'

export type SweptJob = {
  readonly jobNo: number
  readonly version: number
  readonly status: JobStatus
  readonly plannedThrough: number
  readonly updatedAt: number
  readonly deletedAt: number | null
  readonly projectKeep: string
}

export const SWEPT_COLUMNS = `j.no AS "jobNo", j.version, j.status, j.planned_through AS "plannedThrough",
  j.updated_at AS "updatedAt", j.deleted_at AS "deletedAt", p.keep AS "projectKeep"`

/** What a sweep has removed and may still remove. */
export type Tally = { runs: number; gaps: number; effects: number; jobs: number; left: number }

type Row = {
  readonly no: number
  readonly id: string
  readonly dueAt: number
  readonly finishedAt: number | null
  readonly effectNo: number | null
  readonly effectStatus: string | null
}
type Rule = { readonly days: number | null; readonly last: number | null; readonly gapDays: number }

const DAY_MS = 86_400_000
/** How often to look again where the number of runs decides, or a callback is still on its way. */
const LOOK_AGAIN_MS = 60_000

const COLUMNS = `r.no, r.id, r.due_at AS "dueAt", r.finished_at AS "finishedAt", e.no AS "effectNo",
  e.status AS "effectStatus"`
const WITH_EFFECT = 'LEFT JOIN effects e ON e.run_id = r.id AND r.has_callback'
const BEFORE = sql<Row>(
  `SELECT ${COLUMNS} FROM runs r ${WITH_EFFECT} WHERE r.job_no = $1 AND r.due_at <= $2 ORDER BY r.due_at LIMIT $3`,
)
const FIRST_DUE_AFTER = sql<{ dueAt: number }>(
  'SELECT due_at AS "dueAt" FROM runs WHERE job_no = $1 AND due_at > $2 ORDER BY due_at LIMIT 1',
)
/** Final ones beyond the newest of their status. */
const BEYOND = sql<Row>(
  `SELECT ${COLUMNS} FROM (
     SELECT *, row_number() OVER (PARTITION BY status ORDER BY due_at DESC, no DESC) AS place FROM runs
     WHERE job_no = $1 AND finished_at IS NOT NULL) r ${WITH_EFFECT}
   WHERE r.place > $2 ORDER BY r.due_at, r.no LIMIT $3`,
)
const DELETE_DELIVERIES = sql('DELETE FROM deliveries WHERE effect_no = ANY($1::bigint[])')
const DELETE_EFFECTS = sql('DELETE FROM effects WHERE no = ANY($1::bigint[])')
const DELETE_ATTEMPTS = sql(
  `DELETE FROM attempts a USING unnest($1::bigint[], $2::bigint[]) AS w (no, due_at)
   WHERE a.run_no = w.no AND a.due_at = w.due_at`,
)
const DELETE_PARTS = sql('DELETE FROM parts WHERE run_no = ANY($1::bigint[])')
const DELETE_LATE = sql('DELETE FROM late_reports WHERE run_no = ANY($1::bigint[])')
/** What their blobs are called is written down until these are deleted too. */
const DELETE_LOGS = sql(
  `WITH gone AS (DELETE FROM logs WHERE run_id = ANY($1::text[]) RETURNING run_id)
   INSERT INTO discarded (prefix) SELECT DISTINCT 'logs/' || run_id || '/' FROM gone`,
)
const DELETE_RUNS = sql(
  `DELETE FROM runs r USING unnest($1::text[], $2::bigint[]) AS w (id, due_at)
   WHERE r.id = w.id AND r.due_at + 0 = w.due_at`,
)
const DELETE_GAPS = sql(
  `DELETE FROM gaps WHERE no = ANY (ARRAY(
     SELECT no FROM gaps WHERE job_no = $1 AND from_at <= $2 AND to_at <= $2 ORDER BY from_at LIMIT $3))`,
)
const OLDEST_GAP = sql<{ to: number }>(
  'SELECT to_at AS "to" FROM gaps WHERE job_no = $1 ORDER BY from_at LIMIT 1',
)
const ANY_RUN = sql<{ one: number }>('SELECT 1 AS one FROM runs WHERE job_no = $1 LIMIT 1')
const DELETE_VERSIONS = sql('DELETE FROM job_versions WHERE job_no = $1')
const DELETE_JOB = sql('DELETE FROM jobs WHERE no = $1')

/** When to come back; null: `tally.left` ran out, or the job itself is gone. */
export async function sweepJob(
  tx: Transaction,
  job: SweptJob,
  specOf: SpecOf,
  defaultDays: number,
  tally: Tally,
): Promise<number | null> {
  const rule = ruleOf(job, specOf, defaultDays)
  const { jobNo } = job
  let next = Number.POSITIVE_INFINITY
  if (rule.days !== null) next = Math.min(next, await byAge(tx, jobNo, rule.days, tally))
  if (rule.last !== null) next = Math.min(next, await byCount(tx, jobNo, rule.last, tally))
  next = Math.min(next, await sweepGaps(tx, jobNo, rule.gapDays, tally))
  if (tally.left <= 0) return null
  if (await isSpent(tx, job, tx.now - rule.gapDays * DAY_MS)) {
    await tx.run(DELETE_VERSIONS, jobNo)
    await tx.run(DELETE_JOB, jobNo)
    tally.jobs += 1
    tally.left -= 1
    return null
  }
  return Math.min(next, tx.now + Math.max(rule.gapDays * DAY_MS, LOOK_AGAIN_MS))
}

/** The job's own rule, else its project's, else the default. */
function ruleOf(job: SweptJob, specOf: SpecOf, defaultDays: number): Rule {
  const own = specOf(job).policy.keep
  const { days, last } = saysSomething(own) ? own : (JSON.parse(job.projectKeep) as KeepSpec)
  // By number alone the last runs of a deleted job would stay for ever.
  const byDays = days ?? (last === undefined || job.deletedAt !== null ? defaultDays : null)
  return { days: byDays, last: last ?? null, gapDays: byDays ?? defaultDays }
}

/** No run ends before it is due, so those due later than the cut need no look. */
async function byAge(tx: Transaction, jobNo: number, days: number, tally: Tally): Promise<number> {
  const cut = tx.now - days * DAY_MS
  let next = Number.POSITIVE_INFINITY
  const old: Row[] = []
  for (const row of await tx.all(BEFORE, jobNo, Math.floor(cut), tally.left)) {
    if (row.finishedAt !== null && row.finishedAt <= cut) old.push(row)
    // What is still open, or ended late, keeps others from being seen in a bounded look: come back soon.
    else
      next = Math.min(next, row.finishedAt === null ? tx.now + LOOK_AGAIN_MS : row.finishedAt + days * DAY_MS)
  }
  if (!(await forgetAll(tx, old, tally))) next = Math.min(next, tx.now + LOOK_AGAIN_MS)
  const first = await tx.get(FIRST_DUE_AFTER, jobNo, Math.floor(cut))
  return first === undefined ? next : Math.min(next, first.dueAt + days * DAY_MS)
}

async function byCount(tx: Transaction, jobNo: number, last: number, tally: Tally): Promise<number> {
  if (tally.left > 0) await forgetAll(tx, await tx.all(BEYOND, jobNo, last, tally.left), tally)
  return tx.now + LOOK_AGAIN_MS
}

async function sweepGaps(tx: Transaction, jobNo: number, days: number, tally: Tally): Promise<number> {
  if (tally.left <= 0) return tx.now
  const removed = await tx.run(DELETE_GAPS, jobNo, Math.floor(tx.now - days * DAY_MS), tally.left)
  tally.gaps += removed
  tally.left -= removed
  const oldest = await tx.get(OLDEST_GAP, jobNo)
  return oldest === undefined ? Number.POSITIVE_INFINITY : oldest.to + days * DAY_MS
}

/** false: a pending effect kept at least one of them. */
async function forgetAll(tx: Transaction, rows: readonly Row[], tally: Tally): Promise<boolean> {
  const gone = rows.filter(({ effectStatus }) => effectStatus !== 'pending')
  if (gone.length > 0) {
    const effects = gone.map(({ effectNo }) => effectNo).filter((no) => no !== null)
    if (effects.length > 0) {
      await tx.run(DELETE_DELIVERIES, effects)
      await tx.run(DELETE_EFFECTS, effects)
    }
    const dues = gone.map(({ dueAt }) => dueAt)
    await tx.run(
      DELETE_ATTEMPTS,
      gone.map(({ no }) => no),
      dues,
    )
    await tx.run(
      DELETE_LATE,
      gone.map(({ no }) => no),
    )
    await tx.run(
      DELETE_PARTS,
      gone.map(({ no }) => no),
    )
    const ids = gone.map(({ id }) => id)
    await tx.run(DELETE_RUNS, ids, dues)
    await tx.run(DELETE_LOGS, ids)
    tally.runs += gone.length
    tally.effects += effects.length
    tally.left -= gone.length
  }
  return gone.length === rows.length
}

async function isSpent(
  tx: Transaction,
  { jobNo, status, plannedThrough, updatedAt, deletedAt }: SweptJob,
  cut: number,
): Promise<boolean> {
  const over = deletedAt !== null || (status === 'finished' && Math.max(plannedThrough, updatedAt) <= cut)
  if (!over || (await tx.get(ANY_RUN, jobNo)) !== undefined) return false
  return (await tx.get(OLDEST_GAP, jobNo)) === undefined
}

function saysSomething(keep: KeepSpec | undefined): keep is KeepSpec {
  return keep?.days !== undefined || keep?.last !== undefined
}
