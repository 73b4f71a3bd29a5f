// A day of the calendar as instants: from its midnight on the wall clocks of a zone to the next one.

import { wallTime } from './format.ts'

const DAY_MS = 86_400_000

/** null: that is no day. Half-open. */
export function dayRange(day: string, zone: string): { readonly from: string; readonly to: string } | null {
  const noon = Date.parse(`${day}T12:00:00Z`)
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(noon)) return null
  const next = new Date(noon + DAY_MS).toISOString().slice(0, 10)
  return {
    from: new Date(midnight(day, zone)).toISOString(),
    to: new Date(midnight(next, zone)).toISOString(),
  }
}

/** Where the clocks jump over midnight: the first instant of that day, or of the one after a day that never was. */
function midnight(day: string, zone: string): number {
  const wanted = Date.parse(`${day}T00:00:00Z`)
  const [before, after] = [wanted - offsetAt(wanted - DAY_MS, zone), wanted - offsetAt(wanted + DAY_MS, zone)]
  const [early, late] = [Math.min(before, after), Math.max(before, after)]
  return [early, late].find((at) => wallTime(at, zone).date >= day) ?? late
}

function offsetAt(at: number, zone: string): number {
  const { date, time } = wallTime(at, zone)
  return Date.parse(`${date}T${time}Z`) - Math.floor(at / 1_000) * 1_000
}
