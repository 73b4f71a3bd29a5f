// What is due, by arithmetic of its own: nothing here is shared with the schedules under test. All in (after, through].

/** anchor + n · period, for every whole n. */
export function everyFrom(anchor: number, periodMs: number, after: number, through: number): number[] {
  const instants: number[] = []
  const first = anchor + (Math.floor((after - anchor) / periodMs) + 1) * periodMs
  for (let at = first; at <= through; at += periodMs) instants.push(at)
  return instants
}

const SECOND = 1_000
const MINUTE = 60_000

/** A cron of seconds only, in UTC: `fits` gets the second of the minute. */
export function atSeconds(fits: (second: number) => boolean, after: number, through: number): number[] {
  return everyFrom(0, SECOND, after, through).filter((at) => fits((at / SECOND) % 60))
}

/** A cron of minutes and hours only, in UTC, on the full minute. */
export function atMinutes(
  fits: (minute: number, hour: number) => boolean,
  after: number,
  through: number,
): number[] {
  return everyFrom(0, MINUTE, after, through).filter((at) =>
    fits((at / MINUTE) % 60, Math.floor(at / (60 * MINUTE)) % 24),
  )
}
