// settle(): what follows from an outcome: done, or retry at, and under which cause. Pure.

import type { AttemptCause } from './attempt.ts'
import { formatDuration } from './duration.ts'
import type { Outcome, Reached } from './outcome.ts'
import type { Policy } from './policy.ts'
import { retryDelay } from './retry.ts'
import { matchesStatus } from './target.ts'

/**
 * What the store writes when an attempt has ended, under the attempt's fence. Whoever must be told of a final
 * run is written in the same transaction (see isTold in effect.ts).
 */
export type Settlement =
  | {
      readonly kind: 'done'
      readonly status: 'succeeded' | 'failed' | 'cancelled' | 'unknown'
      readonly message: string
    }
  | {
      readonly kind: 'retry'
      readonly readyAt: number
      /** Of one that needs an agent: no longer than until then is one waited for. Default: for ever. */
      readonly startBy?: number | null
      readonly cause: AttemptCause
      readonly message: string
    }

export type EndedAttempt = {
  readonly policy: Policy
  /** Attempts started so far, this one included. */
  readonly attempts: number
  /** Of the earlier ones, how many were lost: they use up none of the job's own tries. Default 0. */
  readonly lost?: number
  /** And how many were refused: an agent had no room after all, or its own policy forbids it. Default 0. */
  readonly refused?: number
  /** It may be offered to another agent. false: this one alone is meant, so its refusal is a failure. Default true. */
  readonly elsewhere?: boolean
  /** Someone asked for the end of the run while it was under way. */
  readonly cancelling: boolean
  readonly outcome: Outcome
  /** Uniform in [0, 1), for the jitter. */
  readonly random: number
}

/** A lost attempt is our failure, not the job's: it may exceed the job's own limit by this many. */
export const LOST_EXTRA_MAX = 5

/** So often a run is offered elsewhere before its refusals count as failures. */
export const REFUSED_EXTRA_MAX = 20

export function settle(ended: EndedAttempt, now: number): Settlement {
  const { outcome, policy } = ended
  if (outcome.kind === 'ok') return done('succeeded', describe(outcome))
  if (outcome.kind === 'cancelled' || ended.cancelling) return done('cancelled', describe(outcome))
  if (policy.delivery === 'at_most_once' && reached(outcome) !== 'no') {
    return reached(outcome) === 'yes'
      ? done('failed', `${describe(outcome)}; at most once, so not tried again`)
      : done('unknown', `${describe(outcome)}; at most once, so it is left as unknown`)
  }
  if (!isRetryable(outcome, policy)) return done('failed', describe(outcome))
  return retryOrGiveUp(ended, now)
}

function retryOrGiveUp(
  { outcome, policy, attempts, lost = 0, refused = 0, elsewhere = true, random }: EndedAttempt,
  now: number,
): Settlement {
  const { kind } = outcome
  const spared = kind === 'lost' || (kind === 'refused' && elsewhere) ? kind : null
  const tries = attempts - lost - (elsewhere ? refused : 0)
  const spent = tries + extraSpent(spared, lost, refused)
  if (spent > policy.retry.max) {
    const after = attempts === 1 ? '' : `; gave up after ${attempts} attempts`
    return done('failed', describe(outcome) + after)
  }
  const asked = outcome.kind === 'error' ? (outcome.retryAfterMs ?? 0) : 0
  const delay =
    spared === 'lost'
      ? lostDelay(attempts)
      : spared === 'refused'
        ? refusedDelay(refused, random)
        : retryDelay(policy.retry, tries, random)
  const waitMs = Math.max(delay, asked)
  return {
    kind: 'retry',
    readyAt: now + waitMs,
    cause: causeOf(outcome),
    message: `${describe(outcome)}; next attempt in ${formatDuration(waitMs)}`,
  }
}

/** At once the first time: the node is gone, not the target. Then slower, should the run be what kills nodes. */
function lostDelay(attempts: number): number {
  return attempts <= 1 ? 0 : Math.min(60_000, 1_000 * 2 ** (attempts - 2))
}

/** What an attempt that is spared adds to what is spent: nothing until its allowance is used up. */
function extraSpent(spared: 'lost' | 'refused' | null, lost: number, refused: number): number {
  if (spared === 'lost') return lost - LOST_EXTRA_MAX
  return spared === 'refused' ? refused - REFUSED_EXTRA_MAX : 0
}

/** Soon the first time, as another may have room; then slower, with some chance, so that not all come back together. */
function refusedDelay(refused: number, random: number): number {
  return Math.round(Math.min(30_000, 250 * 2 ** refused) * (0.5 + random / 2))
}

function causeOf(outcome: Outcome): AttemptCause {
  if (outcome.kind === 'lost') return 'node_lost'
  return outcome.kind === 'refused' ? 'refused' : 'retry_policy'
}

function isRetryable(outcome: Outcome, { retry }: Policy): boolean {
  if (outcome.kind !== 'error' && outcome.kind !== 'timeout') return true
  if (outcome.reached !== 'no' && !retry.on.includes(outcome.kind)) return false
  if (outcome.kind === 'timeout') return true
  if (outcome.retryable !== undefined) return outcome.retryable
  const status = outcome.response?.status
  if (status === undefined) return true
  if (retry.nonRetryable !== null)
    return !retry.nonRetryable.some((pattern) => matchesStatus(pattern, status))
  return !isHopeless(status)
}

/** The caller's mistake stays one, except where the answer itself says "later" (RFC 9110, RFC 6585, RFC 8470). */
function isHopeless(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429
}

function reached(outcome: Outcome): Reached {
  if (outcome.kind === 'error' || outcome.kind === 'timeout') return outcome.reached
  if (outcome.kind === 'lost') return outcome.reached ?? 'maybe'
  return outcome.kind === 'refused' ? 'no' : 'maybe'
}

function describe(outcome: Outcome): string {
  if (outcome.kind === 'ok')
    return outcome.response === undefined ? 'done' : `answered ${outcome.response.status}`
  return outcome.message
}

function done(status: (Settlement & { kind: 'done' })['status'], message: string): Settlement {
  return { kind: 'done', status, message }
}
