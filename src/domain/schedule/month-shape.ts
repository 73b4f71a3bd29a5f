// Which days of a month a pair of day fields chooses, for each of the 28 shapes a month can have.

import { SHAPES, shapeFirstWeekday, shapeLength } from './calendar.ts'
import type { DayOfMonthField, DayOfWeekField } from './cron-day-field.ts'

const SUNDAY = 0
const SATURDAY = 6

/** `either`: Vixie's rule, by which two restricted fields widen each other. An unrestricted one narrows nothing. */
export function shapeMasks(
  dayOfMonth: DayOfMonthField,
  dayOfWeek: DayOfWeekField,
  either: boolean,
): Int32Array {
  const masks = new Int32Array(SHAPES)
  for (let shape = 0; shape < SHAPES; shape++) {
    const byDate = dateMask(dayOfMonth, shape)
    const byWeekday = weekdayMask(dayOfWeek, shape)
    masks[shape] = either ? byDate | byWeekday : byDate & byWeekday
  }
  return masks
}

function dateMask(field: DayOfMonthField, shape: number): number {
  const length = shapeLength(shape)
  let mask = 0
  for (const day of field.days) mask |= bitOf(day, length)
  for (const back of field.beforeLast) mask |= bitOf(length - back, length)
  for (const day of field.nearestWeekdays) {
    if (day <= length) mask |= bitOf(nearestWeekday(day, shape), length)
  }
  if (field.lastWeekday) mask |= bitOf(nearestWeekday(length, shape), length)
  return mask
}

function weekdayMask(field: DayOfWeekField, shape: number): number {
  const length = shapeLength(shape)
  if (field.weekdays.length === 7) return 2 ** length - 1
  let mask = 0
  for (let day = 1; day <= length; day++) {
    const weekday = weekdayIn(shape, day)
    const nth = Math.ceil(day / 7)
    const chosen =
      field.weekdays.includes(weekday) ||
      (day + 7 > length && field.last.includes(weekday)) ||
      field.nth.some((choice) => choice.weekday === weekday && choice.nth === nth)
    if (chosen) mask |= bitOf(day, length)
  }
  return mask
}

/** The working day (Monday to Friday) closest to a day, without leaving the month. */
function nearestWeekday(day: number, shape: number): number {
  const weekday = weekdayIn(shape, day)
  if (weekday === SATURDAY) return day === 1 ? 3 : day - 1
  if (weekday === SUNDAY) return day === shapeLength(shape) ? day - 2 : day + 1
  return day
}

function weekdayIn(shape: number, day: number): number {
  return (shapeFirstWeekday(shape) + day - 1) % 7
}

function bitOf(day: number, length: number): number {
  return day >= 1 && day <= length ? 1 << (day - 1) : 0
}
