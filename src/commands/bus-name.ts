// Workers of Simple Scheduler know a job by its name alone, so on the bus a name is one project's: whoever could take it in
// another project would have the workers there do its runs.

import type { Problems } from '../domain/errors.ts'
import type { Job, JobSpec } from '../domain/job.ts'
import type { Run } from '../domain/run.ts'
import type { Context } from './context.ts'

type Wanting = {
  readonly projectId: string
  readonly spec: Pick<JobSpec, 'name' | 'target'>
  readonly problems: Problems
}

/** Two at the same moment may both get by; then the older one has the name (see mayUseBusName). */
export async function requireBusNames(ctx: Context, jobs: readonly Wanting[]): Promise<void> {
  const wanting = jobs.filter(({ spec }) => isOnBus(spec))
  if (wanting.length === 0) return
  const holders = await holdersOf(
    ctx,
    wanting.map(({ spec }) => spec.name),
  )
  for (const { projectId, spec, problems } of wanting) {
    const holder = holders.get(spec.name)
    if (holder === undefined || holder.projectId === projectId) continue
    problems.add(
      '/name',
      'bus_name_taken',
      `The workers of Simple Scheduler that listen for "${spec.name}" are those of another project. Choose another name.`,
    )
  }
}

/** Asked before the first message of a job leaves. */
export async function mayUseBusName(
  ctx: Context,
  { projectId, jobName }: Pick<Run, 'projectId' | 'jobName'>,
): Promise<boolean> {
  const holder = (await holdersOf(ctx, [jobName])).get(jobName)
  return holder === undefined || holder.projectId === projectId
}

/** By name: of all projects the oldest job that goes to these workers. */
async function holdersOf({ store }: Context, names: readonly string[]): Promise<Map<string, Job>> {
  const holders = new Map<string, Job>()
  for (const job of await store.jobs.named(names)) {
    if (isOnBus(job.spec) && !holders.has(job.spec.name)) holders.set(job.spec.name, job)
  }
  return holders
}

function isOnBus({ target }: Pick<JobSpec, 'target'>): boolean {
  return target.message?.protocol === 'simple-scheduler'
}
