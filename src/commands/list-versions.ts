import type { Principal } from '../domain/api-key.ts'
import type { JobVersion } from '../domain/job.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'
import { findJob, type JobRef } from './find-job.ts'

export async function listVersions(ctx: Context, who: Principal, ref: JobRef): Promise<JobVersion[]> {
  authorize(who, 'job.read')
  const job = await findJob(ctx, who, ref)
  return ctx.store.jobs.versions(job.id)
}
