// Someone who must be told. Written in the transaction that ended the run, delivered at least once after it.

import type { FinalStatus } from './run.ts'
import type { CallAuth, SignRule } from './target.ts'

export type Callback = {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Signs each telling, so that its receiver can tell that it is ours. */
  readonly sign?: SignRule
  /** What each telling shows to say who tells. */
  readonly auth?: CallAuth
  /** Default 10 s. */
  readonly timeout?: string
  /** Waits before further tries. Default 1 s, 5 s, 30 s; the count is the number of retries. */
  readonly retryDelays?: readonly string[]
  /** Final statuses that are told. Default: all but skipped. */
  readonly on?: readonly string[]
  /** Sent instead of the run, its places filled in (see template.ts): text as it stands, anything else as JSON. */
  readonly body?: unknown
  /** What `{{run.status}}` says, for receivers with words of their own. */
  readonly statusNames?: Readonly<Record<string, string>>
}

export const CALLBACK_DEFAULTS = {
  timeoutMs: 10_000,
  retryDelaysMs: [1_000, 5_000, 30_000],
  on: ['succeeded', 'failed', 'cancelled', 'missed', 'unknown'],
} as const

export const EFFECT_STATUSES = ['pending', 'delivered', 'dead'] as const
export type EffectStatus = (typeof EFFECT_STATUSES)[number]

export type Effect = {
  readonly id: string
  readonly kind: 'callback'
  readonly projectId: string
  readonly jobId: string
  readonly runId: string
  readonly callback: Callback
  readonly status: EffectStatus
  /** Tries made so far. */
  readonly tries: number
  readonly nextTryAt: number | null
  readonly createdAt: number
  readonly endedAt: number | null
}

/** One try to deliver an effect; append-only. */
export type Delivery = {
  readonly effectId: string
  readonly number: number
  readonly startedAt: number
  readonly endedAt: number
  readonly status: number | null
  readonly ok: boolean
  readonly message: string
}

/** Is this callback told of a run that ended like this? */
export function isTold(callback: Callback | null, status: FinalStatus): callback is Callback {
  if (callback === null) return false
  return (callback.on ?? CALLBACK_DEFAULTS.on).includes(status)
}
