// What hit whom, from when to when, in the words of the checker of histories.

import type { Fault, FaultKind } from '../cluster/checker/history.ts'

export class FaultLog {
  readonly faults: Fault[] = []
  readonly #now: () => number

  /** `now`: the clock of the store. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** `node` null: it hits the store, or all at once. */
  note(kind: FaultKind, node: string | null, ms: number): void {
    const from = this.#now()
    this.faults.push({ kind, node, from, to: from + Math.ceil(ms) })
  }
}
