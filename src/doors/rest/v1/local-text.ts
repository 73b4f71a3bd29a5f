// An instant on the wall clock of a zone, with its offset: 2027-03-28T03:00:00.000+02:00.

import { formatInstant } from '../../../domain/schedule/instant-text.ts'
import { findZone } from '../../../domain/schedule/zone.ts'

export function localText(at: number, timezone: string): string {
  const seconds = Math.floor(at / 1_000)
  const offset = findZone(timezone)?.spanAt(seconds).offset ?? 0
  const text = formatInstant(seconds, offset)
  const place = text.search(/Z|[+-]\d\d:\d\d$/)
  return `${text.slice(0, place)}.${String(at - seconds * 1_000).padStart(3, '0')}${text.slice(place)}`
}
