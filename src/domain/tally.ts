// Counts of due instants by bucket of time, project and status, added up run by run and gap by gap.

import { LATENESS_SLOTS, latenessSlot } from './lateness.ts'
import type { RunStatus, Trigger } from './run.ts'

export type TallyBucket = {
  readonly projectId: string
  /** A multiple of the width of a bucket. */
  readonly at: number
  readonly counts: Readonly<Partial<Record<RunStatus, number>>>
  /** First starts of scheduled runs that were on time when they were planned, by slot (lateness.ts). */
  readonly lateness: readonly number[]
}

export type TalliedRun = {
  readonly projectId: string
  readonly dueAt: number
  readonly status: RunStatus
  readonly startedAt: number | null
  readonly late: boolean
  readonly trigger: Trigger
}

export type TalliedGap = {
  readonly projectId: string
  readonly to: number
  readonly status: 'skipped' | 'missed'
  readonly count: number
}

type Counted = {
  readonly projectId: string
  readonly at: number
  readonly counts: { [S in RunStatus]?: number }
  readonly lateness: number[]
}

export class TallyBuckets {
  readonly #bucketMs: number
  readonly #byKey = new Map<string, Counted>()

  constructor(bucketMs: number) {
    this.#bucketMs = bucketMs
  }

  add({ projectId, dueAt, status, startedAt, late, trigger }: TalliedRun): void {
    const bucket = this.#bucket(projectId, Math.floor(dueAt / this.#bucketMs) * this.#bucketMs)
    bucket.counts[status] = (bucket.counts[status] ?? 0) + 1
    if (startedAt !== null && !late && trigger === 'schedule')
      bucket.lateness[latenessSlot(startedAt - dueAt)]! += 1
  }

  /** All of it where it ends: a gap does not say when each of its instants was due. */
  addGap({ projectId, to, status, count }: TalliedGap): void {
    const { counts } = this.#bucket(projectId, Math.floor(to / this.#bucketMs) * this.#bucketMs)
    counts[status] = (counts[status] ?? 0) + count
  }

  list(): TallyBucket[] {
    return [...this.#byKey.values()]
  }

  #bucket(projectId: string, at: number): Counted {
    const key = `${projectId} ${at}`
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const made = { projectId, at, counts: {}, lateness: Array.from({ length: LATENESS_SLOTS }, () => 0) }
    this.#byKey.set(key, made)
    return made
  }
}
