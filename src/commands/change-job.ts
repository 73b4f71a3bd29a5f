// Every change of a job goes this way: the ledger is completed up to now under the old definition, then the
// change is made, in one transaction. What it set free or ended is told.

import type { Action } from '../domain/actions.ts'
import type { Principal } from '../domain/api-key.ts'
import { AppError } from '../domain/errors.ts'
import type { Job } from '../domain/job.ts'
import type { DueJob, JobChange, JobChangeReport, Once } from '../ports/store.ts'
import { audited } from './audited.ts'
import { notFound } from './authorize.ts'
import type { Context } from './context.ts'
import { jobEvent, runEvent } from './events.ts'
import { findJob, type JobRef } from './find-job.ts'

export type Change = {
  /** Name of the event: `job.updated`, `job.paused` … */
  readonly event: string
  readonly action: Action
  readonly decide: (due: DueJob, now: number) => JobChange
  readonly once?: Once
}

export async function changeJob(
  ctx: Context,
  who: Principal,
  ref: JobRef,
  change: Change,
): Promise<JobChangeReport> {
  const before = await findJob(ctx, who, ref)
  const now = ctx.clock.now()
  const options = change.once === undefined ? { now, by: who.id } : { now, by: who.id, once: change.once }
  const about = { projectId: before.projectId, subject: before.id, detail: { name: before.spec.name } }
  const report = await audited(ctx, who, change.action, about, () =>
    ctx.store.jobs.change(before.id, change.decide, options),
  )
  if (report === null) throw notFound('job', ref.idOrName)
  const runs = [...report.runs, ...report.ended, ...report.replaced].map((run) => runEvent(run, now))
  ctx.events.publish([jobEvent(change.event, report.job ?? before, now), ...runs])
  ctx.nudge.planner()
  ctx.nudge.runner(report.replaced.map((run) => run.id))
  ctx.nudge.courier()
  return report
}

export function refuseOtherVersion(job: Job, ifVersion: number | null): void {
  if (ifVersion === null || ifVersion === job.version) return
  throw new AppError(
    'version_conflict',
    `This job is at version ${job.version} now, not ${ifVersion}. Read it again and repeat the change on what it is.`,
  )
}
