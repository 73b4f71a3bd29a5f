// Would this job be accepted? The judgement of `createJob` and `updateJob`, and nothing is stored. What is only known in the moment of
// the writing (a quota, a name that somebody else takes meanwhile) is asked then.

import type { Principal } from '../domain/api-key.ts'
import type { Warning } from '../domain/check-job.ts'
import type { Problem } from '../domain/errors.ts'
import { AgentsThere } from './agents-there.ts'
import { authorize } from './authorize.ts'
import { judgedJob } from './build-job.ts'
import type { Context } from './context.ts'
import { nameTakenProblem } from './create-job.ts'
import type { JobRef } from './find-job.ts'
import { findProjectId } from './find-project.ts'
import type { JobDraft } from './job-draft.ts'
import { judgedEdit } from './update-job.ts'

export type JobCheck = { readonly problems: readonly Problem[]; readonly warnings: readonly Warning[] }

export async function checkNewJob(ctx: Context, who: Principal, draft: JobDraft): Promise<JobCheck> {
  authorize(who, 'job.create')
  const projectId = await findProjectId(ctx, who, draft.project)
  const { job, warnings, problems } = await judgedJob(ctx, draft, projectId)
  const taken = await ifTaken(ctx, projectId, draft.name)
  return {
    problems: [...problems.list, ...taken],
    warnings: [...warnings, ...(await new AgentsThere(ctx).warnings(job))],
  }
}

export async function checkEditedJob(
  ctx: Context,
  who: Principal,
  ref: JobRef,
  draft: JobDraft,
): Promise<JobCheck> {
  const { current, spec, warnings, problems } = await judgedEdit(ctx, who, ref, draft, null)
  const taken = spec.name === current.spec.name ? [] : await ifTaken(ctx, current.projectId, spec.name)
  return {
    problems: [...problems, ...taken],
    warnings: [...warnings, ...(await new AgentsThere(ctx).warnings({ ...current, spec }))],
  }
}

async function ifTaken({ store }: Context, projectId: string, name: string): Promise<readonly Problem[]> {
  const taken = await store.jobs.takenNames([{ projectId, name }])
  return taken.length === 0 ? [] : [nameTakenProblem(name)]
}
