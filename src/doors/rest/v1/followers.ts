// Who follows something at this moment: so many at the same time, and one caller half of them at most, so that no key shuts out
// all others.

import type { Principal } from '../../../domain/api-key.ts'
import { HttpProblem } from '../../http/http-problem.ts'

export class Followers {
  readonly #what: string
  readonly #max: number
  readonly #maxEach: number
  readonly #each = new Map<string, number>()
  #all = 0

  constructor(what: string, max: number) {
    this.#what = what
    this.#max = max
    this.#maxEach = Math.ceil(max / 2)
  }

  /** Throws where there is no place. Answers with what gives the place back, once. */
  enter({ id }: Principal): () => void {
    const own = this.#each.get(id) ?? 0
    if (this.#all >= this.#max) {
      throw new HttpProblem(
        'overloaded',
        `At most ${this.#max} callers follow ${this.#what} at the same time.`,
      )
    }
    if (own >= this.#maxEach) {
      throw new HttpProblem(
        'overloaded',
        `One key follows ${this.#what} at most ${this.#maxEach} times at once: half of all places (events-clients-max).`,
      )
    }
    this.#all += 1
    this.#each.set(id, own + 1)
    let here = true
    return () => {
      if (here) this.#leave(id)
      here = false
    }
  }

  #leave(id: string): void {
    this.#all -= 1
    const left = this.#each.get(id)! - 1
    if (left > 0) this.#each.set(id, left)
    else this.#each.delete(id)
  }
}
