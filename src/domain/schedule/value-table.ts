// A set of small numbers (below 127) that answers in one look-up: the next one, the one before, how many below.

export const NONE = -1

export class ValueTable {
  readonly values: readonly number[]
  readonly first: number
  readonly last: number
  readonly #atOrAfter: Int8Array
  readonly #atOrBefore: Int8Array
  readonly #below: Int8Array

  /** `values` lie in [0, size), ascending, at least one. */
  constructor(values: readonly number[], size: number) {
    this.values = values
    this.first = values[0]!
    this.last = values.at(-1)!
    this.#atOrAfter = new Int8Array(size + 1).fill(NONE)
    this.#atOrBefore = new Int8Array(size + 1).fill(NONE)
    this.#below = new Int8Array(size + 1)
    const chosen = new Set(values)
    for (let value = size - 1; value >= 0; value--) {
      this.#atOrAfter[value] = chosen.has(value) ? value : this.#atOrAfter[value + 1]!
    }
    for (let value = 0; value < size; value++) {
      // Shifted by one, so that the place before 0 exists: slot v + 1 answers for v.
      this.#atOrBefore[value + 1] = chosen.has(value) ? value : this.#atOrBefore[value]!
      this.#below[value + 1] = this.#below[value]! + (chosen.has(value) ? 1 : 0)
    }
  }

  get count(): number {
    return this.values.length
  }

  /** For a value in [0, size]. */
  atOrAfter(value: number): number {
    return this.#atOrAfter[value]!
  }

  /** For a value in [-1, size). */
  atOrBefore(value: number): number {
    return this.#atOrBefore[value + 1]!
  }

  /** How many are smaller than a value in [0, size]. */
  below(value: number): number {
    return this.#below[value]!
  }

  has(value: number): boolean {
    return this.#atOrAfter[value] === value
  }
}
