// The last runs of the jobs of one page, in one question.

import type { Principal } from '../domain/api-key.ts'
import type { Run } from '../domain/run.ts'
import { authorize, entersProject } from './authorize.ts'
import type { Context } from './context.ts'

export const RECENT_JOBS_MAX = 100
export const RECENT_RUNS_MAX = 100

/** In the order of `jobIds`; jobs the caller may not see have none. */
export async function recentRuns(
  ctx: Context,
  who: Principal,
  jobIds: readonly string[],
  limit: number,
): Promise<Run[][]> {
  authorize(who, 'run.read')
  const recent = await ctx.store.runs.recent(
    jobIds.slice(0, RECENT_JOBS_MAX),
    Math.min(limit, RECENT_RUNS_MAX),
  )
  return recent.map((runs) => runs.filter(({ projectId }) => entersProject(who, projectId)))
}
