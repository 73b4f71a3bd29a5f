// A schedule in words.

import cronstrue from 'cronstrue'
import type { CronExpression } from './cron-expression.ts'
import { formatInstant } from './instant-text.ts'
import type { Zone } from './zone.ts'

/** Times as everywhere else: 14:30, not 02:30 PM. */
const AS_ON_A_CLOCK = { use24HourTimeFormat: true } as const

export const MANUAL_WORDS = 'Only when triggered'

export function describeCron(expression: CronExpression, zone: Zone): string {
  return `${cronWords(expression)} (${zone.name})`
}

function cronWords({ text, eitherDay }: CronExpression): string {
  try {
    const words = cronstrue.toString(text, { ...AS_ON_A_CLOCK, logicalAndDayFields: true })
    return eitherDay ? joinedByOr(text, words) : words
  } catch {
    // It has no words for some lists, such as "1,15W".
    return `On the cron expression ${text}`
  }
}

/** "On day 13 of the month, only on Friday" would read as if both had to hold. */
function joinedByOr(text: string, words: string): string {
  const fields = text.split(' ')
  const month = fields.length === 5 ? 3 : 4
  // The words up to the day of month are the same with no month, weekday and year chosen.
  const dateWords = cronstrue.toString([...fields.slice(0, month), '*', '*'].join(' '), AS_ON_A_CLOCK)
  if (!words.startsWith(dateWords)) return words
  return dateWords + words.slice(dateWords.length).replace(/^, (?:and )?(?:only )?/, ', or ')
}

export function describeEvery(period: number): string {
  const parts = periodParts(period)
  const only = parts.length === 1 ? parts[0]! : null
  if (only?.amount === 1) return `Every ${only.unit}`
  return `Every ${parts.map(({ amount, unit }) => `${amount} ${unit}${amount === 1 ? '' : 's'}`).join(' ')}`
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
  ['millisecond', 1],
] as const

function periodParts(period: number): { amount: number; unit: string }[] {
  let rest = period
  return UNITS.flatMap(([unit, size]) => {
    const amount = Math.floor(rest / size)
    rest -= amount * size
    return amount === 0 ? [] : [{ amount, unit }]
  })
}

export function describeAt(at: number, zone: Zone): string {
  const instant = Math.floor(at / 1_000)
  return `Once, at ${formatInstant(instant, zone.spanAt(instant).offset)} (${zone.name})`
}
