// Writes jobs and their versions.

import type { Job, JobSpec } from '../../domain/job.ts'
import type { Reader, Transaction } from './database.ts'
import { searchable } from './job-rows.ts'
import type { Specs } from './specs.ts'
import { columns, sql } from './sql.ts'

const DAY_MS = 86_400_000

type Added = { readonly no: number; readonly id: string }

const PROJECTS = sql<{ no: number; id: string; keep: string }>(
  'SELECT no, id, keep FROM projects WHERE id = ANY($1::text[]) FOR KEY SHARE',
)
const INSERT = sql<Added>(
  `INSERT INTO jobs (id, project_no, name, description, labels, version, status, pause, planned_through, next_due_at,
     runs_planned, created_at, updated_at, sweep_at)
   SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[],
     $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[])
   ON CONFLICT (project_no, name) WHERE deleted_at IS NULL DO NOTHING RETURNING no, id`,
)
const INSERT_VERSIONS = sql(
  `INSERT INTO job_versions (job_no, version, spec, created_at, created_by)
   SELECT v.*, $5 FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::bigint[]) AS v`,
)
const UPDATE = sql(
  `UPDATE jobs SET project_no = $1, name = $2, description = $3, labels = $4, version = $5, status = $6, pause = $7,
     planned_through = $8, next_due_at = $9, runs_planned = $10, updated_at = $11 WHERE no = $12`,
)
const DELETE = sql(
  `UPDATE jobs SET deleted_at = $1, updated_at = $1, sweep_at = $1, next_due_at = NULL, planned_through = $2,
     runs_planned = $3 WHERE no = $4`,
)
const SWEEP_NOW = sql('UPDATE jobs SET sweep_at = $1 WHERE no = $2')
const DEFAULT_DAYS = sql<{ days: number }>('SELECT coalesce(default_days, 0) AS days FROM upkeep')
const HOLDER = sql<{ no: number }>(
  `SELECT j.no FROM jobs j JOIN projects p ON p.no = j.project_no
   WHERE p.id = $1 AND j.name = $2 AND j.deleted_at IS NULL`,
)

export class JobWriter {
  readonly #specs: Specs

  constructor(specs: Specs) {
    this.#specs = specs
  }

  /** Positions of those whose name is taken; the others are written. */
  async insertAll(tx: Transaction, jobs: readonly Job[], by: string): Promise<number[]> {
    this.#specs.doubt(tx)
    const projects = await projectsOf(tx, jobs)
    const defaultMs = (await tx.get(DEFAULT_DAYS))!.days * DAY_MS
    const rows = jobs.map((job) => {
      const { no, keep } = projects.get(job.projectId)!
      const keptMs = ownKeepMs(job.spec) ?? (keep === '{}' ? Math.floor(defaultMs) : 0)
      const { id, spec, version, status, plannedThrough, nextDueAt, runsPlanned, createdAt, updatedAt } = job
      const definition = [id, no, spec.name, ...searchable(spec), version] as const
      const state = [status, pauseText(job), plannedThrough, nextDueAt, runsPlanned, createdAt] as const
      return [...definition, ...state, updatedAt, createdAt + keptMs] as const
    })
    const added = new Map((await tx.all(INSERT, ...columns(rows, 14))).map(({ id, no }) => [id, no]))
    const versions = jobs.flatMap(({ id, version, spec, createdAt }) => {
      const no = added.get(id)
      return no === undefined ? [] : [[no, version, JSON.stringify(spec), createdAt] as const]
    })
    await tx.run(INSERT_VERSIONS, ...columns(versions, 4), by)
    return jobs.flatMap(({ id }, position) => (added.has(id) ? [] : [position]))
  }

  async update(tx: Transaction, no: number, old: Job, job: Job, by: string): Promise<void> {
    const { version, spec, status, plannedThrough, nextDueAt, runsPlanned, updatedAt } = job
    if (version !== old.version) {
      this.#specs.doubt(tx)
      await tx.run(INSERT_VERSIONS, [no], [version], [JSON.stringify(spec)], [updatedAt], by)
      if (!sameKeep(old.spec, spec)) await tx.run(SWEEP_NOW, tx.now, no)
    }
    const projectNo = (await projectsOf(tx, [job])).get(job.projectId)!.no
    const definition = [projectNo, spec.name, ...searchable(spec), version] as const
    const state = [status, pauseText(job), plannedThrough, nextDueAt, runsPlanned, updatedAt] as const
    await tx.run(UPDATE, ...definition, ...state, no)
  }

  /** The row stays for its ledger; its name is free from now on. */
  async delete(
    tx: Transaction,
    no: number,
    standing: Pick<Job, 'plannedThrough' | 'runsPlanned'>,
  ): Promise<void> {
    await tx.run(DELETE, tx.now, standing.plannedThrough, standing.runsPlanned, no)
  }

  /** The number of the job that has this name; null: it is free. */
  async holderOf(reader: Reader, projectId: string, name: string): Promise<number | null> {
    return (await reader.get(HOLDER, projectId, name))?.no ?? null
  }
}

/** They stay as long as the transaction lasts, so that no job is added to a project that is being deleted. */
async function projectsOf(tx: Transaction, jobs: readonly Job[]) {
  const ids = [...new Set(jobs.map(({ projectId }) => projectId))].sort()
  const found = new Map((await tx.all(PROJECTS, ids)).map((project) => [project.id, project]))
  for (const id of ids) if (!found.has(id)) throw new Error(`project ${id} does not exist`)
  return found
}

function pauseText({ pause }: Job): string | null {
  return pause === null ? null : JSON.stringify(pause)
}

/** How long at least nothing of a new job is forgotten; null: the project or the default says so. */
function ownKeepMs({ policy: { keep } }: JobSpec): number | null {
  if (keep?.last !== undefined) return 0
  return keep?.days === undefined ? null : Math.floor(keep.days * DAY_MS)
}

function sameKeep(a: JobSpec, b: JobSpec): boolean {
  return a.policy.keep?.days === b.policy.keep?.days && a.policy.keep?.last === b.policy.keep?.last
}
