// Many jobs of one project by their names. Names that nobody has cost next to nothing.

import type { Principal } from '../domain/api-key.ts'
import type { Job } from '../domain/job.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'
import { findProjectId } from './find-project.ts'

const NAMES_AT_ONCE = 1_000

/** Those that are there, in the order of `names`. */
export async function findJobs(
  ctx: Context,
  who: Principal,
  project: string,
  names: readonly string[],
): Promise<Job[]> {
  authorize(who, 'job.read')
  const projectId = await findProjectId(ctx, who, project)
  const found: Job[] = []
  for (let n = 0; n < names.length; n += NAMES_AT_ONCE) {
    const asked = names.slice(n, n + NAMES_AT_ONCE)
    const there = await ctx.store.jobs.takenNames(asked.map((name) => ({ projectId, name })))
    for (const position of there) {
      const job = await ctx.store.jobs.byName(projectId, asked[position]!)
      if (job !== null) found.push(job)
    }
  }
  return found
}
