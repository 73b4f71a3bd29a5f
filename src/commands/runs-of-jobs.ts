// Runs of one kind of job, for doors that show only their own. What a job is, its run's version says: also when the job is gone.

import type { Principal } from '../domain/api-key.ts'
import type { JobSpec } from '../domain/job.ts'
import type { Run } from '../domain/run.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'

const READS_AT_ONCE = 16

/** The caller has been given `runs`; those of them whose job `belongs`, in the same order. */
export async function runsOfJobs(
  ctx: Context,
  who: Principal,
  runs: readonly Run[],
  belongs: (spec: JobSpec) => boolean,
): Promise<Run[]> {
  authorize(who, 'run.read')
  const versions = new Map(runs.map((run) => [versionOf(run), run]))
  const all = [...versions]
  const ours = new Set<string>()
  for (let n = 0; n < all.length; n += READS_AT_ONCE) {
    const some = all.slice(n, n + READS_AT_ONCE).map(async ([key, { jobId, jobVersion }]) => {
      const version = await ctx.store.jobs.version(jobId, jobVersion)
      if (version !== null && belongs(version.spec)) ours.add(key)
    })
    await Promise.all(some)
  }
  return runs.filter((run) => ours.has(versionOf(run)))
}

function versionOf({ jobId, jobVersion }: Run): string {
  return `${jobId} ${jobVersion}`
}
