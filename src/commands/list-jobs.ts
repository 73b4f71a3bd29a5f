import type { Principal } from '../domain/api-key.ts'
import type { Job, JobStatus } from '../domain/job.ts'
import type { Page, PageRequest } from '../ports/store.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'
import { visibleProjects } from './find-project.ts'

export type JobQuery = {
  readonly project?: string
  readonly status?: JobStatus
  readonly q?: string
  readonly labels?: Readonly<Record<string, string>>
}

export async function listJobs(
  ctx: Context,
  who: Principal,
  query: JobQuery,
  page: PageRequest,
): Promise<Page<Job>> {
  authorize(who, 'jobs:read')
  const { project, ...filter } = query
  return ctx.store.jobs.list({ ...filter, ...(await visibleProjects(ctx, who, project)) }, page)
}
