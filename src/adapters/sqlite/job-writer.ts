// Writes jobs and their versions.

import type { Job, JobSpec } from '../../domain/job.ts'
import type { Command, Database, Query } from './database.ts'
import { searchable } from './job-rows.ts'
import { numberWithin } from './numbered.ts'
import type { Registry } from './registry.ts'

const DAY_MS = 86_400_000

export class JobWriter {
  readonly #projects: Registry
  readonly #insert: Command
  readonly #insertVersion: Command
  readonly #update: Command
  readonly #delete: Command
  readonly #sweepNow: Command
  readonly #nameTaken: Query<readonly [number]>
  readonly #defaultDays: Query<readonly [number]>

  constructor(db: Database, projects: Registry) {
    this.#projects = projects
    this.#insert = db.command(
      `INSERT INTO jobs (id, project_no, name, description, labels, version, status, pause, planned_through, next_due_at,
         runs_planned, created_at, updated_at, sweep_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
         ?12 + ifnull(?14, CASE (SELECT keep FROM projects WHERE no = ?2) WHEN '{}' THEN ?15 ELSE 0 END))
       ON CONFLICT (project_no, name) WHERE deleted_at IS NULL DO NOTHING`,
    )
    this.#insertVersion = db.command(
      'INSERT INTO job_versions (no, spec, created_at, created_by) VALUES (?, ?, ?, ?)',
    )
    this.#update = db.command(
      `UPDATE jobs SET project_no = ?, name = ?, description = ?, labels = ?, version = ?, status = ?, pause = ?,
         planned_through = ?, next_due_at = ?, runs_planned = ?, updated_at = ? WHERE no = ?`,
    )
    this.#delete = db.command(
      `UPDATE jobs SET deleted_at = ?1, updated_at = ?1, sweep_at = ?1, next_due_at = NULL, planned_through = ?2,
         runs_planned = ?3 WHERE no = ?4`,
    )
    this.#sweepNow = db.command('UPDATE jobs SET sweep_at = ? WHERE no = ?')
    this.#nameTaken = db.tuples(
      'SELECT no FROM jobs WHERE project_no = ? AND name = ? AND deleted_at IS NULL',
    )
    this.#defaultDays = db.tuples('SELECT ifnull(default_days, 0) FROM upkeep')
  }

  /** Positions of those whose name is taken; the others are written. */
  insertAll(jobs: readonly Job[], by: string): number[] {
    const defaultMs = this.#defaultDays.get()![0] * DAY_MS
    return jobs.flatMap((job, position) => (this.#insertOne(job, by, defaultMs) ? [] : [position]))
  }

  update(no: number, old: Job, job: Job, by: string, now: number): void {
    const { version, spec, status, plannedThrough, nextDueAt, runsPlanned, updatedAt } = job
    if (version !== old.version) {
      this.#insertVersion.run(numberWithin(no, version), JSON.stringify(spec), updatedAt, by)
      if (!sameKeep(old.spec, spec)) this.#sweepNow.run(now, no)
    }
    const definition = [this.#projectNo(job), spec.name, ...searchable(spec), version] as const
    const state = [status, pauseText(job), plannedThrough, nextDueAt, runsPlanned, updatedAt] as const
    this.#update.run(...definition, ...state, no)
  }

  /** The row stays for its ledger; its name is free from now on. */
  delete(no: number, standing: Pick<Job, 'plannedThrough' | 'runsPlanned'>, now: number): void {
    this.#delete.run(now, standing.plannedThrough, standing.runsPlanned, no)
  }

  /** The number of the job that has this name; null: it is free. */
  holderOf(projectId: string, name: string): number | null {
    const projectNo = this.#projects.no(projectId)
    return projectNo === null ? null : (this.#nameTaken.get(projectNo, name)?.[0] ?? null)
  }

  #insertOne(job: Job, by: string, defaultMs: number): boolean {
    const { id, spec, version, status, plannedThrough, nextDueAt, runsPlanned, createdAt, updatedAt } = job
    const definition = [id, this.#projectNo(job), spec.name, ...searchable(spec), version] as const
    const state = [
      status,
      pauseText(job),
      plannedThrough,
      nextDueAt,
      runsPlanned,
      createdAt,
      updatedAt,
    ] as const
    const done = this.#insert.run(...definition, ...state, ownKeepMs(spec), defaultMs)
    if (done.changes === 0) return false
    const no = numberWithin(Number(done.lastInsertRowid), version)
    this.#insertVersion.run(no, JSON.stringify(spec), createdAt, by)
    return true
  }

  #projectNo({ projectId }: Job): number {
    const no = this.#projects.no(projectId)
    if (no === null) throw new Error(`project ${projectId} does not exist`)
    return no
  }
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
