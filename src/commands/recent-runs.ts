// The last runs of the jobs of one page, in one question; and those that count as executions, where others stand before them.

import type { Principal } from '../domain/api-key.ts'
import { RUN_STATUSES, type Run, type RunStatus } from '../domain/run.ts'
import { authorize, entersProject } from './authorize.ts'
import type { Context } from './context.ts'
import { listRuns } from './list-runs.ts'

export const RECENT_JOBS_MAX = 100
export const RECENT_RUNS_MAX = 100

/** What the rules skipped, and what could not start in time, is no execution. */
export const EXECUTED_STATUSES = RUN_STATUSES.filter((status) => status !== 'skipped' && status !== 'missed')

/** Looked at for the last one before the store is asked for it job by job. */
const SEEN = 5
/** Of those that are not begun yet several may stand before the last one that is. */
const LOOKED_AT = 20
/** Pages of one question, each of which passes over a bounded number of runs. */
const PAGES_MAX = 10

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

export type Wanted = { readonly statuses: readonly RunStatus[]; readonly begun?: boolean }

/** Of each job the last run that is `wanted`; null: there is none that one look finds. In the order of `jobIds`. */
export async function lastRuns(
  ctx: Context,
  who: Principal,
  jobIds: readonly string[],
  wanted: Wanted,
): Promise<(Run | null)[]> {
  const found: (Run | null)[] = []
  for (let n = 0; n < jobIds.length; n += RECENT_JOBS_MAX) {
    const some = jobIds.slice(n, n + RECENT_JOBS_MAX)
    const recent = await recentRuns(ctx, who, some, SEEN)
    for (const [nth, runs] of recent.entries()) {
      const last = runs.find((run) => fits(run, wanted))
      const all = last !== undefined || runs.length < SEEN
      found.push(last ?? (all ? null : await olderRun(ctx, some[nth]!, wanted)))
    }
  }
  return found
}

/** Of a job whose newer runs the caller has been shown. */
async function olderRun(ctx: Context, jobId: string, wanted: Wanted): Promise<Run | null> {
  const { items } = await ctx.store.runs.list({ jobId, status: wanted.statuses }, { limit: LOOKED_AT })
  return items.find((run) => fits(run, wanted)) ?? null
}

/** The last runs of a job of which something was carried out, newest first, as many as `limit` where they are found. */
export async function executedRuns(ctx: Context, who: Principal, job: string, limit: number): Promise<Run[]> {
  const wanted = { statuses: EXECUTED_STATUSES, begun: true }
  const found: Run[] = []
  let cursor: string | null | undefined
  for (let pages = 0; pages < PAGES_MAX && found.length < limit && cursor !== null; pages += 1) {
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) }
    const { items, nextCursor } = await listRuns(ctx, who, { job, status: wanted.statuses }, page)
    found.push(...items.filter((run) => fits(run, wanted)))
    cursor = nextCursor
  }
  return found.slice(0, limit)
}

function fits(run: Run, { statuses, begun = false }: Wanted): boolean {
  return statuses.includes(run.status) && (!begun || run.attempts > 0)
}
