// What was in the last day, by bucket. Buckets whose runs have all ended are counted once; the others again at each
// look, and all of them now and then, since late planning may add to the past.

import type { Past } from '../../commands/survey.ts'
import { LATENESS_SLOTS } from '../../domain/lateness.ts'
import { isFinal, type RunStatus } from '../../domain/run.ts'
import type { TallyBucket } from '../../domain/tally.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Store, TallyStep } from '../../ports/store.ts'

export const PAST_MS = 24 * 3_600_000
export const PAST_BUCKET_MS = 15 * 60_000
const STEP_ROWS = 2_000
const RECOUNT_ALL_MS = 600_000
/** Runs are planned a little after they were due. */
const SETTLED_AFTER_MS = 60_000
const LATENESS_OVER_MS = 3_600_000

type Counts = { [S in RunStatus]?: number }
type Bucket = { counts: Map<string, Counts>; lateness: Map<string, number[]>; closed: boolean }

export class PastCount {
  readonly #store: Store
  readonly #clock: Clock
  readonly #pause: () => Promise<void>
  readonly #buckets = new Map<number, Bucket>()
  #allAt = Number.NEGATIVE_INFINITY
  #countedAt: number | null = null

  constructor(store: Store, clock: Clock, pause: () => Promise<void>) {
    this.#store = store
    this.#clock = clock
    this.#pause = pause
  }

  async count(): Promise<void> {
    const now = this.#clock.now()
    const first = floor(now - PAST_MS)
    const all = now - this.#allAt > RECOUNT_ALL_MS
    for (const at of this.#buckets.keys()) if (at < first) this.#buckets.delete(at)
    // The newest first: a part of the picture is most of what is wanted.
    for (let at = floor(now); at >= first; at -= PAST_BUCKET_MS) {
      if (!all && this.#buckets.get(at)?.closed === true) continue
      this.#buckets.set(at, await this.#countBucket(at, now))
    }
    if (all) this.#allAt = now
    this.#countedAt = now
  }

  read(projectIds: readonly string[] | null): Past {
    const now = this.#clock.now()
    const lateness = zeros()
    const buckets = [...this.#buckets].map(([at, bucket]) => {
      if (at > now - LATENESS_OVER_MS - PAST_BUCKET_MS)
        for (const slots of chosen(bucket.lateness, projectIds)) addTo(lateness, slots)
      return { at, counts: sum(chosen(bucket.counts, projectIds)) }
    })
    return {
      from: floor(now - PAST_MS),
      bucketMs: PAST_BUCKET_MS,
      buckets: buckets.filter(({ counts }) => Object.keys(counts).length > 0).sort((a, b) => a.at - b.at),
      lateness,
      countedAt: this.#countedAt,
    }
  }

  async #countBucket(at: number, now: number): Promise<Bucket> {
    const bucket: Bucket = { counts: new Map(), lateness: new Map(), closed: false }
    const request = { from: at, to: at + PAST_BUCKET_MS, bucketMs: PAST_BUCKET_MS, limit: STEP_ROWS }
    const { runs } = this.#store
    // An instant that got no run is in one of the two: a single one is a run of its own, several in a row are a gap.
    for (const kind of ['tally', 'tallyGaps'] as const) {
      let cursor: string | null = null
      do {
        const step: TallyStep = await runs[kind](cursor === null ? request : { ...request, cursor })
        for (const found of step.buckets) add(bucket, found)
        cursor = step.nextCursor
        if (step.buckets.length > 0) await this.#pause()
      } while (cursor !== null)
    }
    const open = [...bucket.counts.values()].some((counts) =>
      Object.keys(counts).some((status) => !isFinal(status as RunStatus)),
    )
    bucket.closed = !open && at + PAST_BUCKET_MS + SETTLED_AFTER_MS < now
    return bucket
  }
}

function floor(at: number): number {
  return Math.floor(at / PAST_BUCKET_MS) * PAST_BUCKET_MS
}

function zeros(): number[] {
  return Array.from({ length: LATENESS_SLOTS }, () => 0)
}

function add(bucket: Bucket, { projectId, counts, lateness }: TallyBucket): void {
  bucket.counts.set(projectId, sum([bucket.counts.get(projectId) ?? {}, counts]))
  const slots = bucket.lateness.get(projectId) ?? zeros()
  addTo(slots, lateness)
  bucket.lateness.set(projectId, slots)
}

function addTo(slots: number[], more: readonly number[]): void {
  for (const [slot, count] of more.entries()) slots[slot]! += count
}

function chosen<T>(byProject: ReadonlyMap<string, T>, projectIds: readonly string[] | null): T[] {
  if (projectIds === null) return [...byProject.values()]
  // One by one: a part may be a list itself.
  return projectIds.flatMap((id) => (byProject.has(id) ? [byProject.get(id)!] : []))
}

function sum(parts: readonly Counts[]): Counts {
  const total: Counts = {}
  for (const part of parts) {
    for (const [status, count] of Object.entries(part) as [RunStatus, number][])
      total[status] = (total[status] ?? 0) + count
  }
  return total
}
