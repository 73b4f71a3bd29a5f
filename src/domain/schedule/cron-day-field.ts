// The two fields that choose days. Beside numbers they know `?`, and counting from the end or by weekday:
// day of month `L` `L-3` `LW` `15W`; day of week `5L` (last Friday) `5#2` (second Friday).

import {
  ascending,
  FieldFault,
  type FieldHash,
  type FieldSpec,
  parseItem,
  parseValue,
  type Step,
  splitList,
} from './cron-field.ts'

/** What two restricted day fields mean together. */
export type DayRule = 'either' | 'both'

type DayField = {
  /** Vixie's word: a field is unrestricted when it starts with `*` (or is `?`), even as `*\/2`. */
  readonly restricted: boolean
  readonly steps: readonly Step[]
  readonly text: string
}

export type DayOfMonthField = DayField & {
  readonly days: readonly number[]
  readonly beforeLast: readonly number[] // 0 = the last day, 3 = three days before it
  readonly nearestWeekdays: readonly number[]
  readonly lastWeekday: boolean
}

export type DayOfWeekField = DayField & {
  readonly weekdays: readonly number[] // 0 = Sunday … 6 = Saturday
  readonly last: readonly number[] // weekdays whose last one in the month counts
  readonly nth: readonly { readonly weekday: number; readonly nth: number }[]
}

export const DAY_OF_MONTH: FieldSpec = { name: 'day of month', min: 1, max: 31, hash: { min: 1, max: 28 } }
export const DAY_OF_WEEK: FieldSpec = {
  name: 'day of week',
  min: 0,
  max: 6,
  accepts: 7, // Sunday again
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
  hash: { min: 0, max: 6 },
}
/** `L-31` would be before the first day of every month. */
const BEFORE_LAST_MAX = 30
const NTH_MAX = 5

export function parseDayOfMonth(text: string, hash: FieldHash): DayOfMonthField {
  const days: number[] = []
  const beforeLast: number[] = []
  const nearestWeekdays: number[] = []
  const steps: Step[] = []
  const texts: string[] = []
  let lastWeekday = false
  for (const item of splitList(withoutQuestionMark(text))) {
    const fromEnd = /^L(?:-(\d{1,2}))?$/i.exec(item)
    const nearest = /^(\d{1,2})W$/i.exec(item)
    let resolved = item.toUpperCase()
    if (fromEnd !== null) beforeLast.push(daysBeforeLast(fromEnd[1] ?? '0'))
    else if (resolved === 'LW' || resolved === 'WL') lastWeekday = true
    else if (nearest !== null) nearestWeekdays.push(parseValue(nearest[1]!, DAY_OF_MONTH))
    else {
      const parsed = parseItem(item, DAY_OF_MONTH, hash)
      days.push(...parsed.values)
      if (parsed.step !== undefined) steps.push(parsed.step)
      resolved = parsed.text
    }
    texts.push(resolved)
  }
  return {
    restricted: isRestricted(text),
    days: ascending(days),
    beforeLast,
    nearestWeekdays,
    lastWeekday,
    steps,
    text: texts.join(','),
  }
}

function daysBeforeLast(text: string): number {
  const days = Number(text)
  if (days > BEFORE_LAST_MAX) throw new FieldFault(`L-${days} is outside L-0 to L-${BEFORE_LAST_MAX}`)
  return days
}

export function parseDayOfWeek(text: string, hash: FieldHash): DayOfWeekField {
  const weekdays: number[] = []
  const last: number[] = []
  const nth: { weekday: number; nth: number }[] = []
  const steps: Step[] = []
  const texts: string[] = []
  for (const item of splitList(withoutQuestionMark(text))) {
    const lastOne = /^(.+)L$/i.exec(item)
    const nthOne = /^(.+)#(.*)$/.exec(item)
    let resolved = item.toUpperCase()
    if (resolved === 'L') {
      throw new FieldFault('L needs a weekday before it', '6L for the last Saturday of the month')
    }
    if (lastOne !== null) last.push(parseWeekday(lastOne[1]!))
    else if (nthOne !== null) nth.push({ weekday: parseWeekday(nthOne[1]!), nth: parseNth(nthOne[2]!) })
    else {
      const parsed = parseItem(sundayAtTheEnd(item), DAY_OF_WEEK, hash)
      weekdays.push(...parsed.values.map((value) => value % 7))
      if (parsed.step !== undefined) steps.push(parsed.step)
      resolved = parsed.text
    }
    texts.push(resolved)
  }
  return {
    restricted: isRestricted(text),
    weekdays: ascending(weekdays),
    last,
    nth,
    steps,
    text: texts.join(','),
  }
}

function parseWeekday(text: string): number {
  return parseValue(text, DAY_OF_WEEK) % 7
}

function parseNth(text: string): number {
  const nth = /^\d$/.test(text) ? Number(text) : 0
  if (nth < 1 || nth > NTH_MAX) throw new FieldFault(`"#${text}" is outside #1–#${NTH_MAX}`)
  return nth
}

/** In `FRI-SUN` Sunday is the seventh day, not the day before Monday. */
function sundayAtTheEnd(item: string): string {
  return item.replace(/^([^-]+)-SUN(?=$|\/)/i, (range, from: string) =>
    from.toUpperCase() === 'SUN' || from === '0' ? range : `${from}-7`,
  )
}

function withoutQuestionMark(text: string): string {
  return text === '?' ? '*' : text
}

function isRestricted(text: string): boolean {
  return !text.startsWith('*') && text !== '?'
}
