import type { Principal } from '../domain/api-key.ts'
import type { Warning } from '../domain/check-job.ts'
import { AppError, type Problem } from '../domain/errors.ts'
import type { Job } from '../domain/job.ts'
import type { Once } from '../ports/store.ts'
import { AgentsThere } from './agents-there.ts'
import { audited } from './audited.ts'
import { authorize } from './authorize.ts'
import { judgedJob } from './build-job.ts'
import { BusPlaces } from './bus-name.ts'
import type { Context } from './context.ts'
import { pausedJob } from './edited-job.ts'
import { jobEvent } from './events.ts'
import { findProjectId } from './find-project.ts'
import { idempotent, type OnceMark } from './idempotent.ts'
import type { JobDraft } from './job-draft.ts'
import { jobsQuotaUsedUp } from './jobs-quota.ts'

export type CreatedJob = { readonly job: Job; readonly warnings: readonly Warning[] }

/** Throws `invalid` with every problem, or `name_taken`; nothing is stored then. `paused`: nothing starts until it is resumed. */
export async function createJob(
  ctx: Context,
  who: Principal,
  draft: JobDraft,
  mark?: OnceMark,
  paused = false,
): Promise<CreatedJob & { replayed: boolean }> {
  authorize(who, 'job.create')
  const projectId = await findProjectId(ctx, who, draft.project)
  const act = async (once: (memo: CreatedJob) => { once?: Once }): Promise<CreatedJob> => {
    const { problems, ...built } = await judgedJob(ctx, draft, projectId)
    const job = paused ? pausedJob(built.job, who.name, built.job.createdAt) : built.job
    using places = new BusPlaces(ctx, [{ projectId, spec: job.spec, problems }])
    problems.throwIfAny()
    const warnings = [...built.warnings, ...(await new AgentsThere(ctx).warnings(job))]
    const about = { projectId, subject: job.id, detail: { name: draft.name } }
    const added = await audited(ctx, who, 'job.create', about, () =>
      ctx.store.jobs.add([job], who.id, once({ job, warnings }).once),
    )
    if (added.kind === 'names_taken') throw nameTaken(draft.name)
    if (added.kind === 'jobs_quota') throw jobsQuotaUsedUp(added.max)
    places.keep()
    ctx.events.publish([jobEvent('created', job, job.createdAt)])
    ctx.nudge.planner()
    return { job, warnings }
  }
  return idempotent(ctx, who, mark, { act, recall: (memo: CreatedJob) => memo })
}

export function nameTaken(name: string): AppError {
  return new AppError(
    'name_taken',
    `The name "${name}" is taken in this project. Choose another, or edit that job.`,
    [nameTakenProblem(name)],
  )
}

export function nameTakenProblem(name: string): Problem {
  return { pointer: '/name', code: 'name_taken', detail: `A job named "${name}" exists already.` }
}
