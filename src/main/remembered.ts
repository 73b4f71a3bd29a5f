// What is costly to look up, for many who ask: whoever comes soon after another gets the same answer. The longer a look takes,
// the longer its answer serves, so that looking never takes more than a small share of the store's time.

import type { Clock } from '../ports/clock.ts'

const FRESH_MS = 1_000
/** 20: at most a twentieth of the time is spent on looking. */
const TIMES_TAKEN = 20
/** After a look that was held up by something else. */
const FRESH_MAX_MS = 60_000

export function remembered<Answer>(
  clock: Pick<Clock, 'monotonic'>,
  look: () => Promise<Answer>,
): () => Promise<Answer> {
  let answer: Promise<Answer> | null = null
  let until = Number.POSITIVE_INFINITY
  return () => {
    if (answer !== null && clock.monotonic() < until) return answer
    const begun = clock.monotonic()
    const mine = look()
    answer = mine
    // While it is under way, for all who come.
    until = Number.POSITIVE_INFINITY
    mine.then(
      () => {
        const ended = clock.monotonic()
        until = ended + Math.min(FRESH_MAX_MS, Math.max(FRESH_MS, TIMES_TAKEN * (ended - begun)))
      },
      () => {
        answer = null
      },
    )
    return mine
  }
}
