// How one attempt went. A failed job is data, never an exception of ours.

/** What came back, kept up to a cap. `body` is text; bytes that are not UTF-8 are replaced. */
export type ResponseRecord = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly bodyBytes: number
  readonly truncated: boolean
}

/** How long a call took to get anywhere, by a clock that is never set. Of several requests (redirects) the last. */
export type CallTiming = {
  /** Until a connection stood: waiting for a free one, the name, TCP, TLS. Next to nothing on one that was kept. */
  readonly connectMs: number
  /** From then to the first of the answer; null: none came. */
  readonly firstByteMs: number | null
}

/** How a process ended. Its whole output is the log of the attempt; here is how it ended. */
export type ProcessRecord = {
  /** null: a signal ended it, or nobody saw its end. */
  readonly exitCode: number | null
  /** As "SIGKILL". */
  readonly signal: string | null
  /** The last of both outputs, as text. */
  readonly output: string
  /** Bytes it has written in all. */
  readonly outputBytes: number
  /** The log lacks some of it: it wrote more than the job's `output.maxBytes`. */
  readonly truncated: boolean
}

/**
 * Did the work start at the other end? `no`: certainly not (never connected). `maybe`: the request left,
 * no full answer came. `yes`: it answered. An at-most-once run is tried again only after `no`.
 */
export type Reached = 'no' | 'maybe' | 'yes'

export type Outcome =
  | {
      readonly kind: 'ok'
      readonly response?: ResponseRecord
      readonly timing?: CallTiming
      readonly process?: ProcessRecord
    }
  | {
      readonly kind: 'error'
      readonly code: string
      readonly message: string
      readonly reached: Reached
      /** false: trying again cannot help. Absent: the policy decides. */
      readonly retryable?: boolean
      /** What the other end asked for by Retry-After. */
      readonly retryAfterMs?: number
      readonly response?: ResponseRecord
      /** Absent: nothing was sent. */
      readonly timing?: CallTiming
      readonly process?: ProcessRecord
    }
  | {
      readonly kind: 'timeout'
      readonly message: string
      readonly reached: Reached
      readonly timing?: CallTiming
      readonly process?: ProcessRecord
    }
  /** Nobody can say how it went; `reached` "no": except that nothing was sent. `process`: it was silent, and ended for that. */
  | {
      readonly kind: 'lost'
      readonly message: string
      readonly reached?: 'no'
      readonly process?: ProcessRecord
    }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'cancelled'; readonly message: string; readonly process?: ProcessRecord }

export type OutcomeKind = Outcome['kind']

/** Its node cannot say how it went; whoever was reached may. */
export function isInDoubt(outcome: Outcome): boolean {
  if (outcome.kind === 'error' || outcome.kind === 'timeout') return outcome.reached === 'maybe'
  return outcome.kind === 'lost'
}

/** How a dispatch ended: the attempt with it, or it was handed over to someone outside, who is to finish it. */
export type Dispatched = Outcome | HandedOver
export type HandedOver = { readonly kind: 'handed_over' }

export function isHandedOver(dispatched: Dispatched): dispatched is HandedOver {
  return dispatched.kind === 'handed_over'
}
