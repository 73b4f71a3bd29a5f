// A point in time as people say it. Without an offset it is the time of this machine.

import { parseDuration } from '../main/offline-schedule.ts'
import { CliError } from './cli-error.ts'
import { EXIT } from './exit-code.ts'

const DATE = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?)?$/i
const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/

export const TIME_WORDS = '2027-01-31T09:00:00Z, "2027-01-31 09:00", 09:00, now, 10m'

/**
 * RFC 3339, or as people say it. "09:00" is the last time the clock showed it, "10m" so long ago; with `ahead` the
 * next time, and in so long. A sign says which: "-10m", "+10m".
 */
export function pointInTime(text: string, now: Date, ahead = false): string {
  const at = readPoint(text.trim(), now, ahead)
  if (at !== null && !Number.isNaN(at.getTime())) return at.toISOString()
  throw new CliError(EXIT.usage, `"${text}" is not a time.`, { hint: `Times are written like ${TIME_WORDS}` })
}

function readPoint(text: string, now: Date, ahead: boolean): Date | null {
  if (text === 'now') return now
  if (DATE.test(text)) return new Date(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'))
  const [, hour, minute, second] = CLOCK.exec(text) ?? []
  if (hour !== undefined) return clockTime(now, ahead, Number(hour), Number(minute), Number(second ?? 0))
  const ms = parseDuration(text.replace(/^[+-]/, ''))
  if (ms === null) return null
  const later = text.startsWith('+') || (ahead && !text.startsWith('-'))
  return new Date(now.getTime() + (later ? ms : -ms))
}

function clockTime(now: Date, ahead: boolean, hour: number, minute: number, second: number): Date | null {
  if (hour > 23 || minute > 59 || second > 59) return null
  const at = new Date(now)
  at.setHours(hour, minute, second, 0)
  if (!ahead && at > now) at.setDate(at.getDate() - 1)
  if (ahead && at < now) at.setDate(at.getDate() + 1)
  return at
}
