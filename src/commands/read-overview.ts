// How everything is, at a glance.

import type { Principal } from '../domain/api-key.ts'
import type { JobStatus } from '../domain/job.ts'
import { latenessWithin } from '../domain/lateness.ts'
import type { RunStatus } from '../domain/run.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'
import { visibleProjects } from './find-project.ts'
import type { Ahead, Past, Survey } from './survey.ts'

export type Overview = {
  readonly at: number
  /** null: the caller may not enter all projects, and these are counted over all. */
  readonly jobs: Readonly<Record<JobStatus, number>> | null
  readonly open: Readonly<Partial<Record<RunStatus, number>>> | null
  readonly lastDay: Readonly<Partial<Record<RunStatus, number>>>
  readonly lateness: { readonly starts: number; readonly p50Ms: number | null; readonly p99Ms: number | null }
  readonly deadCallbacks: number
  readonly past: Past
  readonly ahead: Ahead
}

/** Dead letters are counted no further: from here on it is "many". */
export const DEAD_CALLBACKS_MAX = 100

export async function readOverview(
  ctx: Context,
  who: Principal,
  survey: Survey,
  project: string | undefined,
): Promise<Overview> {
  authorize(who, 'run.read')
  const { projectIds } = await visibleProjects(ctx, who, project)
  const { past, ahead } = await survey.look(projectIds ?? null)
  const lastDay: Partial<Record<RunStatus, number>> = {}
  for (const { counts } of past.buckets) {
    for (const [status, count] of Object.entries(counts) as [RunStatus, number][])
      lastDay[status] = (lastDay[status] ?? 0) + count
  }
  const dead = await ctx.store.outbox.list(
    { status: 'dead', ...(projectIds === undefined ? {} : { projectIds }) },
    { limit: DEAD_CALLBACKS_MAX },
  )
  const all = projectIds === undefined
  return {
    at: ctx.clock.now(),
    jobs: all ? (await ctx.store.housekeeping.stats()).jobs : null,
    open: all ? openCounts(await ctx.store.runs.counts()) : null,
    lastDay,
    lateness: {
      starts: past.lateness.reduce((sum, count) => sum + count, 0),
      p50Ms: latenessWithin(past.lateness, 0.5),
      p99Ms: latenessWithin(past.lateness, 0.99),
    },
    deadCallbacks: dead.items.length,
    past,
    ahead,
  }
}

function openCounts(
  counts: readonly { status: RunStatus; count: number }[],
): Partial<Record<RunStatus, number>> {
  return Object.fromEntries(counts.map(({ status, count }) => [status, count]))
}
