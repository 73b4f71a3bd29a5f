// A job that asks for a secret its project does not have would fail at its first run: it is refused instead.

import type { Problems } from '../../domain/errors.ts'
import type { JobSpec } from '../../domain/job.ts'
import { secretsOfJob } from '../../domain/secret.ts'
import type { Context } from '../context.ts'

type Asking = {
  readonly projectId: string
  readonly spec: Pick<JobSpec, 'target' | 'callback'>
  readonly problems: Problems
}

export async function requireSecrets(ctx: Context, jobs: readonly Asking[]): Promise<void> {
  const asking = jobs.map((job) => ({ ...job, names: secretsOfJob(job.spec) }))
  const byProject = Map.groupBy(
    asking.filter(({ names }) => names.length > 0),
    ({ projectId }) => projectId,
  )
  for (const [projectId, some] of byProject) {
    const wanted = [...new Set(some.flatMap(({ names }) => names))]
    const there = new Set((await ctx.store.secrets.some(projectId, wanted)).map(({ name }) => name))
    for (const { names, problems } of some) {
      for (const name of names) {
        if (there.has(name)) continue
        problems.add(
          '',
          'secret_missing',
          `The project has no secret "${name}". Set it first: carillon secret set ${name}`,
        )
      }
    }
  }
}
