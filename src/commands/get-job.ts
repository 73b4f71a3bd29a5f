import type { Principal } from '../domain/api-key.ts'
import type { Job } from '../domain/job.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'
import { findJob, type JobRef } from './find-job.ts'

export async function getJob(ctx: Context, who: Principal, ref: JobRef): Promise<Job> {
  authorize(who, 'job.read')
  return findJob(ctx, who, ref)
}
