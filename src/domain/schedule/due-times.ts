// A set of due instants in epoch milliseconds, without its bounds. Cron, every, at and manual each are one.

export interface DueTimes {
  /** The first due instant not before `instant`, or Infinity. */
  atOrAfter(instant: number): number
  /** The last due instant not after `instant`, or -Infinity. */
  atOrBefore(instant: number): number
  /** How many lie in [from, to), by arithmetic, never by walking them. */
  count(from: number, to: number): number
}

export const NEVER_DUE: DueTimes = {
  atOrAfter: () => Infinity,
  atOrBefore: () => -Infinity,
  count: () => 0,
}

export function onceDue(at: number): DueTimes {
  return {
    atOrAfter: (instant) => (at >= instant ? at : Infinity),
    atOrBefore: (instant) => (at <= instant ? at : -Infinity),
    count: (from, to) => (from <= at && at < to ? 1 : 0),
  }
}

/** The instants anchor + n × period, n any integer: the anchor is a phase, not a beginning. */
export function periodicallyDue(anchor: number, period: number): DueTimes {
  return {
    atOrAfter: (instant) => anchor + Math.ceil((instant - anchor) / period) * period,
    atOrBefore: (instant) => anchor + Math.floor((instant - anchor) / period) * period,
    count: (from, to) =>
      to <= from ? 0 : Math.ceil((to - anchor) / period) - Math.ceil((from - anchor) / period),
  }
}
