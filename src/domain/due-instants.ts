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
  const first = (): number | null => {
    const instant = after < through ? schedule.next(after) : null
    return instant !== null && instant <= through ? instant : null
  }
  const last = (): number | null => {
    const instant = after < through ? schedule.previous(through + 1) : null
    return instant !== null && instant > after ? instant : null
  }
  return {
    first,
    last,
    count: () => (after < through ? schedule.count(after + 1, through + 1) : 0),
    newest(max) {
      const instants: number[] = []
      for (let at = last(); at !== null && at > after && instants.length < max; at = schedule.previous(at)) {
        instants.push(at)
      }
      return instants.reverse()
    },
    before: (instant) =>
      instant === null
        ? dueInstants(schedule, after, through)
        : dueInstants(schedule, after, Math.min(through, instant - 1)),
    from: (instant) => dueInstants(schedule, Math.max(after, instant - 1), through),
    next: (instant) => schedule.next(instant),
  }
}
