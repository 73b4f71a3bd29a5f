// The overview of many jobs: what was, and what will be, in coarse steps. Counted off the request's path and kept,
// so that looking costs the same with ten jobs and with a hundred thousand.

import type { RunStatus } from '../domain/run.ts'

export type PastBucket = {
  readonly at: number
  readonly counts: Readonly<Partial<Record<RunStatus, number>>>
}

export type Past = {
  readonly from: number
  readonly bucketMs: number
  /** Only those with runs in them, ascending. */
  readonly buckets: readonly PastBucket[]
  /** By slot (domain/lateness.ts), of the last hour. */
  readonly lateness: readonly number[]
  /** null: the first count is still under way; what is here is a part. */
  readonly countedAt: number | null
}

export type Ahead = {
  readonly from: number
  readonly bucketMs: number
  /** Due instants in each bucket from `from` on. */
  readonly counts: readonly number[]
  /** Due instants in the hour after `countedAt`. */
  readonly nextHour: number
  readonly countedAt: number | null
  /** There are more jobs than one count looks at: the others are taken to be alike. */
  readonly sampled: boolean
}

export interface Survey {
  /** What is known, of these projects or of all (null); counts anew when it is old, and waits for that only briefly. */
  look(projectIds: readonly string[] | null): Promise<{ readonly past: Past; readonly ahead: Ahead }>
}
