// A cron expression ready to be asked, and the cache of those: a plan compiles the same expressions over and over.

import type { Problems } from '../errors.ts'
import { RecentlyUsed } from '../recently-used.ts'
import type { DayRule } from './cron-day-field.ts'
import { type CronExpression, parseCron, usesHash } from './cron-expression.ts'
import { MatchingDays } from './matching-days.ts'
import { shapeMasks } from './month-shape.ts'
import { neverProblem } from './never.ts'
import { TimeOfDay } from './time-of-day.ts'
import { WallClock } from './wall-clock.ts'

export type CompiledCron = { readonly expression: CronExpression; readonly clock: WallClock }

const EXPRESSIONS_CACHED_MAX = 4_096
const compiled = new RecentlyUsed<string, CompiledCron>(EXPRESSIONS_CACHED_MAX)

/** The compiled expression, or null after its problems were added. */
export function compileCron(
  text: string,
  hashKey: string,
  problems: Problems,
  rule: DayRule = 'either',
): CompiledCron | null {
  const key = `${text}\n${rule}${usesHash(text) ? hashKey : ''}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  const expression = parseCron(text, hashKey, problems, rule)
  if (expression === null) return null
  const days = matchingDays(expression)
  if (days.empty) {
    problems.list.push(neverProblem(expression))
    return null
  }
  const { hour, minute, second } = expression
  const times = new TimeOfDay(hour.values, minute.values, second.values)
  const cron = { expression, clock: new WallClock(days, times) }
  compiled.set(key, cron)
  return cron
}

function matchingDays({ dayOfMonth, month, dayOfWeek, year, eitherDay }: CronExpression): MatchingDays {
  return new MatchingDays({
    shapeMasks: shapeMasks(dayOfMonth, dayOfWeek, eitherDay),
    months: new Set(month.values),
    years: year === null ? null : new Set(year.values),
  })
}
