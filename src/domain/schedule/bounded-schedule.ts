// The Schedule others see: a set of due instants, cut to [from, until), with its words and warnings.

import { END_OF_TIME } from './calendar.ts'
import type { DueTimes } from './due-times.ts'
import type { Schedule, ScheduleWarning } from './schedule-types.ts'

export type ScheduleParts = {
  readonly kind: Schedule['kind']
  readonly timezone: string
  readonly times: DueTimes
  readonly from: number | null
  readonly until: number | null
  readonly describe: () => string
  readonly warn?: (from: number, until: number, schedule: Schedule) => ScheduleWarning[]
}

export class BoundedSchedule implements Schedule {
  readonly kind: Schedule['kind']
  readonly timezone: string
  readonly #parts: ScheduleParts
  readonly #times: DueTimes
  readonly #from: number
  readonly #until: number

  constructor(parts: ScheduleParts) {
    this.kind = parts.kind
    this.timezone = parts.timezone
    this.#parts = parts
    this.#times = parts.times
    this.#from = parts.from ?? 0
    this.#until = parts.until ?? END_OF_TIME * 1_000
  }

  next(after: number): number | null {
    const due = this.#times.atOrAfter(Math.max(Math.floor(after) + 1, this.#from))
    return due < this.#until ? due : null
  }

  previous(before: number): number | null {
    const due = this.#times.atOrBefore(Math.min(Math.ceil(before), this.#until) - 1)
    return due >= this.#from ? due : null
  }

  between(from: number, to: number, limit: number): number[] {
    const found: number[] = []
    let due = this.next(from - 1)
    while (due !== null && due < to && found.length < limit) {
      found.push(due)
      due = this.next(due)
    }
    return found
  }

  count(from: number, to: number): number {
    const low = Math.max(from, this.#from)
    const high = Math.min(to, this.#until)
    return low < high ? this.#times.count(low, high) : 0
  }

  describe(): string {
    return this.#parts.describe()
  }

  warnings(from: number): ScheduleWarning[] {
    return this.#parts.warn?.(Math.max(from, this.#from), this.#until, this) ?? []
  }
}
