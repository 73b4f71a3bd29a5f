// The times of one day that the hour, minute and second fields choose, as seconds since its midnight.

import { NONE, ValueTable } from './value-table.ts'

export class TimeOfDay {
  readonly #hours: ValueTable
  readonly #minutes: ValueTable
  readonly #seconds: ValueTable
  readonly first: number
  readonly last: number
  /** Times a day. */
  readonly count: number

  constructor(hours: readonly number[], minutes: readonly number[], seconds: readonly number[]) {
    this.#hours = new ValueTable(hours, 24)
    this.#minutes = new ValueTable(minutes, 60)
    this.#seconds = new ValueTable(seconds, 60)
    this.first = this.#hours.first * 3_600 + this.#minutes.first * 60 + this.#seconds.first
    this.last = this.#hours.last * 3_600 + this.#minutes.last * 60 + this.#seconds.last
    this.count = this.#hours.count * this.#minutes.count * this.#seconds.count
  }

  /** The first time not before `time`, or NONE when the rest of the day has none. */
  atOrAfter(time: number): number {
    const hour = Math.floor(time / 3_600)
    if (this.#hours.has(hour)) {
      const minute = Math.floor(time / 60) % 60
      if (this.#minutes.has(minute)) {
        const second = this.#seconds.atOrAfter(time % 60)
        if (second !== NONE) return hour * 3_600 + minute * 60 + second
      }
      const later = this.#minutes.atOrAfter(minute + 1)
      if (later !== NONE) return hour * 3_600 + later * 60 + this.#seconds.first
    }
    const later = this.#hours.atOrAfter(hour + 1)
    return later === NONE ? NONE : later * 3_600 + this.#minutes.first * 60 + this.#seconds.first
  }

  /** The last time not after `time`, or NONE. */
  atOrBefore(time: number): number {
    const hour = Math.floor(time / 3_600)
    if (this.#hours.has(hour)) {
      const minute = Math.floor(time / 60) % 60
      if (this.#minutes.has(minute)) {
        const second = this.#seconds.atOrBefore(time % 60)
        if (second !== NONE) return hour * 3_600 + minute * 60 + second
      }
      const earlier = this.#minutes.atOrBefore(minute - 1)
      if (earlier !== NONE) return hour * 3_600 + earlier * 60 + this.#seconds.last
    }
    const earlier = this.#hours.atOrBefore(hour - 1)
    return earlier === NONE ? NONE : earlier * 3_600 + this.#minutes.last * 60 + this.#seconds.last
  }

  /** How many times of the day come before `time`, without walking them. */
  below(time: number): number {
    const hour = Math.floor(time / 3_600)
    const minute = Math.floor(time / 60) % 60
    const perMinute = this.#seconds.count
    const inHour = this.#hours.has(hour)
    const inMinute = inHour && this.#minutes.has(minute)
    return (
      this.#hours.below(hour) * this.#minutes.count * perMinute +
      (inHour ? this.#minutes.below(minute) * perMinute : 0) +
      (inMinute ? this.#seconds.below(time % 60) : 0)
    )
  }
}
