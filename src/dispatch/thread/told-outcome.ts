// Outcomes on their way back from the thread. The usual one, an answer, goes by position: half the bytes of named fields, and
// objects of one shape at the other end. Every other is told as it is. What works that left together share is told once.

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

type ToldOutcome = Answered | Outcome

/** Of one order. A number: the one before goes for so many works more. */
export type ToldOutcomes = readonly (ToldOutcome | number)[]

export function toldOutcomes(outcomes: readonly Outcome[]): ToldOutcomes {
  const told: (ToldOutcome | number)[] = []
  for (let at = 0; at < outcomes.length; ) {
    const outcome = outcomes[at]!
    let end = at + 1
    while (end < outcomes.length && outcomes[end] === outcome) end += 1
    told.push(toldOutcome(outcome))
    if (end - at > 1) told.push(end - at - 1)
    at = end
  }
  return told
}

export function outcomesTold(told: ToldOutcomes): Outcome[] {
  const outcomes: Outcome[] = []
  for (const one of told) {
    if (typeof one !== 'number') outcomes.push(outcomeTold(one))
    else for (let left = one; left > 0; left -= 1) outcomes.push(outcomes.at(-1)!)
  }
  return outcomes
}

function toldOutcome(outcome: Outcome): ToldOutcome {
  if (outcome.kind !== 'ok') return outcome
  const { response, timing, process } = outcome
  if (response === undefined || timing === undefined || process !== undefined) return outcome
  const { status, headers, body, bodyBytes, truncated } = response
  return [status, headers, body, bodyBytes, truncated, timing.connectMs, timing.firstByteMs]
}

function outcomeTold(told: ToldOutcome): Outcome {
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
