// A leased attempt: what is handed to whoever carries it out.

import type { AttemptCause } from '../domain/attempt.ts'
import type { JobSpec } from '../domain/job.ts'
import type { GoneNode } from '../domain/node.ts'
import type { ActiveRun } from '../domain/run.ts'

/** A leased attempt, with all a dispatcher needs. */
export type Work = {
  readonly run: ActiveRun
  readonly spec: JobSpec
  readonly attempt: { readonly number: number; readonly cause: AttemptCause; readonly startedAt: number }
  /** One process of several: a share of the work, or one agent of all. Absent: it is the only one. */
  readonly part?: Part
  /** By name, the secrets its target asks for; only while it is carried out. Kept nowhere. */
  readonly secrets?: Readonly<Record<string, string>>
}

/** A run whose node is gone, with what settle() needs and who held it. */
export type LostWork = { readonly work: Work; readonly node: GoneNode }

export type Part = { /** From 0. */ readonly index: number; readonly total: number }
