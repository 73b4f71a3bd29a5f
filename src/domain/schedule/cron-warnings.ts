// What may surprise the author of a cron expression: said when it is accepted, never a refusal.

import type { CronExpression } from './cron-expression.ts'
import { isFixedTime } from './dst.ts'
import { dstWarnings } from './dst-warnings.ts'
import { formatInstant } from './instant-text.ts'
import { listed, longestLength, monthName } from './never.ts'
import type { ScheduleWarning } from './schedule-types.ts'
import type { WarningContext } from './warning-context.ts'

export function cronWarnings(context: WarningContext): ScheduleWarning[] {
  const { expression } = context.cron
  return [
    ...eitherDayWarning(context),
    ...shortMonthWarning(expression),
    ...unevenStepWarnings(expression),
    ...dstIgnoredWarning(context),
    ...(isFixedTime(expression) ? dstWarnings(context) : []),
  ]
}

const RUNS_SHOWN = 5

function eitherDayWarning({ cron, zone, schedule, from }: WarningContext): ScheduleWarning[] {
  const { dayOfMonth, dayOfWeek, eitherDay } = cron.expression
  if (!eitherDay) return []
  const runs: string[] = []
  let due = schedule.next(from - 1)
  while (due !== null && runs.length < RUNS_SHOWN) {
    const instant = Math.floor(due / 1_000)
    runs.push(formatInstant(instant, zone.spanAt(instant).offset))
    due = schedule.next(due)
  }
  const detail =
    `Day of month (${dayOfMonth.text}) and day of week (${dayOfWeek.text}) are both set: ` +
    `the job runs on days that fit either, not only on those that fit both (that is "days": "both"). Next: ${runs.join(', ') || 'none'}.`
  return [{ code: 'dom_or_dow', detail }]
}

/** A date such as the 31st is missing from some chosen months. `28-31` is written by people who know that. */
function shortMonthWarning({ dayOfMonth, month }: CronExpression): ScheduleWarning[] {
  if (!dayOfMonth.restricted) return []
  const risky = dayOfMonth.days.filter((day) => day > 28 && !dayOfMonth.days.includes(day - 1))
  return risky.flatMap((day) => {
    const missing = month.values.filter((value) => longestLength(value) < day).map(monthName)
    const months = day === 29 && month.values.includes(2) ? ['February of a common year'] : missing
    if (months.length === 0) return []
    const verb = months.length === 1 ? 'has' : 'have'
    const detail = `${listed(months)} ${verb} no day ${day}: no run for it then. L means the last day of any month.`
    return [{ code: 'short_months', detail }]
  })
}

const CYCLES = [
  { field: 'second', size: 60, cycle: 'minute' },
  { field: 'minute', size: 60, cycle: 'hour' },
  { field: 'hour', size: 24, cycle: 'day' },
  { field: 'month', size: 12, cycle: 'year' },
  { field: 'dayOfWeek', size: 7, cycle: 'week' },
] as const

/** A step that does not divide its cycle starts anew with each one, so the last distance is shorter. */
function unevenStepWarnings(expression: CronExpression): ScheduleWarning[] {
  const uneven = CYCLES.flatMap(({ field, size, cycle }) =>
    expression[field].steps
      .filter((step) => step.whole && step.by > 1 && size % step.by !== 0)
      .map((step) => ({
        code: 'uneven_step',
        detail: unevenDetail(step.by, cycle, `${size} is no multiple of it`),
      })),
  )
  const byDate = expression.dayOfMonth.steps
    .filter((step) => step.whole && step.by > 1)
    .map((step) => ({
      code: 'uneven_step',
      detail: unevenDetail(step.by, 'month', 'months differ in length'),
    }))
  return [...uneven, ...byDate]
}

function unevenDetail(by: number, cycle: string, why: string): string {
  return (
    `The step /${by} starts anew with each ${cycle} and ${why}, so the distance over the end of ${cycle === 'hour' ? 'an' : 'a'} ${cycle} differs. ` +
    'For an even distance use `every`.'
  )
}

function dstIgnoredWarning({ cron, dst }: WarningContext): ScheduleWarning[] {
  if (dst === undefined || isFixedTime(cron.expression)) return []
  const detail =
    '`dst` has no effect here: an expression with * or a step in its hour or minute follows real time, ' +
    'through both copies of a repeated hour.'
  return [{ code: 'dst_ignored', detail }]
}
