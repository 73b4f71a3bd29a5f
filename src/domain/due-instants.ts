// The due instants of a schedule in a stretch of time, never listed unless asked for a bounded number.

import type { Schedule } from './schedule/schedule.ts'

export type DueInstants = {
  first(): number | null
  last(): number | null
  count(): number
  /** The newest `max`, ascending. */
  newest(max: number): number[]
  /** Those strictly before `instant`; all of them when it is null. */
  before(instant: number | null): DueInstants
  /** Those at or after `instant`. */
  from(instant: number): DueInstants
  /** The instant after `instant`, also beyond the stretch. */
  next(instant: number): number | null
}

/** The instants in (after, through]. */
export function dueInstants(schedule: Schedule, after: number, through: number): DueInstants {
  return new Stretch(schedule, after, through)
}

class Stretch implements DueInstants {
  readonly #schedule: Schedule
  readonly #after: number
  readonly #through: number

  constructor(schedule: Schedule, after: number, through: number) {
    this.#schedule = schedule
    this.#after = after
    this.#through = through
  }

  first(): number | null {
    const instant = this.#after < this.#through ? this.#schedule.next(this.#after) : null
    return instant !== null && instant <= this.#through ? instant : null
  }

  last(): number | null {
    const instant = this.#after < this.#through ? this.#schedule.previous(this.#through + 1) : null
    return instant !== null && instant > this.#after ? instant : null
  }

  count(): number {
    return this.#after < this.#through ? this.#schedule.count(this.#after + 1, this.#through + 1) : 0
  }

  newest(max: number): number[] {
    const instants: number[] = []
    let at = this.last()
    while (at !== null && at > this.#after && instants.length < max) {
      instants.push(at)
      at = this.#schedule.previous(at)
    }
    return instants.reverse()
  }

  before(instant: number | null): DueInstants {
    if (instant === null) return this
    return new Stretch(this.#schedule, this.#after, Math.min(this.#through, instant - 1))
  }

  from(instant: number): DueInstants {
    return new Stretch(this.#schedule, Math.max(this.#after, instant - 1), this.#through)
  }

  next(instant: number): number | null {
    return this.#schedule.next(instant)
  }
}
