// The heart of daylight saving: which instants are due while a zone keeps one offset.
//
// Inside a span, instant = wall time − offset, so a due instant is a match of the wall clock moved by the offset.
// Only the edges need a rule. Where the clocks go back, the same wall times come twice: the rule cuts them from one
// of the two spans. Where they go forward, wall times are missing: the rule gives them an instant in the span after.

import type { DstRule } from './dst.ts'
import type { WallClock } from './wall-clock.ts'
import type { Span } from './zone.ts'

export class Stretch {
  readonly start: number
  readonly end: number
  readonly #clock: WallClock
  readonly #offset: number
  // The wall times that count here: [from, to).
  readonly #from: number
  readonly #to: number
  // The missing wall times that are made up for here: [gapFrom, gapTo), often empty.
  readonly #gapFrom: number
  readonly #gapTo: number
  readonly #shifted: boolean

  constructor(span: Span, rule: DstRule, clock: WallClock) {
    const { start, end, offset, offsetBefore, offsetAfter } = span
    this.start = start
    this.end = end
    this.#clock = clock
    this.#offset = offset
    this.#from = start + (rule.overlap === 'first' ? Math.max(offset, offsetBefore) : offset)
    this.#to = end + (rule.overlap === 'last' ? Math.min(offset, offsetAfter) : offset)
    this.#gapFrom = start + offsetBefore
    this.#gapTo = rule.gap === 'skip' ? this.#gapFrom : start + offset
    this.#shifted = rule.gap === 'shift'
  }

  /** The first due instant of this stretch not before `instant`, or Infinity. */
  atOrAfter(instant: number): number {
    const wall = this.#clock.atOrAfter(Math.max(instant + this.#offset, this.#from))
    const due = wall < this.#to ? wall - this.#offset : Infinity
    return this.#gapFrom < this.#gapTo ? Math.min(due, this.#madeUpAtOrAfter(instant)) : due
  }

  /** The last due instant of this stretch not after `instant`, or -Infinity. */
  atOrBefore(instant: number): number {
    const wall = this.#clock.atOrBefore(Math.min(instant + this.#offset, this.#to - 1))
    const due = wall >= this.#from ? wall - this.#offset : -Infinity
    return this.#gapFrom < this.#gapTo ? Math.max(due, this.#madeUpAtOrBefore(instant)) : due
  }

  /** How many due instants lie in [from, to), which lies inside the stretch. */
  count(from: number, to: number): number {
    const regular = this.#clock.count(
      Math.max(from + this.#offset, this.#from),
      Math.min(to + this.#offset, this.#to),
    )
    return this.#gapFrom < this.#gapTo ? regular + this.#countMadeUp(from, to) : regular
  }

  #madeUpAtOrAfter(instant: number): number {
    if (this.#shifted) {
      const wall = this.#clock.atOrAfter(Math.max(this.#shiftedWall(instant), this.#gapFrom))
      return wall < this.#gapTo ? this.#shiftedInstant(wall) : Infinity
    }
    return instant <= this.start && this.#gapHasMatch() ? this.start : Infinity
  }

  #madeUpAtOrBefore(instant: number): number {
    if (this.#shifted) {
      const wall = this.#clock.atOrBefore(Math.min(this.#shiftedWall(instant), this.#gapTo - 1))
      return wall >= this.#gapFrom ? this.#shiftedInstant(wall) : -Infinity
    }
    return instant >= this.start && this.#gapHasMatch() ? this.start : -Infinity
  }

  /** Those made up for at an instant that is not due anyway. The walk is no longer than the gap. */
  #countMadeUp(from: number, to: number): number {
    let count = 0
    let instant = this.#madeUpAtOrAfter(from)
    while (instant < to) {
      if (!this.#clock.matches(instant + this.#offset)) count++
      instant = this.#madeUpAtOrAfter(instant + 1)
    }
    return count
  }

  #gapHasMatch(): boolean {
    return this.#clock.atOrAfter(this.#gapFrom) < this.#gapTo
  }

  /** Moved by the length of the gap, a missing wall time is due as if the clocks had not changed yet. */
  #shiftedInstant(wall: number): number {
    return this.start + (wall - this.#gapFrom)
  }

  #shiftedWall(instant: number): number {
    return this.#gapFrom + (instant - this.start)
  }
}
