// A job by id, or by name within a project, as far as the caller may see it.

import type { Principal } from '../domain/api-key.ts'
import type { Job } from '../domain/job.ts'
import { notFound, refuseUnseen } from './authorize.ts'
import type { Context } from './context.ts'
import { findProjectId } from './find-project.ts'

export type JobRef = { readonly idOrName: string; readonly project?: string }

const ID = /^job_[0-9A-HJKMNP-TV-Z]{26}$/i

export async function findJob(ctx: Context, who: Principal, ref: JobRef): Promise<Job> {
  const job = await lookUp(ctx, who, ref)
  if (job === null) throw notFound('job', ref.idOrName)
  refuseUnseen(who, { projectId: job.projectId, what: 'job', name: ref.idOrName })
  return job
}

async function lookUp(ctx: Context, who: Principal, { idOrName, project }: JobRef): Promise<Job | null> {
  if (ID.test(idOrName)) return ctx.store.jobs.get(idOrName)
  return ctx.store.jobs.byName(await findProjectId(ctx, who, project), idOrName)
}
