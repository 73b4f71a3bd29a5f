// Until when a run may start: its job's start deadline, and for one that needs an agent, the patience with waiting for it.

import type { JobSpec } from './job.ts'
import { type Policy, resolvePolicy } from './policy.ts'
import type { Reason } from './run.ts'
import { executionOf } from './target.ts'

/** null: for ever, or no agent is needed. */
export function queueTimeout({ target }: Pick<JobSpec, 'target'>, policy: Policy): number | null {
  return executionOf(target) === null ? null : policy.queueTimeoutMs
}

/** The earlier of the start deadline and the end of patience, which begins when the run may start. */
export function queueUntil(
  startBy: number | null,
  readyAt: number,
  queueTimeoutMs: number | null,
): number | null {
  if (queueTimeoutMs === null) return startBy
  return Math.min(startBy ?? Number.POSITIVE_INFINITY, readyAt + queueTimeoutMs)
}

/** null: a run of this job that is ready then may start whenever. */
export function startBy(
  spec: Pick<JobSpec, 'target' | 'policy'>,
  dueAt: number,
  readyAt: number,
): number | null {
  const policy = resolvePolicy(spec.policy)
  const deadline = policy.startWithinMs === null ? null : dueAt + policy.startWithinMs
  return queueUntil(deadline, readyAt, queueTimeout(spec, policy))
}

/** Of how long a further attempt may be waited for. */
export function retryBy(spec: Pick<JobSpec, 'target'>, policy: Policy, readyAt: number): number | null {
  const patienceMs = queueTimeout(spec, policy)
  return patienceMs === null ? null : readyAt + patienceMs
}

/** `attempts`: so far. Once it has started the start deadline is kept. */
export type Overdue = { readonly dueAt: number; readonly startBy: number; readonly attempts?: number }

/** Why a run whose `startBy` has passed was missed. */
export function missedReason(
  spec: JobSpec,
  { dueAt, startBy, attempts = 0 }: Overdue,
): { reason: Reason; message: string } {
  const { startWithinMs } = resolvePolicy(spec.policy)
  const isLate = attempts === 0 && startWithinMs !== null && startBy >= dueAt + startWithinMs
  return executionOf(spec.target) === null || isLate
    ? { reason: 'too_late', message: TOO_LATE }
    : { reason: 'no_agent', message: NO_AGENT }
}

export const TOO_LATE = 'not started within its start deadline'
export const NO_AGENT = 'no matching agent took it within its queue timeout'
