// What is to be told of runs that have ended, until it is delivered or dead.

import type { Delivery, Effect, EffectStatus } from '../domain/effect.ts'
import type { Run } from '../domain/run.ts'
import type { Page, PageRequest } from './page.ts'

export interface OutboxStore {
  /**
   * Effects due for a try, with the run they tell of. Held by this node until recorded, until `holdMs` passed or until
   * the node is gone. None for a node that is.
   */
  due(request: {
    readonly now: number
    readonly limit: number
    readonly holdMs: number
    readonly nodeId: string
  }): Promise<{ effect: Effect; run: Run }[]>
  nextTryAt(): Promise<number | null>
  /**
   * Records tries; `nextTryAt` null with ok=false means dead. The store numbers the deliveries: after redeliver() the
   * tries begin anew, the record of them goes on. Late news never takes back a delivery. A try that is recorded already
   * (the same effect, times and end) counts once.
   */
  record(results: readonly { delivery: Delivery; nextTryAt: number | null }[]): Promise<void>
  list(
    filter: { projectIds?: readonly string[]; status?: EffectStatus; runId?: string; jobId?: string },
    page: PageRequest,
  ): Promise<Page<Effect>>
  get(id: string): Promise<{ effect: Effect; deliveries: Delivery[] } | null>
  /** A dead or delivered effect is tried again from the start. false: no such effect, or it is pending. */
  redeliver(id: string, now: number): Promise<boolean>
}
