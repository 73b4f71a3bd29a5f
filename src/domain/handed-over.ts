// An attempt that someone outside finishes: it was handed over, is under nobody's lease, and ends by a word from outside
// or by silence. Here is when to look for that silence, and what it means. Pure.

import { formatDuration, parseDuration } from './duration.ts'
import type { JobSpec } from './job.ts'
import type { Outcome } from './outcome.ts'
import { resolvePolicy } from './policy.ts'

/** Who holds what was handed over. Not a node that could lapse. */
export const OUTSIDE_NODE_ID = 'nod_outside'

/** Someone asked to end what is outside has so long to say that it has; at least, where a heartbeat is slower. */
export const STOP_WITHIN_MS = 30_000

export const RECEIVER_LIMITS = { messageMax: 500, extendMaxMs: 24 * 3_600_000 } as const

/** As much of an attempt as decides when it is overdue. */
export type Handed = {
  readonly spec: Pick<JobSpec, 'policy' | 'target'>
  /** When the attempt began. */
  readonly startedAt: number
  /** When someone began to work on it; null: nobody has said so. */
  readonly acceptedAt: number | null
  /** It was given longer than its policy says. */
  readonly endsBy?: number | null
}

/** When it has taken too long; null: it may take for ever. */
export function timeUp(handed: Handed): number | null {
  return deadlines(handed).timeoutAt
}

/** After a word at `now`: when silence is to be noticed. null: it may take for ever. */
export function lookAt(handed: Handed, now: number): number | null {
  const { timeoutAt, startBy } = deadlines(handed)
  const { heartbeatTimeoutMs } = resolvePolicy(handed.spec.policy)
  const silentAt = handed.acceptedAt === null || heartbeatTimeoutMs === null ? null : now + heartbeatTimeoutMs
  return earliest([timeoutAt, handed.acceptedAt === null ? startBy : null, silentAt])
}

/** When the word is out that it is to stop. */
export function stopAt(now: number, spec: Pick<JobSpec, 'policy'>): number {
  return now + Math.max(STOP_WITHIN_MS, resolvePolicy(spec.policy).heartbeatTimeoutMs ?? 0)
}

/** `overtime`: it took too long, or never began. `silent`: its worker is gone. `stopped`: it was asked to end. */
export type Overdue = {
  readonly kind: 'overtime' | 'silent' | 'stopped'
  readonly outcome: Outcome & { readonly message: string }
}

/** What it means that nothing was heard until the moment to look. */
export function overdue(handed: Handed, cancelling: boolean, now: number): Overdue {
  if (cancelling) {
    const message = 'it was asked to stop, and nobody said that it has'
    return { kind: 'stopped', outcome: { kind: 'cancelled', message } }
  }
  const policy = resolvePolicy(handed.spec.policy)
  const { timeoutAt, startBy } = deadlines(handed)
  if (timeoutAt !== null && now >= timeoutAt) {
    const message = `nobody reported its end within ${formatDuration(timeoutAt - handed.startedAt)}`
    return { kind: 'overtime', outcome: { kind: 'timeout', message, reached: 'maybe' } }
  }
  if (handed.acceptedAt === null && startBy !== null && now >= startBy) {
    const message = `no worker began within ${formatDuration(startBy - handed.startedAt)}`
    return { kind: 'overtime', outcome: { kind: 'timeout', message, reached: 'maybe' } }
  }
  const message = `its worker was silent for ${formatDuration(policy.heartbeatTimeoutMs ?? 0)}`
  return { kind: 'silent', outcome: { kind: 'lost', message } }
}

function deadlines({ spec, startedAt, endsBy }: Handed): {
  timeoutAt: number | null
  startBy: number | null
} {
  const { timeoutMs } = resolvePolicy(spec.policy)
  const text = spec.target.message?.startTimeout
  const startMs = text === undefined ? null : parseDuration(text)
  return {
    timeoutAt: timeoutMs === null ? null : Math.max(startedAt + timeoutMs, endsBy ?? 0),
    startBy: startMs === null ? null : startedAt + startMs,
  }
}

function earliest(moments: readonly (number | null)[]): number | null {
  const given = moments.filter((at) => at !== null)
  return given.length === 0 ? null : Math.min(...given)
}
