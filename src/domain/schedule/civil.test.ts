import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  firstDayOf,
  MONTHS,
  monthOfDay,
  shapeFirstWeekday,
  shapeLength,
  shapeOf,
  yearOfMonth,
} from './calendar.ts'
import { civilFromDays, DAY_SECONDS, daysFromCivil, monthLength, weekdayOf } from './civil.ts'

const FIRST = Date.UTC(1969, 0, 1) / 86_400_000
const LAST = Date.UTC(2200, 11, 31) / 86_400_000

test('every day of 1969–2200 is the day the platform says', () => {
  for (let day = FIRST; day <= LAST; day++) {
    const date = new Date(day * DAY_SECONDS * 1_000)
    const { year, month, day: dayOfMonth } = civilFromDays(day)
    assert.deepEqual(
      [year, month, dayOfMonth, weekdayOf(day)],
      [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCDay()],
    )
    assert.equal(daysFromCivil(year, month, dayOfMonth), day)
  }
})

test('the month tables agree with the civil dates', () => {
  for (let day = FIRST; day <= LAST; day++) {
    const month = monthOfDay(day)
    const date = civilFromDays(day)
    assert.equal(month, (date.year - 1969) * 12 + date.month - 1)
    assert.equal(day - firstDayOf(month) + 1, date.day)
    assert.equal(shapeLength(shapeOf(month)), monthLength(date.year, date.month))
    assert.equal((shapeFirstWeekday(shapeOf(month)) + date.day - 1) % 7, weekdayOf(day))
  }
  assert.equal(yearOfMonth(MONTHS - 1), 2200)
})

test('days outside the tables are in no month', () => {
  assert.ok(monthOfDay(FIRST - 1) < 0)
  assert.ok(monthOfDay(LAST + 1) >= MONTHS)
})
