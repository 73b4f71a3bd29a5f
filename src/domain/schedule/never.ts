// Why an expression can never match, said so that it can be mended.

import type { Problem } from '../errors.ts'
import { monthLength } from './civil.ts'
import type { CronExpression } from './cron-expression.ts'

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const A_LEAP_YEAR = 2000
const SHORTEST_MONTH = 28

export function monthName(month: number): string {
  return MONTHS[month - 1]!
}

/** An "a, b and c" of words. */
export function listed(words: readonly string[], joint = 'and'): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1)}`
}

/** The longest a month can be in any year. */
export function longestLength(month: number): number {
  return monthLength(A_LEAP_YEAR, month)
}

export function neverProblem(expression: CronExpression): Problem {
  const detail = `The expression never matches: ${reason(expression)}.`
  const problem = { pointer: '/cron', code: 'cron_never', detail }
  return onlyMissingDates(expression)
    ? { ...problem, suggestion: 'L as the day of month for the last day of each month' }
    : problem
}

function reason(expression: CronExpression): string {
  const { dayOfMonth, month, year } = expression
  if (!onlyMissingDates(expression)) {
    return 'no day of the chosen months and years fits its day of month and day of week'
  }
  const months = month.values.map(monthName)
  const verb = months.length === 1 ? 'has' : 'have'
  const days = dayOfMonth.days.map(String)
  if (year !== null && dayOfMonth.days[0]! <= longestLength(month.values[0]!)) {
    return `${listed(months)} ${verb} no day ${listed(days, 'or')} in ${year.text}`
  }
  return `${listed(months)} ${verb} no day ${listed(days, 'or')}`
}

/** The days are plain dates from the 29th up: only that some months are shorter can be in the way. */
function onlyMissingDates({ dayOfMonth, dayOfWeek }: CronExpression): boolean {
  const plain = /^[\d,-]+$/.test(dayOfMonth.text) && dayOfWeek.text === '*'
  return plain && dayOfMonth.days[0]! > SHORTEST_MONTH
}
