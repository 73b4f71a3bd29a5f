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

/** When listening begins, words may lie there that nobody has read, and whoever works outside has to find its way back. */
export const CATCH_UP_MS = 10_000

/** A server that cannot listen for it leaves it so long to one that can. */
export const ELSEWHERE_MS = 60_000

/**
 * Since when every word of whoever works on it has been heard. `deaf`: none can be now, so silence says nothing.
 * `elsewhere`: another server listens for it.
 */
export type Listening = number | 'deaf' | 'elsewhere'

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

/** What is asked of one that nothing was heard of until its moment to look. */
export type Unheard = Handed & {
  readonly lookAt: number
  /** When something was last heard; null: nothing yet. */
  readonly heardAt: number | null
  /** Its end was asked for; `told`: and so was whoever works on it. */
  readonly stopping: 'no' | 'asked' | 'told'
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

/** What it means that nothing was heard until the moment to look. null: nothing yet, as somebody may have spoken unheard. */
export function overdue(handed: Unheard, listening: Listening, now: number): Overdue | null {
  const { spec, startedAt, acceptedAt, lookAt, heardAt, stopping } = handed
  const left = listening === 'elsewhere' && now >= lookAt + ELSEWHERE_MS
  if (stopping === 'told') return stopped('it was asked to stop, and nobody said that it has')
  // Whoever works on it is told first, and has its time then.
  if (stopping === 'asked')
    return left ? stopped('it was to stop, and there was nobody who could tell it') : null
  const { timeoutAt, startBy } = deadlines(handed)
  const isSure =
    left || (typeof listening === 'number' && (startedAt >= listening || now >= listening + CATCH_UP_MS))
  if (timeoutAt !== null && now >= timeoutAt) {
    return isSure ? overtime('nobody reported its end', timeoutAt - startedAt) : null
  }
  if (acceptedAt === null && startBy !== null && now >= startBy) {
    return isSure ? overtime('no worker began', startBy - startedAt) : null
  }
  if (typeof listening !== 'number') return null
  const silenceMs = resolvePolicy(spec.policy).heartbeatTimeoutMs ?? 0
  const isBack = heardAt !== null && heardAt >= listening
  if (!isBack && now < listening + Math.max(silenceMs, CATCH_UP_MS)) return null
  const message = `its worker was silent for ${formatDuration(silenceMs)}`
  return { kind: 'silent', outcome: { kind: 'lost', message } }
}

function stopped(message: string): Overdue {
  return { kind: 'stopped', outcome: { kind: 'cancelled', message } }
}

function overtime(what: string, ms: number): Overdue {
  const message = `${what} within ${formatDuration(ms)}`
  return { kind: 'overtime', outcome: { kind: 'timeout', message, reached: 'maybe' } }
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
