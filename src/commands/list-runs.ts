import type { Principal } from '../domain/api-key.ts'
import type { Reason, Run, RunStatus } from '../domain/run.ts'
import type { Page, PageRequest } from '../ports/store.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'
import { findJob } from './find-job.ts'
import { visibleProjects } from './find-project.ts'

export type RunQuery = {
  /** Name or id. */
  readonly job?: string
  readonly project?: string
  readonly status?: readonly RunStatus[]
  readonly reason?: readonly Reason[]
  readonly from?: number
  readonly to?: number
}

export async function listRuns(
  ctx: Context,
  who: Principal,
  query: RunQuery,
  page: PageRequest,
): Promise<Page<Run>> {
  authorize(who, 'run.read')
  const { job, project, ...filter } = query
  const inProject = project === undefined ? {} : { project }
  const ofJob =
    job === undefined ? {} : { jobId: (await findJob(ctx, who, { idOrName: job, ...inProject })).id }
  return ctx.store.runs.list({ ...filter, ...ofJob, ...(await visibleProjects(ctx, who, project)) }, page)
}
