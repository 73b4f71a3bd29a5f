// When a clock on the wall would ring: the times an expression chooses, in a world without zones.
// A wall time is the number of seconds since 1970-01-01 00:00:00 on that clock.

import { DAY_SECONDS } from './civil.ts'
import type { MatchingDays } from './matching-days.ts'
import type { TimeOfDay } from './time-of-day.ts'
import { NONE } from './value-table.ts'

export class WallClock {
  readonly #days: MatchingDays
  readonly #times: TimeOfDay

  constructor(days: MatchingDays, times: TimeOfDay) {
    this.#days = days
    this.#times = times
  }

  /** The first match not before `wall`, or Infinity. */
  atOrAfter(wall: number): number {
    const day = Math.floor(wall / DAY_SECONDS)
    if (this.#days.has(day)) {
      const time = this.#times.atOrAfter(wall - day * DAY_SECONDS)
      if (time !== NONE) return day * DAY_SECONDS + time
    }
    return this.#days.atOrAfter(day + 1) * DAY_SECONDS + this.#times.first
  }

  /** The last match not after `wall`, or -Infinity. */
  atOrBefore(wall: number): number {
    const day = Math.floor(wall / DAY_SECONDS)
    if (this.#days.has(day)) {
      const time = this.#times.atOrBefore(wall - day * DAY_SECONDS)
      if (time !== NONE) return day * DAY_SECONDS + time
    }
    return this.#days.atOrBefore(day - 1) * DAY_SECONDS + this.#times.last
  }

  matches(wall: number): boolean {
    return this.atOrAfter(wall) === wall
  }

  /** How many matches in [from, to): whole days by multiplication, the two at the edges exactly. */
  count(from: number, to: number): number {
    if (to <= from) return 0
    const firstDay = Math.floor(from / DAY_SECONDS)
    const lastDay = Math.floor(to / DAY_SECONDS)
    return (
      this.#days.count(firstDay, lastDay) * this.#times.count -
      this.#belowInDay(firstDay, from) +
      this.#belowInDay(lastDay, to)
    )
  }

  #belowInDay(day: number, wall: number): number {
    return this.#days.has(day) ? this.#times.below(wall - day * DAY_SECONDS) : 0
  }
}
