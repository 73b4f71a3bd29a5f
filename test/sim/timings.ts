// The schedules that simulated jobs have, each with arithmetic of its own for what is due, which shares nothing with
// the schedules of the product.

import type { ScheduleSpec } from '../../src/domain/schedule/schedule-types.ts'
import { atMinutes, atSeconds, everyFrom } from '../support/due-by-hand.ts'
import type { Dice } from './dice.ts'

type Stretch = (after: number, through: number) => number[]

const SECOND = 1_000
const MINUTE = 60_000

const PERIODS: Readonly<Record<string, number>> = {
  '5s': 5 * SECOND,
  '17s': 17 * SECOND,
  '30s': 30 * SECOND,
  '1m': MINUTE,
  '3m': 3 * MINUTE,
  '10m': 10 * MINUTE,
  '25m': 25 * MINUTE,
}

const CRONS: Readonly<Record<string, Stretch>> = {
  '*/20 * * * * *': (after, through) => atSeconds((second) => second % 20 === 0, after, through),
  '7,11,50 * * * * *': (after, through) =>
    atSeconds((second) => [7, 11, 50].includes(second), after, through),
  '* * * * *': (after, through) => atMinutes(() => true, after, through),
  '*/5 * * * *': (after, through) => atMinutes((minute) => minute % 5 === 0, after, through),
  '13,14,44 * * * *': (after, through) =>
    atMinutes((minute) => [13, 14, 44].includes(minute), after, through),
}

const WEIGHTS = { quick: 0.4, every: 6, cron: 6, at: 1, manual: 1 }

export function timing(dice: Dice, now: number): ScheduleSpec {
  const kind = dice.weighed(WEIGHTS)
  if (kind === 'quick') return { every: '5s' }
  if (kind === 'every') return { every: dice.pick(Object.keys(PERIODS).slice(1)) }
  if (kind === 'cron') return { cron: dice.pick(Object.keys(CRONS)) }
  if (kind === 'at') return { at: new Date(now + dice.int(1, 30) * MINUTE).toISOString() }
  return {}
}

/** What is due in (after, through]. */
export function dueOf(spec: ScheduleSpec, createdAt: number, after: number, through: number): number[] {
  if (after >= through) return []
  if (spec.every !== undefined) return everyFrom(createdAt, PERIODS[spec.every]!, after, through)
  if (spec.cron !== undefined) return CRONS[spec.cron]!(after, through)
  if (spec.at === undefined) return []
  const at = Date.parse(spec.at)
  return after < at && at <= through ? [at] : []
}
