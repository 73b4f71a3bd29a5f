// Under which rules a job runs: the wire form as it was written, and the resolved form the decisions use.

import { parseDuration } from './duration.ts'
import type { StatusPattern } from './target.ts'

export type OverlapMode = 'skip' | 'queue' | 'allow' | 'replace'
export type CatchUpMode = 'none' | 'latest' | 'all'
export type DeliveryMode = 'at_least_once' | 'at_most_once'
export type OnResume = 'skip' | 'latest' | 'all'

export type RetrySpec = {
  readonly delays?: readonly string[]
  readonly max?: number
  readonly minDelay?: string
  readonly maxDelay?: string
  readonly factor?: number
  /** 0 … 1: the share of each delay that is drawn by chance. */
  readonly jitter?: number
  readonly nonRetryable?: readonly StatusPattern[]
  /** Which ends of an attempt are worth another; what did not even begin always is. Default both. */
  readonly on?: readonly RetriedOutcome[]
}

export const RETRIED_OUTCOMES = ['error', 'timeout'] as const
export type RetriedOutcome = (typeof RETRIED_OUTCOMES)[number]

export type KeepSpec = { readonly days?: number; readonly last?: number }

/** As the caller writes it; everything may be left out. */
export type PolicySpec = {
  readonly overlap?: OverlapMode | { readonly mode: OverlapMode; readonly max?: number }
  readonly catchUp?:
    | CatchUpMode
    | {
        readonly mode: CatchUpMode
        readonly within?: string
        readonly max?: number
        /** Runs per minute. */
        readonly rate?: number
        readonly order?: 'oldest' | 'newest'
      }
  readonly startWithin?: string
  /** Of one attempt; "0s": none. */
  readonly timeout?: string
  /** An attempt that finishes later (an agent's, an asynchronous call's) and is silent for so long is lost. */
  readonly heartbeatTimeout?: string
  /** A run for which no matching agent is free so long after it may start is missed: no_agent. */
  readonly queueTimeout?: string
  /** Of the runs of all jobs of the project that name this key, at most `max` are under way. */
  readonly concurrency?: { readonly key: string; readonly max: number }
  readonly retry?: RetrySpec
  readonly delivery?: DeliveryMode
  readonly keep?: KeepSpec
  readonly onResume?: OnResume
}

export type RetryPolicy = {
  /** Retries after the first attempt. */
  readonly max: number
  /** Given list of delays; null: exponential. */
  readonly delaysMs: readonly number[] | null
  readonly minDelayMs: number
  readonly maxDelayMs: number
  readonly factor: number
  readonly jitter: number
  readonly nonRetryable: readonly StatusPattern[] | null
  readonly on: readonly RetriedOutcome[]
}

export type CatchUpPolicy = {
  readonly mode: CatchUpMode
  readonly withinMs: number
  readonly max: number
  /** Milliseconds between two catch-up runs; 0: as fast as the overlap rule lets them. */
  readonly spacingMs: number
  readonly order: 'oldest' | 'newest'
}

export type Policy = {
  readonly overlap: { readonly mode: OverlapMode; readonly max: number }
  readonly catchUp: CatchUpPolicy
  readonly startWithinMs: number | null
  /** null: an attempt may take for ever. */
  readonly timeoutMs: number | null
  readonly heartbeatTimeoutMs: number | null
  readonly queueTimeoutMs: number | null
  readonly retry: RetryPolicy
  readonly delivery: DeliveryMode
  readonly keep: KeepSpec
  readonly onResume: OnResume
}

export const POLICY_LIMITS = {
  concurrencyKeyMax: 200,
  concurrencyMax: 10_000,
  overlapMax: 1_000,
  catchUpMax: 10_000,
  catchUpRateMax: 60_000,
  retriesMax: 100,
  delayMaxMs: 7 * 86_400_000,
  timeoutMaxMs: 24 * 3_600_000,
  heartbeatTimeoutMinMs: 1_000,
  withinMaxMs: 366 * 86_400_000,
  keepDaysMax: 3_650,
  keepLastMax: 100_000,
} as const

