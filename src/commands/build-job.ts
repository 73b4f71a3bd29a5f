// From a draft to a job that can be stored, or to everything that is wrong with it.

import { checkJob, type JobRules, type Warning } from '../domain/check-job.ts'
import type { Problems } from '../domain/errors.ts'
import type { Job, JobSpec } from '../domain/job.ts'
import { DEFAULT_PROJECT_ID } from '../domain/project.ts'
import { requireBusNames } from './bus-name.ts'
import type { Context } from './context.ts'
import type { JobDraft } from './job-draft.ts'
import { requireSecrets } from './secret/require-secrets.ts'

export type BuiltJob = {
  readonly job: Job
  readonly warnings: readonly Warning[]
  readonly problems: Problems
}

export function specOf(draft: JobDraft): JobSpec {
  return {
    name: draft.name,
    description: draft.description ?? null,
    labels: draft.labels ?? {},
    schedule: draft.schedule,
    target: draft.target,
    policy: draft.policy ?? {},
    callback: draft.callback ?? null,
  }
}

export async function buildJob(
  ctx: Context,
  draft: JobDraft,
  projectId: string = DEFAULT_PROJECT_ID,
  now = ctx.clock.now(),
): Promise<BuiltJob> {
  const rules = await jobRules(ctx, projectId)
  const id = ctx.chance.id('job')
  const spec = specOf(draft)
  const { schedule, warnings, problems } = checkJob(spec, { id, createdAt: now }, { ...rules, now })
  // One-time jobs may be due a moment ago; everything else starts with the next instant.
  const plannedThrough = schedule?.kind === 'at' ? Math.min(now, (schedule.next(0) ?? now) - 1) : now
  const job: Job = {
    id,
    projectId,
    version: 1,
    spec,
    status: 'active',
    pause: null,
    plannedThrough,
    nextDueAt: schedule?.next(plannedThrough) ?? null,
    runsPlanned: 0,
    createdAt: now,
    updatedAt: now,
  }
  return { job, warnings, problems }
}

/** The same, with what only the store knows: secrets it asks for, names on the bus. */
export async function judgedJob(ctx: Context, draft: JobDraft, projectId: string): Promise<BuiltJob> {
  const built = await buildJob(ctx, draft, projectId)
  const asking = [{ projectId, spec: built.job.spec, problems: built.problems }]
  await requireSecrets(ctx, asking)
  await requireBusNames(ctx, asking)
  return built
}

/** What the jobs of a project are checked by. */
export async function jobRules(ctx: Context, projectId: string): Promise<Omit<JobRules, 'now'>> {
  const { targets } = await ctx.projects.of(projectId)
  const { limits, mayCallHint } = ctx
  const makesTokens = ctx.mint !== undefined
  return { limits, mayCallHint, makesTokens, mayCall: (url) => ctx.mayCall(url, targets) }
}
