// What an attempt's row keeps of its outcome besides the kind. Runs that left together share one outcome: it is written as text once.

import type { Outcome } from './outcome.ts'

export class OutcomeDetails {
  #last: Outcome | null = null
  #text = ''

  /** JSON; null: the outcome says no more than its kind. */
  of(outcome: Outcome): string | null {
    if (isBare(outcome)) return null
    if (outcome !== this.#last) {
      this.#text = JSON.stringify(outcome)
      this.#last = outcome
    }
    return this.#text
  }
}

function isBare(outcome: Outcome): boolean {
  return outcome.kind === 'ok' && outcome.response === undefined && outcome.process === undefined
}
