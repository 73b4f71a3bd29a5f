// What will be due in the next week, by half hours. Rare instants are listed, frequent ones counted by arithmetic, and
// a schedule that many jobs share is counted once.

import { upcomingOf } from '../../commands/read-ledger.ts'
import type { Ahead } from '../../commands/survey.ts'
import type { Job } from '../../domain/job.ts'
import { scheduleOf } from '../../domain/plan.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Store } from '../../ports/store.ts'

export const AHEAD_BUCKET_MS = 30 * 60_000
/** A week, and the half hour that has begun. */
export const AHEAD_BUCKETS = 7 * 48 + 1
const HOUR_MS = 3_600_000
const PAGE = 100
/** Beyond these the rest of the jobs is taken to be like those that were looked at. */
const JOBS_MAX = 200_000
const WORK_MAX_MS = 10_000
/** As many instants in a week are listed; more are counted. */
const LISTED_MAX = 400
const SHARED_MAX = 5_000

type Counts = { readonly buckets: Float64Array; nextHour: number }

export class AheadCount {
  readonly #store: Store
  readonly #clock: Clock
  readonly #pause: () => Promise<void>
  #byProject = new Map<string, Counts>()
  #from: number
  #countedAt: number | null = null
  /** How many jobs each that was looked at stands for. */
  #share = 1

  constructor(store: Store, clock: Clock, pause: () => Promise<void>) {
    this.#store = store
    this.#clock = clock
    this.#pause = pause
    this.#from = floor(clock.now())
  }

  async count(): Promise<void> {
    const now = this.#clock.now()
    const from = floor(now)
    const byProject = new Map<string, Counts>()
    const shared = new Map<string, Counts>()
    const began = this.#clock.monotonic()
    let seen = 0
    let cursor: string | null = null
    do {
      const request = cursor === null ? { limit: PAGE } : { limit: PAGE, cursor }
      const page = await this.#store.jobs.list({ status: 'active' }, request)
      for (const job of page.items) addJob(countsOf(byProject, job.projectId), job, { from, now, shared })
      seen += page.items.length
      cursor = page.nextCursor
      if (cursor !== null) await this.#pause()
    } while (cursor !== null && seen < JOBS_MAX && this.#clock.monotonic() - began < WORK_MAX_MS)
    const active = cursor === null ? seen : (await this.#store.housekeeping.stats()).jobs.active
    this.#share = seen === 0 ? 1 : Math.max(1, active / seen)
    this.#byProject = byProject
    this.#from = from
    this.#countedAt = now
  }

  read(projectIds: readonly string[] | null): Ahead {
    const chosen =
      projectIds === null
        ? [...this.#byProject.values()]
        : projectIds.flatMap((id) => this.#byProject.get(id) ?? [])
    const all = noCounts()
    for (const one of chosen) addCounts(all, one)
    return {
      from: this.#from,
      bucketMs: AHEAD_BUCKET_MS,
      counts: Array.from(all.buckets, (count) => Math.round(count * this.#share)),
      nextHour: Math.round(all.nextHour * this.#share),
      countedAt: this.#countedAt,
      sampled: this.#share > 1,
    }
  }
}

type Counting = { readonly from: number; readonly now: number; readonly shared: Map<string, Counts> }

function addJob(into: Counts, job: Job, counting: Counting): void {
  const { from, now } = counting
  const listed = upcomingOf(job, now + 1, from + AHEAD_BUCKETS * AHEAD_BUCKET_MS, LISTED_MAX)
  if (listed.length === LISTED_MAX) return addCounts(into, frequent(job, counting))
  for (const at of listed) {
    into.buckets[Math.floor((at - from) / AHEAD_BUCKET_MS)]! += 1
    if (at <= now + HOUR_MS) into.nextHour += 1
  }
}

/** The phase of `every` shifts no more than one instant between half hours, so that all jobs of a period are alike. */
function frequent(job: Job, { from, now, shared }: Counting): Counts {
  const { anchor: _, ...rest } = job.spec.schedule
  const isShared = rest.maxRuns === undefined && !/\bH\b/.test(rest.cron ?? '')
  const key = isShared ? JSON.stringify(rest) : null
  const known = key === null ? undefined : shared.get(key)
  if (known !== undefined) return known
  const schedule = scheduleOf(job)
  const left = (rest.maxRuns ?? Number.POSITIVE_INFINITY) - job.runsPlanned
  const made = noCounts()
  let sum = 0
  for (let n = 0; n < AHEAD_BUCKETS && sum < left; n += 1) {
    const begin = from + n * AHEAD_BUCKET_MS
    const count = schedule.count(Math.max(begin, now + 1), begin + AHEAD_BUCKET_MS)
    made.buckets[n] = Math.min(left - sum, count)
    sum += count
  }
  made.nextHour = Math.min(left, schedule.count(now + 1, now + HOUR_MS + 1))
  if (key !== null && shared.size < SHARED_MAX) shared.set(key, made)
  return made
}

function countsOf(byProject: Map<string, Counts>, projectId: string): Counts {
  const known = byProject.get(projectId)
  if (known !== undefined) return known
  const made = noCounts()
  byProject.set(projectId, made)
  return made
}

function noCounts(): Counts {
  return { buckets: new Float64Array(AHEAD_BUCKETS), nextHour: 0 }
}

function addCounts(into: Counts, { buckets, nextHour }: Counts): void {
  for (const [n, count] of buckets.entries()) into.buckets[n]! += count
  into.nextHour += nextHour
}

function floor(at: number): number {
  return Math.floor(at / AHEAD_BUCKET_MS) * AHEAD_BUCKET_MS
}
