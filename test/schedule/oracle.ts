// An independent verdict on when a cron expression is due: a walk over real time, second by second or minute by
// minute, looking at the local time the platform prints. Slow, obvious, and without a line of the engine.

export type Policy = { gap: 'after' | 'skip' | 'shift'; overlap: 'first' | 'last' | 'both' }

/** What the clocks of a zone showed at each step of a window. Reading it is the slow part; many expressions use it. */
export type Film = {
  readonly start: number // epoch ms
  readonly stepMs: number
  readonly walls: readonly number[] // local time as if it were UTC, epoch ms
}

export function film(timeZone: string, start: number, end: number, stepMs: number): Film {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const walls: number[] = []
  for (let at = start; at < end; at += stepMs)
    walls.push(Date.parse(`${format.format(at).replace(' ', 'T')}Z`))
  return { start, stepMs, walls }
}

/** The due instants of the film, ascending. */
export function oracleDue(
  expression: string,
  policy: Policy | 'real time',
  { start, stepMs, walls }: Film,
): number[] {
  const matches = matcher(expression)
  const due = new Set<number>()
  const seen = new Map<number, number>() // wall time → index of its first showing
  const again = new Set<number>() // indexes that have a second showing
  walls.forEach((wall, i) => {
    const first = seen.get(wall)
    if (first === undefined) seen.set(wall, i)
    else again.add(first)
  })
  walls.forEach((wall, i) => {
    const at = start + i * stepMs
    const isSecond = seen.get(wall) !== i
    const counts =
      policy === 'real time' ||
      policy.overlap === 'both' ||
      (policy.overlap === 'first' ? !isSecond : isSecond || !again.has(i))
    if (counts && matches(wall)) due.add(at)
    const expected = i === 0 ? wall : walls[i - 1]! + stepMs
    for (let missing = expected; missing < wall; missing += stepMs) {
      if (policy === 'real time' || policy.gap === 'skip' || !matches(missing)) continue
      due.add(policy.gap === 'after' ? at : at + (missing - expected))
    }
  })
  return [...due].sort((a, b) => a - b)
}

const DAY = 86_400_000
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

/** Whether a local time (as if it were UTC) fits a 5-, 6- or 7-field expression. No macros, no H. */
export function matcher(expression: string): (wall: number) => boolean {
  const fields = expression.trim().split(/\s+/)
  if (fields.length === 5) fields.unshift('0')
  const [second, minute, hour, dayOfMonth, month, dayOfWeek, year = '*'] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
    string?,
  ]
  const seconds = range(60).map((value) => fits(second, value, 59))
  const minutes = range(60).map((value) => fits(minute, value, 59))
  const hours = range(24).map((value) => fits(hour, value, 23))
  const days = new Map<number, boolean>()
  const dateMatches = (wall: number) => {
    const date = new Date(wall)
    return (
      fits(month, date.getUTCMonth() + 1, 12, MONTHS, 1) &&
      yearFits(year, date.getUTCFullYear()) &&
      dayFits(dayOfMonth, dayOfWeek, date)
    )
  }
  return (wall) => {
    const day = Math.floor(wall / DAY)
    if (!days.has(day)) days.set(day, dateMatches(wall))
    const time = (wall - day * DAY) / 1_000
    return (
      days.get(day)! &&
      hours[Math.floor(time / 3_600)]! &&
      minutes[Math.floor(time / 60) % 60]! &&
      seconds[time % 60]!
    )
  }
}

/** By hour and minute a job is fixed-time unless one of them has a `*` or a step. */
export function isFixedTime(expression: string): boolean {
  const fields = expression.trim().split(/\s+/)
  const [minute, hour] = fields.length === 5 ? fields : fields.slice(1)
  return !/[*/]/.test(`${minute} ${hour}`)
}

function range(size: number): number[] {
  return [...Array(size).keys()]
}

function yearFits(text: string, year: number): boolean {
  return text.startsWith('*/') ? (year - 1970) % Number(text.slice(2)) === 0 : fits(text, year, 9999)
}

function dayFits(dayOfMonth: string, dayOfWeek: string, date: Date): boolean {
  const byDate = dayOfMonth.split(',').some((item) => dateFits(item, date))
  const byWeekday = dayOfWeek.split(',').some((item) => weekdayFits(item, date))
  const free = (field: string) => field.startsWith('*') || field === '?'
  return free(dayOfMonth) || free(dayOfWeek) ? byDate && byWeekday : byDate || byWeekday
}

function dateFits(item: string, date: Date): boolean {
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  const day = date.getUTCDate()
  if (item === 'L') return day === last
  if (item === 'LW') return day === closestWorkday(date, last, last)
  if (item.startsWith('L-')) return day === last - Number(item.slice(2))
  if (item.endsWith('W')) {
    const wanted = Number(item.slice(0, -1))
    return wanted <= last && day === closestWorkday(date, wanted, last)
  }
  return fits(item, day, 31)
}

/** Tries the day itself, then one to either side, then two: the first working day inside the month. */
function closestWorkday(date: Date, wanted: number, last: number): number {
  for (const step of [0, -1, 1, -2, 2]) {
    const day = wanted + step
    const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay()
    if (day >= 1 && day <= last && weekday !== 0 && weekday !== 6) return day
  }
  throw new Error('five days in a row hold a working day')
}

function weekdayFits(item: string, date: Date): boolean {
  const weekday = date.getUTCDay()
  const day = date.getUTCDate()
  const is = (text: string) =>
    fits(text, weekday, 7, WEEKDAYS) || (weekday === 0 && fits(text, 7, 7, WEEKDAYS))
  if (item.includes('#')) {
    const [name, nth] = item.split('#') as [string, string]
    return is(name) && Math.floor((day - 1) / 7) + 1 === Number(nth)
  }
  if (/.L$/.test(item)) {
    const nextWeek = new Date(date.getTime() + 7 * 86_400_000)
    return is(item.slice(0, -1)) && nextWeek.getUTCMonth() !== date.getUTCMonth()
  }
  if (/^\d+\/\d+$/.test(item)) return fits(item, weekday, 6)
  if (/^\w+-SUN$/.test(item) && item !== 'SUN-SUN') return is(item.replace('-SUN', '-7'))
  return is(item)
}

/** A plain field: `*`, `?`, numbers, names, ranges, steps, lists. `first` is the number of the first name. */
function fits(text: string, value: number, max: number, names: readonly string[] = [], first = 0): boolean {
  return text.split(',').some((item) => {
    const [range, step] = item.split('/') as [string, string?]
    const number = (word: string) => (names.includes(word) ? names.indexOf(word) + first : Number(word))
    if (range === '*' || range === '?')
      return (value - (max === 31 || max === 12 ? 1 : 0)) % Number(step ?? 1) === 0
    const [low, high] = range.split('-').map(number) as [number, number?]
    const end = high ?? (step === undefined ? low : max)
    return value >= low && value <= end && (value - low) % Number(step ?? 1) === 0
  })
}