const DAY_MS = 86_400_000
const QUEUE_MAX_DEFAULT = 100
const ALLOW_MAX_DEFAULT = 100

export const DEFAULT_POLICY: Policy = {
  overlap: { mode: 'skip', max: 1 },
  catchUp: { mode: 'latest', withinMs: DAY_MS, max: 100, spacingMs: 0, order: 'oldest' },
  startWithinMs: null,
  timeoutMs: 15 * 60_000,
  heartbeatTimeoutMs: null,
  queueTimeoutMs: null,
  retry: {
    max: 3,
    delaysMs: null,
    minDelayMs: 1_000,
    maxDelayMs: 3_600_000,
    factor: 4,
    jitter: 0.5,
    nonRetryable: null,
    on: RETRIED_OUTCOMES,
  },
  delivery: 'at_least_once',
  keep: {},
  onResume: 'skip',
}

/** Fills in the defaults. The spec has been checked; a duration that does not parse is our own mistake. */
export function resolvePolicy(spec: PolicySpec | undefined): Policy {
  if (spec === undefined || Object.keys(spec).length === 0) return DEFAULT_POLICY
  return {
    overlap: resolveOverlap(spec.overlap),
    catchUp: resolveCatchUp(spec.catchUp),
    startWithinMs: spec.startWithin === undefined ? null : ms(spec.startWithin),
    timeoutMs: spec.timeout === undefined ? DEFAULT_POLICY.timeoutMs : ms(spec.timeout) || null,
    heartbeatTimeoutMs: spec.heartbeatTimeout === undefined ? null : ms(spec.heartbeatTimeout),
    queueTimeoutMs: spec.queueTimeout === undefined ? null : ms(spec.queueTimeout),
    retry: resolveRetry(spec.retry),
    delivery: spec.delivery ?? DEFAULT_POLICY.delivery,
    keep: spec.keep ?? DEFAULT_POLICY.keep,
    onResume: spec.onResume ?? DEFAULT_POLICY.onResume,
  }
}

function resolveOverlap(spec: PolicySpec['overlap']): Policy['overlap'] {
  if (spec === undefined) return DEFAULT_POLICY.overlap
  const { mode, max } = typeof spec === 'string' ? { mode: spec, max: undefined } : spec
  if (mode === 'queue') return { mode, max: max ?? QUEUE_MAX_DEFAULT }
  if (mode === 'allow') return { mode, max: max ?? ALLOW_MAX_DEFAULT }
  return { mode, max: 1 }
}

function resolveCatchUp(spec: PolicySpec['catchUp']): CatchUpPolicy {
  const base = DEFAULT_POLICY.catchUp
  if (spec === undefined) return base
  if (typeof spec === 'string') return { ...base, mode: spec }
  return {
    mode: spec.mode,
    withinMs: spec.within === undefined ? base.withinMs : ms(spec.within),
    max: spec.max ?? base.max,
    spacingMs: spec.rate === undefined ? 0 : Math.ceil(60_000 / spec.rate),
    order: spec.order ?? base.order,
  }
}

function resolveRetry(spec: RetrySpec | undefined): RetryPolicy {
  const base = DEFAULT_POLICY.retry
  if (spec === undefined) return base
  const delaysMs = spec.delays?.map(ms) ?? null
  return {
    max: delaysMs?.length ?? spec.max ?? base.max,
    delaysMs,
    minDelayMs: spec.minDelay === undefined ? base.minDelayMs : ms(spec.minDelay),
    maxDelayMs: spec.maxDelay === undefined ? base.maxDelayMs : ms(spec.maxDelay),
    factor: spec.factor ?? base.factor,
    jitter: spec.jitter ?? base.jitter,
    nonRetryable: spec.nonRetryable ?? null,
    on: spec.on ?? base.on,
  }
}

function ms(text: string): number {
  const value = parseDuration(text)
  if (value === null) throw new Error(`a stored duration does not parse: ${text}`)
  return value
}
