// What the core needs of a database for attempts that someone outside finishes: an asynchronous call, a worker on the bus.
// They are under no node's lease, so no node's end takes them along; each has a moment of its own to be looked at.

import type { ActiveRun } from '../domain/run.ts'
import type { Work } from './work.ts'

/** A word about an attempt under way: it is outside from here on, if it was not before. */
export type Handing = {
  readonly run: Pick<ActiveRun, 'id' | 'dueAt' | 'fence'>
  /** Someone outside has begun with it. */
  readonly accepted: boolean
  readonly lookAt: number | null
  /** Said by its node, which may come after the first word from outside: then it changes nothing. */
  readonly byNode?: true
  /** What was told of it; what is left out stays as it was. */
  readonly news?: Tidings
}

export type Tidings = {
  /** The share that is done, from 0 to 1. */
  readonly progress?: number
  readonly message?: string
  /** It may take until then, longer than its policy says. */
  readonly endsBy?: number
}

export type HandedWork = {
  readonly work: Work
  readonly acceptedAt: number | null
  readonly endsBy: number | null
  /** What was last told; null: nothing yet. */
  readonly told: Told | null
  /** When silence is noticed; null: never. */
  readonly lookAt: number | null
  /** Whoever works on it was told that it is to stop. */
  readonly toldToStop: boolean
}

export type Told = { readonly at: number; readonly progress: number | null; readonly message: string | null }

/** Where a page of them ended. */
export type OverdueMark = { readonly lookAt: number; readonly runId: string }

export interface HandedStore {
  /** In order of the input, each under its live fence. false: the attempt is over. */
  hand(batch: readonly Handing[], now: number): Promise<readonly boolean[]>
  /** In order of the input: the attempt under way, at its node or outside. null: none is, or there is no such run. */
  active(runIds: readonly string[]): Promise<readonly (HandedWork | null)[]>
  /** Outside, and the moment to look at them has come, the longest ago first; at most `limit`, those after `after`. */
  overdue(now: number, limit: number, after?: OverdueMark | null): Promise<readonly HandedWork[]>
  /** Outside, asked to end, and whoever works on them was not told; by id, at most `limit`, those after `afterId`. */
  stopping(limit: number, afterId?: string): Promise<readonly Work[]>
  /** They were told; looked at again at `lookAt`, whatever was said before. */
  told(
    batch: readonly { readonly runId: string; readonly fence: number; readonly lookAt: number }[],
  ): Promise<void>
}
