// The months of the years we schedule in, as two tables: the day each starts on, and its shape.
// A month has one of 28 shapes (its length and the weekday it starts on), and every day rule of cron depends
// on nothing else. So a rule is 28 bit masks, and finding a day is arithmetic on months.

import { DAY_SECONDS, daysFromCivil, monthLength, weekdayOf } from './civil.ts'

/** Due instants lie in these years (UTC). */
export const FIRST_YEAR = 1970
export const LAST_YEAR = 2199
/** The first instant after the last year, in seconds. */
export const END_OF_TIME = daysFromCivil(LAST_YEAR + 1, 1, 1) * DAY_SECONDS

// One year more on both sides: local dates run ahead of UTC or lag behind it.
const TABLE_FIRST_YEAR = FIRST_YEAR - 1
const TABLE_LAST_YEAR = LAST_YEAR + 1

/** Months are numbered from January of the table's first year. */
export const MONTHS = (TABLE_LAST_YEAR - TABLE_FIRST_YEAR + 1) * 12
export const SHAPES = 28
const SHORTEST_MONTH = 28
const AVERAGE_MONTH_DAYS = 30.436875

const firstDays = new Int32Array(MONTHS + 1)
const shapes = new Uint8Array(MONTHS)

for (let month = 0; month < MONTHS; month++) {
  const first = daysFromCivil(yearOfMonth(month), monthOfYear(month), 1)
  const length = monthLength(yearOfMonth(month), monthOfYear(month))
  firstDays[month] = first
  firstDays[month + 1] = first + length
  shapes[month] = (length - SHORTEST_MONTH) * 7 + weekdayOf(first)
}

export function yearOfMonth(month: number): number {
  return TABLE_FIRST_YEAR + Math.floor(month / 12)
}

/** 1 = January. */
export function monthOfYear(month: number): number {
  return (month % 12) + 1
}

/** The month that holds a day. Days outside the table give a number outside [0, MONTHS). */
export function monthOfDay(day: number): number {
  if (day < firstDays[0]!) return -1
  if (day >= firstDays[MONTHS]!) return MONTHS
  const guess = Math.min(MONTHS - 1, Math.floor((day - firstDays[0]!) / AVERAGE_MONTH_DAYS))
  if (day < firstDays[guess]!) return guess - 1
  return day < firstDays[guess + 1]! ? guess : guess + 1
}

export function firstDayOf(month: number): number {
  return firstDays[month]!
}

export function shapeOf(month: number): number {
  return shapes[month]!
}

export function shapeLength(shape: number): number {
  return SHORTEST_MONTH + Math.floor(shape / 7)
}

export function shapeFirstWeekday(shape: number): number {
  return shape % 7
}
