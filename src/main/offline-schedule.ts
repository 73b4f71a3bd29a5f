// Schedules without a server: the same engine, for whoever only wants to know when something would be due.

import { AppError, type Problem } from '../domain/errors.ts'
import { formatInstant } from '../domain/schedule/instant-text.ts'
import { compileSchedule, type Schedule, type ScheduleSpec } from '../domain/schedule/schedule.ts'
import { findZone } from '../domain/schedule/zone.ts'

export { formatDuration, parseDuration } from '../domain/duration.ts'
export type { Schedule, ScheduleSpec, ScheduleWarning } from '../domain/schedule/schedule.ts'

export type OfflineSchedule = { readonly schedule: Schedule } | { readonly problems: readonly Problem[] }

/** `now` is the phase of `every`, as it is for a job that is created now. */
export function offlineSchedule(spec: ScheduleSpec, now: number): OfflineSchedule {
  try {
    return { schedule: compileSchedule(spec, { hashKey: 'preview', createdAt: now }) }
  } catch (error) {
    if (error instanceof AppError) return { problems: error.problems }
    throw error
  }
}

/** The wall clock of a zone at an instant: "2027-03-26T02:30:00.000+01:00". */
export function wallClock(at: number, zoneName: string): string {
  const zone = findZone(zoneName)
  if (zone === null) throw new Error(`a compiled schedule names a zone that is none: ${zoneName}`)
  const seconds = Math.floor(at / 1_000)
  const text = formatInstant(seconds, zone.spanAt(seconds).offset)
  const ms = String(at - seconds * 1_000).padStart(3, '0')
  return `${text.slice(0, 19)}.${ms}${text.slice(19)}`
}
