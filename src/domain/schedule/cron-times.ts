// The due instants of a cron expression in a zone: its wall clock laid over the zone, stretch by stretch.

import { END_OF_TIME } from './calendar.ts'
import { DAY_SECONDS } from './civil.ts'
import type { DstRule } from './dst.ts'
import type { DueTimes } from './due-times.ts'
import { Stretch } from './stretch.ts'
import type { WallClock } from './wall-clock.ts'
import type { Zone } from './zone.ts'

export class CronTimes implements DueTimes {
  readonly #clock: WallClock
  readonly #zone: Zone
  readonly #rule: DstRule
  // The stretch last looked at: the next question is nearly always about the same one.
  #stretch: Stretch | null = null

  constructor(clock: WallClock, zone: Zone, rule: DstRule) {
    this.#clock = clock
    this.#zone = zone
    this.#rule = rule
  }

  atOrAfter(instantMs: number): number {
    let instant = Math.max(0, Math.ceil(instantMs / 1_000))
    while (instant < END_OF_TIME) {
      const stretch = this.#stretchAt(instant)
      const due = stretch.atOrAfter(instant)
      if (due !== Infinity) return due * 1_000
      instant = Math.max(stretch.end, this.#skipForward(stretch.end))
    }
    return Infinity
  }

  atOrBefore(instantMs: number): number {
    let instant = Math.min(END_OF_TIME - 1, Math.floor(instantMs / 1_000))
    while (instant >= 0) {
      const stretch = this.#stretchAt(instant)
      const due = stretch.atOrBefore(instant)
      if (due !== -Infinity) return due * 1_000
      instant = Math.min(stretch.start - 1, this.#skipBackward(stretch.start))
    }
    return -Infinity
  }

  count(fromMs: number, toMs: number): number {
    const to = Math.min(END_OF_TIME, Math.ceil(toMs / 1_000))
    let from = Math.max(0, Math.ceil(fromMs / 1_000))
    let count = 0
    while (from < to) {
      const stretch = this.#stretchAt(from)
      const end = Math.min(to, stretch.end)
      count += stretch.count(from, end)
      from = end
    }
    return count
  }

  /** An instant before which nothing is due any more. No zone is a whole day away from UTC, so a day is room enough. */
  #skipForward(instant: number): number {
    return this.#clock.atOrAfter(instant - DAY_SECONDS) - DAY_SECONDS
  }

  #skipBackward(instant: number): number {
    return this.#clock.atOrBefore(instant + DAY_SECONDS) + DAY_SECONDS
  }

  #stretchAt(instant: number): Stretch {
    const known = this.#stretch
    if (known !== null && instant >= known.start && instant < known.end) return known
    const stretch = new Stretch(this.#zone.spanAt(instant), this.#rule, this.#clock)
    this.#stretch = stretch
    return stretch
  }
}
