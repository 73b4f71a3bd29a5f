// What someone outside says of an attempt, and what follows from it. Whoever is late changes nothing. Pure.

import type { Outcome } from './outcome.ts'
import type { RunStatus } from './run.ts'

export const SAYINGS = ['running', 'heartbeat', 'completed', 'failed', 'cancelled'] as const
export type Saying = (typeof SAYINGS)[number]

export type Word = {
  readonly runId: string
  /** Which attempt it tells of: its number or its fence. */
  readonly attempt?: number
  readonly fence?: number
  readonly says: Saying
  readonly message?: string
  /** Of a failure. Absent: the policy decides. */
  readonly retryable?: boolean
}

/** The attempt under way. */
export type Open = {
  readonly status: 'running' | 'cancelling'
  readonly attempt: number
  readonly fence: number
}

/** `beat`: it goes on. `end`: it ends so. `stale`: it tells of an earlier attempt. `illegal`: nobody may say so now. */
export type Hearing =
  | { readonly kind: 'beat' }
  | { readonly kind: 'end'; readonly outcome: Outcome }
  | { readonly kind: 'stale' | 'illegal'; readonly why: string }

const MESSAGE_MAX = 4_096

export function hear(word: Word, open: Open): Hearing {
  if (!tellsOf(word, open)) {
    return { kind: 'stale', why: `it tells of another attempt; now it is attempt ${open.attempt}` }
  }
  if (word.says === 'running' || word.says === 'heartbeat') return { kind: 'beat' }
  if (word.says === 'cancelled' && open.status !== 'cancelling') {
    return { kind: 'illegal', why: 'nobody has asked for the end of this run, so it cannot be "cancelled"' }
  }
  return { kind: 'end', outcome: outcomeOf(word) }
}

/** Of a run that is not under way: has it been said already? Then it is only a repetition. */
export function isRepetition({ says }: Word, status: RunStatus): boolean {
  return SAID_BY[says] === status || says === 'heartbeat' || says === 'running'
}

const SAID_BY: Partial<Record<Saying, RunStatus>> = {
  completed: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
}

function tellsOf({ attempt, fence }: Word, open: Open): boolean {
  return (attempt === undefined || attempt === open.attempt) && (fence === undefined || fence === open.fence)
}

function outcomeOf({ says, message, retryable }: Word): Outcome {
  if (says === 'completed') return { kind: 'ok' }
  const text = message === undefined || message === '' ? null : message.slice(0, MESSAGE_MAX).toWellFormed()
  if (says === 'cancelled') return { kind: 'cancelled', message: text ?? 'its worker has stopped it' }
  return {
    kind: 'error',
    code: 'worker_failed',
    message: text ?? 'its worker reported that it failed',
    reached: 'yes',
    ...(retryable === undefined ? {} : { retryable }),
  }
}
