// The days a cron expression chooses: month by month, each month one bit mask.

import { firstDayOf, MONTHS, monthOfDay, monthOfYear, shapeOf, yearOfMonth } from './calendar.ts'

/** What chooses days: the mask of each month shape (bit 0 = the 1st), the months, and the years (null = all). */
export type DayChoice = {
  readonly shapeMasks: Int32Array
  readonly months: ReadonlySet<number>
  readonly years: ReadonlySet<number> | null
}

export class MatchingDays {
  readonly #choice: DayChoice
  // The month last looked at: a walk asks for the same one many times over.
  #month = 0
  #monthMask: number

  constructor(choice: DayChoice) {
    this.#choice = choice
    this.#monthMask = this.#maskOf(0)
  }

  get empty(): boolean {
    return this.atOrAfter(firstDayOf(0)) === Infinity
  }

  has(day: number): boolean {
    const month = this.#turnTo(day)
    if (month < 0 || month >= MONTHS) return false
    return ((this.#monthMask >>> (day - firstDayOf(month))) & 1) === 1
  }

  /** The first matching day not before `day`, or Infinity. */
  atOrAfter(day: number): number {
    let month = this.#turnTo(day)
    if (month >= MONTHS) return Infinity
    let mask = month < 0 ? 0 : this.#monthMask & ~bitsBelow(day - firstDayOf(month))
    while (mask === 0) {
      month++
      if (month >= MONTHS) return Infinity
      mask = this.#maskOf(month)
    }
    return firstDayOf(month) + lowestBit(mask)
  }

  /** The last matching day not after `day`, or -Infinity. */
  atOrBefore(day: number): number {
    let month = this.#turnTo(day)
    if (month < 0) return -Infinity
    let mask = month >= MONTHS ? 0 : this.#monthMask & bitsBelow(day - firstDayOf(month) + 1)
    while (mask === 0) {
      month--
      if (month < 0) return -Infinity
      mask = this.#maskOf(month)
    }
    return firstDayOf(month) + highestBit(mask)
  }

  /** How many matching days in [from, to). Looks at each month once, never at each day. */
  count(from: number, to: number): number {
    if (to <= from) return 0
    const firstMonth = Math.max(0, monthOfDay(from))
    const lastMonth = Math.min(MONTHS - 1, monthOfDay(to))
    let count = 0
    for (let month = firstMonth; month <= lastMonth; month++) {
      const low = Math.max(0, from - firstDayOf(month))
      const high = Math.min(31, to - firstDayOf(month))
      count += bitsSet(this.#maskOf(month) & bitsBelow(high) & ~bitsBelow(low))
    }
    return count
  }

  #maskOf(month: number): number {
    const { months, years, shapeMasks } = this.#choice
    if (!months.has(monthOfYear(month))) return 0
    return years === null || years.has(yearOfMonth(month)) ? shapeMasks[shapeOf(month)]! : 0
  }

  /** The month that holds a day, remembered with its mask when the calendar has it. */
  #turnTo(day: number): number {
    const start = firstDayOf(this.#month)
    if (day >= start && day < firstDayOf(this.#month + 1)) return this.#month
    const month = monthOfDay(day)
    if (month >= 0 && month < MONTHS) {
      this.#month = month
      this.#monthMask = this.#maskOf(month)
    }
    return month
  }
}

function lowestBit(mask: number): number {
  return 31 - Math.clz32(mask & -mask)
}

function highestBit(mask: number): number {
  return 31 - Math.clz32(mask)
}

/** The mask of the bits 0 … count-1, for a count up to 31. */
function bitsBelow(count: number): number {
  return count <= 0 ? 0 : -1 >>> (32 - count)
}

function bitsSet(mask: number): number {
  let rest = mask
  let count = 0
  while (rest !== 0) {
    rest &= rest - 1
    count++
  }
  return count
}
