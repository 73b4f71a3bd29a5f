// A work as far as its request needs it, so that no more than this has to travel to a thread.

import type { JobSpec } from '../domain/job.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { ActiveRun } from '../domain/run.ts'
import type { TargetRules } from '../domain/target-rules.ts'
import type { StopSignal } from '../ports/stop.ts'

export type HttpWork = {
  readonly run: Pick<
    ActiveRun,
    | 'id'
    | 'projectId'
    | 'jobId'
    | 'jobName'
    | 'jobVersion'
    | 'trigger'
    | 'dueAt'
    | 'late'
    | 'fence'
    | 'params'
  >
  readonly spec: HttpSpec
  readonly attempt: { readonly number: number }
  /** With it the receiver tells of the attempt and ends it. */
  readonly token?: string
  /** Present: what is prepared for this one is not for others of its version, and is not kept. */
  readonly secrets?: unknown
  /** Whom its project may call, where that is not what all may. */
  readonly targets?: TargetRules
}

/** A secret may stand in any header and in the body, so the whole request stays where it was meant to go. */
export function isBound({ secrets, token }: HttpWork): boolean {
  return secrets !== undefined || token !== undefined
}

export type HttpSpec = Pick<JobSpec, 'name' | 'schedule' | 'target' | 'policy'>

/** The dispatcher of HTTP targets: a Dispatcher that is content with less. */
export interface HttpDispatcher extends AsyncDisposable {
  dispatch(work: HttpWork, signal: StopSignal): Promise<Outcome>
  dispatchBatch(batch: readonly HttpWork[], signal: StopSignal): Promise<Outcome[]>
  batchKey(work: HttpWork): string | null
}
