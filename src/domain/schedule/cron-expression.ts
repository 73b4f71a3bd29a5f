// A cron expression as data: its fields read and checked, `H` resolved. All its faults are reported at once.

import type { Problems } from '../errors.ts'
import { FIRST_YEAR, LAST_YEAR } from './calendar.ts'
import {
  DAY_OF_MONTH,
  DAY_OF_WEEK,
  type DayOfMonthField,
  type DayOfWeekField,
  type DayRule,
  parseDayOfMonth,
  parseDayOfWeek,
} from './cron-day-field.ts'
import {
  FieldFault,
  type FieldHash,
  type FieldSpec,
  type NumberField,
  parseNumberField,
} from './cron-field.ts'
import { MACROS, macroProblem } from './cron-macro.ts'
import { hashNumber } from './hash.ts'

export type CronExpression = {
  readonly second: NumberField
  readonly minute: NumberField
  readonly hour: NumberField
  readonly dayOfMonth: DayOfMonthField
  readonly month: NumberField
  readonly dayOfWeek: DayOfWeekField
  readonly year: NumberField | null
  /** Both day fields are restricted, and a day that fits one of them will do. */
  readonly eitherDay: boolean
  /** The fields as written, macros and `H` replaced. */
  readonly text: string
}

/** Longer text is refused unseen. */
export const CRON_TEXT_MAX = 256

const MONTH_NAMES = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const SECOND: FieldSpec = { name: 'second', min: 0, max: 59, hash: { min: 0, max: 59 } }
const MINUTE: FieldSpec = { name: 'minute', min: 0, max: 59, hash: { min: 0, max: 59 } }
const HOUR: FieldSpec = { name: 'hour', min: 0, max: 23, hash: { min: 0, max: 23 } }
const MONTH: FieldSpec = { name: 'month', min: 1, max: 12, names: MONTH_NAMES, hash: { min: 1, max: 12 } }
const YEAR: FieldSpec = { name: 'year', min: FIRST_YEAR, max: LAST_YEAR }

/** The expression, or null after its problems were added. `hashKey` feeds `H`. */
export function parseCron(
  text: string,
  hashKey: string,
  problems: Problems,
  days: DayRule = 'either',
): CronExpression | null {
  const expanded = expand(text, problems)
  if (expanded === null) return null
  const texts = expanded.split(/\s+/)
  const firstNumber = texts.length === 5 ? 2 : 1
  const withSecond = texts.length === 5 ? ['0', ...texts] : texts

  const read = <Field>(index: number, spec: FieldSpec, parse: FieldParser<Field>): Field | null => {
    try {
      return parse(withSecond[index]!, hashNumber(`${hashKey}/${spec.name}`), spec)
    } catch (fault) {
      if (!(fault instanceof FieldFault)) throw fault
      const place = `${spec.name} (field ${index + 2 - firstNumber})`
      problems.add('/cron', 'cron_field', `${place}: ${fault.message}`, fault.suggestion)
      return null
    }
  }
  const second = read(0, SECOND, numbers)
  const minute = read(1, MINUTE, numbers)
  const hour = read(2, HOUR, numbers)
  const dayOfMonth = read(3, DAY_OF_MONTH, parseDayOfMonth)
  const month = read(4, MONTH, numbers)
  const dayOfWeek = read(5, DAY_OF_WEEK, parseDayOfWeek)
  const year = withSecond[6] === undefined ? undefined : read(6, YEAR, numbers)
  if (!second || !minute || !hour || !dayOfMonth || !month || !dayOfWeek || year === null) return null

  const fields = [second, minute, hour, dayOfMonth, month, dayOfWeek, ...(year ? [year] : [])]
  const shown = texts.length === 5 ? fields.slice(1) : fields
  const resolved = shown.map((field) => field.text).join(' ')
  const eitherDay = days === 'either' && dayOfMonth.restricted && dayOfWeek.restricted
  return { second, minute, hour, dayOfMonth, month, dayOfWeek, year: year ?? null, eitherDay, text: resolved }
}

type FieldParser<Field> = (text: string, hash: FieldHash, spec: FieldSpec) => Field

const numbers: FieldParser<NumberField> = (text, hash, spec) => parseNumberField(text, spec, hash)

/** Trims, replaces a macro, and checks the number of fields. */
function expand(text: string, problems: Problems): string | null {
  if (text.length > CRON_TEXT_MAX) {
    const detail = `The expression has ${text.length} characters; at most ${CRON_TEXT_MAX} are read.`
    problems.add('/cron', 'cron_too_long', detail)
    return null
  }
  const trimmed = text.trim()
  if (trimmed.startsWith('@')) {
    const macro = MACROS[trimmed.toLowerCase()]
    if (macro === undefined) problems.list.push(macroProblem(trimmed))
    return macro ?? null
  }
  const count = trimmed === '' ? 0 : trimmed.split(/\s+/).length
  if (count >= 5 && count <= 7 && !ZONE_PREFIX.test(trimmed)) return trimmed
  problems.add('/cron', 'cron_fields', fieldsDetail(trimmed, count))
  return null
}

const ZONE_PREFIX = /^(?:CRON_)?TZ=/i

function fieldsDetail(text: string, count: number): string {
  if (ZONE_PREFIX.test(text)) return 'A zone before the fields is not read: say it in `timezone` instead.'
  return (
    `A cron expression has 5 fields (minute, hour, day of month, month, day of week), 6 (second first) ` +
    `or 7 (second first, year last); this one has ${count}.`
  )
}

/** Whether `H` takes part, so that the result differs from job to job. */
export function usesHash(text: string): boolean {
  return /(?:^|[\s,])H/i.test(text)
}
