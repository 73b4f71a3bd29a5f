import type { Principal } from '../domain/api-key.ts'
import type { Job, JobStatus } from '../domain/job.ts'
import type { JobFilter, Page, PageRequest } from '../ports/store.ts'
import { authorize } from './authorize.ts'
import type { Context } from './context.ts'
import { visibleProjects } from './find-project.ts'
import { upcomingOf } from './read-ledger.ts'

export type JobQuery = {
  readonly project?: string
  readonly status?: JobStatus
  readonly q?: string
  readonly labels?: Readonly<Record<string, string>>
  /** Only jobs with a due instant still to come in [dueFrom, dueTo). */
  readonly dueFrom?: number
  readonly dueTo?: number
}

/** Jobs whose schedules are asked for one page: a stretch in which little is due is found over several pages. */
const ASKED_MAX = 2_000

export async function listJobs(
  ctx: Context,
  who: Principal,
  query: JobQuery,
  page: PageRequest,
): Promise<Page<Job>> {
  authorize(who, 'job.read')
  const { project, dueFrom, dueTo, ...rest } = query
  const filter = { ...rest, ...(await visibleProjects(ctx, who, project)) }
  if (dueFrom === undefined && dueTo === undefined) return ctx.store.jobs.list(filter, page)
  return chosenPage(ctx, filter, page, dueIn(ctx, { dueFrom, dueTo }))
}

const LOOKED_PAGE = 500

/** The ids of all jobs that are due in a stretch; null when there are more than `lookedMax` jobs to look through. */
export async function idsOfDue(
  ctx: Context,
  filter: JobFilter,
  stretch: Stretch,
  lookedMax: number,
): Promise<string[] | null> {
  if ((await ctx.store.jobs.count(filter, lookedMax + 1)) > lookedMax) return null
  const isIn = dueIn(ctx, stretch)
  const ids: string[] = []
  let cursor: string | null = null
  do {
    const page = await ctx.store.jobs.list(filter, {
      limit: LOOKED_PAGE,
      ...(cursor === null ? {} : { cursor }),
    })
    ids.push(...page.items.filter(isIn).map(({ id }) => id))
    cursor = page.nextCursor
    // A store in this process answers at once: others get their turn between two pages.
    if (cursor !== null) await new Promise<void>((resolve) => ctx.clock.after(0, resolve))
  } while (cursor !== null)
  return ids
}

type Stretch = { readonly dueFrom?: number | undefined; readonly dueTo?: number | undefined }

/** What has passed is not to come. */
function dueIn(ctx: Context, { dueFrom, dueTo }: Stretch): (job: Job) => boolean {
  const from = Math.max(dueFrom ?? 0, ctx.clock.now())
  const to = dueTo ?? Number.MAX_SAFE_INTEGER
  return (job) => isDue(job, from, to)
}

/** How many there are, counted no further than `max`; when they are due is not asked. */
export async function countJobs(
  ctx: Context,
  who: Principal,
  { project, ...filter }: Omit<JobQuery, 'dueFrom' | 'dueTo'>,
  max: number,
): Promise<number> {
  authorize(who, 'job.read')
  return ctx.store.jobs.count({ ...filter, ...(await visibleProjects(ctx, who, project)) }, max)
}

/** Most are told by their next due instant alone, without a look at their schedule. */
function isDue(job: Job, from: number, to: number): boolean {
  const { status, nextDueAt } = job
  if (nextDueAt === null || nextDueAt >= to) return false
  if (status === 'active' && nextDueAt >= from) return true
  return upcomingOf(job, from, to, 1).length > 0
}

async function chosenPage(
  ctx: Context,
  filter: JobFilter,
  { limit, cursor }: PageRequest,
  choose: (job: Job) => boolean,
): Promise<Page<Job>> {
  const found: Job[] = []
  let next = cursor
  for (let asked = 0; asked < ASKED_MAX; ) {
    const size = limit - found.length
    const page = await ctx.store.jobs.list(
      filter,
      next === undefined ? { limit: size } : { limit: size, cursor: next },
    )
    found.push(...page.items.filter(choose))
    asked += size
    if (page.nextCursor === null) return { items: found, nextCursor: null }
    next = page.nextCursor
    if (found.length === limit) break
  }
  return { items: found, nextCursor: next ?? null }
}
