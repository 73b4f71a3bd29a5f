// What a schedule owes, by brute force: sums and a walk over real time, without a line of the product.

import type { ScheduleSpec } from '../../../src/domain/schedule/schedule-types.ts'
import { type Film, film, isFixedTime, oracleDue } from '../../schedule/oracle.ts'
import { everyFrom } from '../../support/due-by-hand.ts'

const SECOND = 1_000
const UNITS = { ms: 1, s: SECOND, m: 60 * SECOND, h: 3_600 * SECOND, d: 86_400 * SECOND } as const

/** The instants in (after, through], ascending. Cron: without macros and `H`. */
export function owed(schedule: ScheduleSpec, createdAt: number, after: number, through: number): number[] {
  if (through <= after) return []
  const { cron, every, at, anchor, from, until } = schedule
  const start = from === undefined ? after : Math.max(after, Date.parse(from) - 1)
  const end = until === undefined ? through : Math.min(through, Date.parse(until) - 1)
  if (every !== undefined)
    return everyFrom(anchor === undefined ? createdAt : Date.parse(anchor), spanOf(every), start, end)
  if (at !== undefined) return [Date.parse(at)].filter((instant) => instant > start && instant <= end)
  return cron === undefined ? [] : byCron(cron, schedule, start, end)
}

/** A day before and after, as the hour that comes twice is known only from its other showing. */
const AROUND_MS = 3 * 3_600 * SECOND

function byCron(cron: string, { timezone = 'UTC', dst }: ScheduleSpec, after: number, through: number) {
  const stepMs = cron.trim().split(/\s+/).length === 5 ? 60 * SECOND : SECOND
  const policy = isFixedTime(cron)
    ? { gap: dst?.gap ?? ('after' as const), overlap: dst?.overlap ?? ('first' as const) }
    : ('real time' as const)
  const around = timezone === 'UTC' ? stepMs : AROUND_MS
  const first = Math.floor((after - around) / stepMs) * stepMs
  const shown = filmOf(timezone, first, through + around, stepMs)
  return oracleDue(cron, policy, shown).filter((instant) => instant > after && instant <= through)
}

const FILMS_MAX = 16
const films = new Map<string, Film>()

/** Jobs of one history look at the same stretch of time: walking it is the slow part. */
function filmOf(timezone: string, start: number, end: number, stepMs: number): Film {
  if (timezone === 'UTC') {
    const walls = everyFrom(0, stepMs, start - 1, end - 1)
    return { start: walls[0] ?? start, stepMs, walls }
  }
  const key = `${timezone} ${start} ${end} ${stepMs}`
  const known = films.get(key)
  if (known !== undefined) return known
  if (films.size >= FILMS_MAX) films.clear()
  const made = film(timezone, start, end, stepMs)
  films.set(key, made)
  return made
}

function spanOf(text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text)
  if (match === null) throw new Error(`the oracle reads 30s or 5m, not ${text}`)
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]
}
