// An outcome on its way back from the thread. The usual one, an answer, goes by position: half the bytes of named fields, and
// objects of one shape at the other end. Every other is told as it is.

import type { Outcome, ResponseRecord } from '../../domain/outcome.ts'

type Answered = readonly [
  status: number,
  headers: ResponseRecord['headers'],
  body: string,
  bodyBytes: number,
  truncated: boolean,
  connectMs: number,
  firstByteMs: number | null,
]

export type ToldOutcome = Answered | Outcome

export function toldOutcome(outcome: Outcome): ToldOutcome {
  if (outcome.kind !== 'ok') return outcome
  const { response, timing, process } = outcome
  if (response === undefined || timing === undefined || process !== undefined) return outcome
  const { status, headers, body, bodyBytes, truncated } = response
  return [status, headers, body, bodyBytes, truncated, timing.connectMs, timing.firstByteMs]
}

export function outcomeTold(told: ToldOutcome): Outcome {
  if (!isAnswered(told)) return told
  const [status, headers, body, bodyBytes, truncated, connectMs, firstByteMs] = told
  return {
    kind: 'ok',
    response: { status, headers, body, bodyBytes, truncated },
    timing: { connectMs, firstByteMs },
  }
}

function isAnswered(told: ToldOutcome): told is Answered {
  return Array.isArray(told)
}
