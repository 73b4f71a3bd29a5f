// One action on many jobs: those that are named, or all that a filter finds. Told job by job, as it goes. Whoever asked
// may leave: then it stops after the jobs under way. Asked again, with the same mark, nothing is triggered twice.

import type { Principal } from '../domain/api-key.ts'
import { AppError, type ErrorCode } from '../domain/errors.ts'
import type { Job } from '../domain/job.ts'
import { authorize, entersProject } from './authorize.ts'
import type { Context } from './context.ts'
import { deleteJob } from './delete-job.ts'
import { visibleProjects } from './find-project.ts'
import type { OnceMark } from './idempotent.ts'
import { idsOfDue, type JobQuery } from './list-jobs.ts'
import { type PauseRequest, pauseJob } from './pause-job.ts'
import { resumeJob } from './resume-job.ts'
import { triggerJob } from './trigger-job.ts'

export const BULK_ACTIONS = ['pause', 'resume', 'trigger', 'delete'] as const
export type BulkAction = (typeof BULK_ACTIONS)[number]

export const BULK_LIMITS = {
  /** Jobs that one request names. */
  namedMax: 10_000,
  /** Jobs that a filter may find. */
  foundMax: 100_000,
  /** Jobs whose next instants are looked at where the filter says when they are due. */
  lookedMax: 200_000,
} as const

export type BulkRequest = {
  readonly action: BulkAction
  /** Ids. */
  readonly jobs?: readonly string[]
  readonly filter?: JobQuery
  /** Only counts. */
  readonly dryRun?: boolean
  readonly pause?: PauseRequest
  readonly trigger?: { readonly params?: unknown; readonly force?: boolean }
}

export type BulkItem = {
  readonly jobId: string
  readonly name: string | null
  readonly error: { readonly code: ErrorCode; readonly detail: string } | null
  /** Of a trigger. */
  readonly runId: string | null
}

export type Bulk = {
  /** How many jobs it is about. */
  readonly total: number
  /** Does it, and tells of each job; ends early when the signal aborts. */
  readonly items: (signal: AbortSignal) => AsyncGenerator<BulkItem[], void>
}

const PAGE = 100
/** Together: so that a store across a network is kept busy, and no one else waits for long. */
const AT_ONCE = 10

export async function bulkJobs(
  ctx: Context,
  who: Principal,
  request: BulkRequest,
  mark?: OnceMark,
): Promise<Bulk> {
  authorize(who, `job.${request.action}`)
  authorize(who, 'job.read')
  const { project, dueFrom, dueTo, ...query } = request.filter ?? {}
  const filter = { ...query, ...(await visibleProjects(ctx, who, project)) }
  const isNamed = request.jobs !== undefined
  const isByTime = dueFrom !== undefined || dueTo !== undefined
  // Who is due when changes while it goes on: those are meant who were it at its beginning.
  const ids = isNamed
    ? [...new Set(request.jobs)]
    : isByTime
      ? ((await idsOfDue(ctx, filter, { dueFrom, dueTo }, BULK_LIMITS.lookedMax)) ??
        tooMany(`There are more than ${BULK_LIMITS.lookedMax} jobs to look through.`))
      : null
  const total = ids?.length ?? (await ctx.store.jobs.count(filter, BULK_LIMITS.foundMax + 1))
  if (!isNamed && total > BULK_LIMITS.foundMax)
    tooMany(`More than ${BULK_LIMITS.foundMax} jobs are like that.`)
  async function* pages(): AsyncGenerator<(Job | string)[]> {
    if (ids !== null) {
      for (let n = 0; n < ids.length; n += PAGE) {
        const part = ids.slice(n, n + PAGE)
        yield await Promise.all(part.map(async (id) => visible(who, await ctx.store.jobs.get(id)) ?? id))
      }
      return
    }
    let cursor: string | null = null
    do {
      // By name, so that what the action changes does not move what is still to come.
      const page = await ctx.store.jobs.list(
        filter,
        cursor === null ? { limit: PAGE } : { limit: PAGE, cursor },
      )
      cursor = page.nextCursor
      yield [...page.items]
    } while (cursor !== null)
  }
  return {
    total,
    async *items(signal) {
      if (request.dryRun === true) return
      for await (const page of pages()) {
        for (let n = 0; n < page.length; n += AT_ONCE) {
          if (signal.aborted) return
          yield await Promise.all(page.slice(n, n + AT_ONCE).map((job) => act(ctx, who, request, job, mark)))
        }
      }
    },
  }
}

function tooMany(what: string): never {
  const detail = `${what} Narrow the filter.`
  throw new AppError('invalid', detail, [{ pointer: '/filter', code: 'too_many', detail }])
}

function visible(who: Principal, job: Job | null): Job | null {
  return job !== null && entersProject(who, job.projectId) ? job : null
}

async function act(
  ctx: Context,
  who: Principal,
  request: BulkRequest,
  job: Job | string,
  mark: OnceMark | undefined,
): Promise<BulkItem> {
  const jobId = typeof job === 'string' ? job : job.id
  const name = typeof job === 'string' ? null : job.spec.name
  try {
    return { jobId, name, error: null, runId: await actOn(ctx, who, request, jobId, mark) }
  } catch (error) {
    // What is refused for one job is that job's result; what is wrong with us ends it all.
    if (!(error instanceof AppError)) throw error
    return { jobId, name, error: { code: error.code, detail: error.message }, runId: null }
  }
}

async function actOn(
  ctx: Context,
  who: Principal,
  { action, pause, trigger }: BulkRequest,
  idOrName: string,
  mark: OnceMark | undefined,
): Promise<string | null> {
  const ref = { idOrName }
  if (action === 'pause') await pauseJob(ctx, who, ref, pause ?? {})
  else if (action === 'resume') await resumeJob(ctx, who, ref, {})
  else if (action === 'delete') await deleteJob(ctx, who, ref, null)
  else {
    const own = mark === undefined ? undefined : { ...mark, key: `${mark.key} ${idOrName}` }
    return (await triggerJob(ctx, who, ref, trigger ?? {}, own)).run.id
  }
  return null
}
