// Instants as people and wires write them: RFC 3339, to the millisecond.

import { FIRST_YEAR, LAST_YEAR } from './calendar.ts'
import { civilFromDays, DAY_SECONDS, daysFromCivil, monthLength } from './civil.ts'

/** `wall` is a time on the clocks of some zone, in seconds since 1970-01-01 00:00:00 there. */
export type InstantText =
  | { readonly kind: 'instant'; readonly ms: number }
  | { readonly kind: 'local'; readonly wall: number; readonly ms: number }
  | { readonly kind: 'wrong'; readonly detail: string }

const PATTERN =
  /^([+-]?\d{4,6})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?$/i
const EXAMPLE = '2027-01-31T09:00:00+01:00'
/** Longer text is refused unseen. */
const TEXT_MAX = 40

/** Fractions finer than a millisecond are cut off. */
export function parseInstant(text: string): InstantText {
  const match = text.length > TEXT_MAX ? null : PATTERN.exec(text)
  if (match === null) return wrong(`This is not an RFC 3339 time such as ${EXAMPLE}.`)
  const part = (n: number): number => Number(match[n] ?? 0)
  const [year, month, day] = [part(1), part(2), part(3)]
  const [hour, minute, second] = [part(4), part(5), part(6)]
  const fault = dateFault(year, month, day) ?? timeFault(hour, minute, second)
  if (fault !== null) return wrong(fault)
  const wall = daysFromCivil(year, month, day) * DAY_SECONDS + hour * 3_600 + minute * 60 + second
  const ms = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'))
  if (match[8] === undefined) return { kind: 'local', wall, ms }
  const offset = parseOffset(match[8])
  if (offset === null) return wrong(`The offset ${match[8]} is outside -23:59 to +23:59.`)
  return { kind: 'instant', ms: (wall - offset) * 1_000 + ms }
}

function wrong(detail: string): InstantText {
  return { kind: 'wrong', detail }
}

function dateFault(year: number, month: number, day: number): string | null {
  if (year < FIRST_YEAR || year > LAST_YEAR) return `The year ${year} is outside ${FIRST_YEAR}–${LAST_YEAR}.`
  if (month < 1 || month > 12) return `There is no month ${month}.`
  const length = monthLength(year, month)
  if (day >= 1 && day <= length) return null
  return `There is no day ${day} in ${year}-${two(month)}: that month has ${length} days.`
}

function timeFault(hour: number, minute: number, second: number): string | null {
  if (second === 60)
    return 'Leap seconds (:60) are not counted by any clock here. Use :59 or the next minute.'
  const possible = hour <= 23 && minute <= 59 && second <= 59
  return possible ? null : `There is no time ${two(hour)}:${two(minute)}:${two(second)}.`
}

function parseOffset(text: string): number | null {
  if (text.toUpperCase() === 'Z') return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(4, 6))
  if (hours > 23 || minutes > 59) return null
  return (text.startsWith('-') ? -1 : 1) * (hours * 3_600 + minutes * 60)
}

/** An instant in seconds as RFC 3339 with the offset of its place: 2027-03-28T03:00:00+02:00. */
export function formatInstant(instant: number, offset: number): string {
  return `${formatDate(instant + offset)}T${formatTime(instant + offset)}${formatOffset(offset)}`
}

export function formatDate(wall: number): string {
  const { year, month, day } = civilFromDays(Math.floor(wall / DAY_SECONDS))
  return `${year}-${two(month)}-${two(day)}`
}

/** Seconds are always shown, so that two times are easy to compare. */
export function formatTime(wall: number): string {
  const time = wall - Math.floor(wall / DAY_SECONDS) * DAY_SECONDS
  return `${two(Math.floor(time / 3_600))}:${two(Math.floor(time / 60) % 60)}:${two(time % 60)}`
}

/** A change of clocks; the dates are said only when it crosses a midnight. */
export function formatJump(from: number, to: number): string {
  const sameDay = formatDate(from) === formatDate(to)
  const [first, last] = [from, to].map((wall) =>
    sameDay ? formatTime(wall) : `${formatDate(wall)} ${formatTime(wall)}`,
  )
  return `from ${first} to ${last}`
}

function formatOffset(offset: number): string {
  if (offset === 0) return 'Z'
  // RFC 3339 knows no seconds in an offset; zones had them before 1972 only.
  const minutes = Math.round(Math.abs(offset) / 60)
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
