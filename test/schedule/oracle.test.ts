// Around changes of the clocks that are hard, every rule must give exactly what the oracle sees.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AppError } from '../../src/domain/errors.ts'
import { compileSchedule, type Schedule, type ScheduleSpec } from '../../src/domain/schedule/schedule.ts'
import { type Film, film, isFixedTime, oracleDue, type Policy } from './oracle.ts'
import { Random, randomExpression } from './random.ts'

const SEED = 20_111_230
const EXPRESSIONS_PER_CHANGE = 40
const HOUR = 3_600_000
const DAY = 24 * HOUR
const SEED_OF_JOB = { hashKey: 'job', createdAt: 0 }

const POLICIES: readonly Policy[] = (['after', 'skip', 'shift'] as const).flatMap((gap) =>
  (['first', 'last', 'both'] as const).map((overlap) => ({ gap, overlap })),
)

const CANCELS_OUT = 'two changes that cancel out'

/** Zone, UTC date of the change, what is hard about it. */
const CHANGES: readonly (readonly [zone: string, date: string, why: string])[] = [
  ['Europe/Berlin', '2026-03-29', 'the usual gap'],
  ['Europe/Berlin', '2026-10-25', 'the usual overlap'],
  ['America/New_York', '2026-03-08', 'gap west of UTC'],
  ['America/New_York', '2026-11-01', 'overlap west of UTC'],
  ['Australia/Lord_Howe', '2026-04-04', 'overlap of 30 minutes'],
  ['Australia/Lord_Howe', '2026-10-03', 'gap of 30 minutes'],
  ['America/Santiago', '2026-04-05', 'overlap that ends at midnight'],
  ['America/Santiago', '2026-09-06', 'midnight is missing'],
  ['Asia/Beirut', '2026-03-28', 'midnight is missing'],
  ['Asia/Beirut', '2026-10-24', 'the last hour of a day twice'],
  ['Africa/Cairo', '2026-04-23', 'midnight is missing'],
  ['Africa/Cairo', '2026-10-29', 'the last hour of a day twice'],
  ['America/Havana', '2026-03-08', 'midnight is missing'],
  ['America/Havana', '2026-11-01', 'the first hour of a day twice'],
  ['Pacific/Apia', '2011-12-30', 'a day that never was'],
  ['Pacific/Apia', '2012-03-31', 'overlap east of the date line'],
  ['Pacific/Kwajalein', '1993-08-21', 'a day that never was'],
  ['Africa/Casablanca', '2026-02-15', 'Ramadan begins: back'],
  ['Africa/Casablanca', '2026-03-22', 'Ramadan ends: forward'],
  ['Antarctica/Troll', '2026-03-29', 'gap of two hours'],
  ['Antarctica/Troll', '2026-10-25', 'overlap of two hours'],
  ['Europe/Dublin', '2026-03-29', 'winter is the exception there'],
  ['Pacific/Chatham', '2026-04-04', 'at a quarter to four'],
  ['Pacific/Chatham', '2026-09-26', 'at a quarter to three'],
  ['Asia/Kathmandu', '1985-12-31', 'a gap of 15 minutes at New Year'],
  ['Asia/Pyongyang', '2018-05-04', 'the last half hour of a day is missing'],
  ['America/Caracas', '2007-12-09', 'half an hour back for good'],
  ['Europe/Moscow', '2014-10-25', 'an hour back for good'],
  ['Antarctica/Casey', '2010-03-04', 'three hours back'],
  ['America/Scoresbysund', '2024-03-31', CANCELS_OUT],
  ['America/Recife', '2000-10-08', 'two changes within a week'],
  ['Asia/Gaza', '2026-03-28', 'a rule of its own'],
  ['America/Sao_Paulo', '2018-11-04', 'midnight is missing'],
]

describe('every rule agrees with the oracle', () => {
  const random = new Random(SEED)
  for (const [zone, date, why] of CHANGES) {
    test(`${zone} ${date}: ${why}`, () => {
      const middle = Date.parse(`${date}T00:00:00Z`)
      const shown = film(zone, middle - 2 * DAY, middle + 4 * DAY, 60_000)
      assert.equal(showsChange(shown), why !== CANCELS_OUT, 'the window shows the change')
      for (let i = 0; i < EXPRESSIONS_PER_CHANGE; i++) {
        const cron = randomExpression(random)
        if (cron.split(' ').length === 5) compare(cron, zone, shown)
      }
      for (const cron of HARD) compare(cron, zone, shown)
    })
  }

  const bySecond: readonly (readonly [zone: string, change: string])[] = [
    ['Europe/Berlin', '2026-03-29T01:00:00Z'],
    ['Europe/Berlin', '2026-10-25T01:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
    ['America/Santiago', '2026-09-06T04:00:00Z'],
    // Until that day Liberia was 44 minutes and 30 seconds behind.
    ['Africa/Monrovia', '1972-01-07T00:44:30Z'],
  ]
  for (const [zone, change] of bySecond) {
    test(`${zone} ${change}, second by second`, () => {
      const middle = Date.parse(change)
      const shown = film(zone, middle - 3 * HOUR, middle + 3 * HOUR, 1_000)
      assert.ok(showsChange(shown), 'the window shows the change')
      for (const cron of HARD_BY_SECOND) compare(cron, zone, shown)
      let compared = 0
      while (compared < 10) {
        const cron = randomExpression(random)
        if (cron.split(' ').length === 5) continue
        compare(cron, zone, shown)
        compared++
      }
    })
  }
})

const HARD = [
  '* * * * *',
  '*/5 * * * *',
  '0 * * * *',
  '30 */2 * * *',
  '0 0 * * *',
  '30 0 * * *',
  '30 23 * * *',
  '30 1 * * *',
  '30 2 * * *',
  '0 3 * * *',
  '15 2 * * *',
  '45 2,3 * * *',
  '0,15,30,45 0-4 * * *',
  '0,15,30,45 0-23 * * *',
  '15 1-3/2 * * *',
  '0 0 30 12 *',
  '0 0 L * *',
]
const HARD_BY_SECOND = [
  '* * * * * *',
  '*/10 * * * * *',
  '* 30 2 * * *',
  '15,45 59 1,2,3 * * *',
  '0 0 0-4 * * *',
  '30 44 0 * * *',
  '*/15 30 0 * * *',
]

function compare(cron: string, timezone: string, shown: Film): void {
  const start = shown.start
  const end = start + shown.walls.length * shown.stepMs
  const fixed = isFixedTime(cron)
  for (const policy of fixed ? POLICIES : POLICIES.slice(0, 1)) {
    const expected = oracleDue(cron, fixed ? policy : 'real time', shown)
    const about = `${cron} in ${timezone}, ${JSON.stringify(policy)}`
    const schedule = compiled({ cron, timezone, dst: policy })
    if (schedule === null) {
      assert.deepEqual(expected, [], `refused as never matching: ${about}`)
      return
    }
    assert.deepEqual(iso(schedule.between(start, end, Infinity)), iso(expected), about)
    assert.deepEqual(iso(backwards(schedule, start, end)), iso(expected), `backwards: ${about}`)
    for (const part of [0, 0.3, 0.5, 0.7]) {
      const from = expected[Math.floor(expected.length * part)] ?? start
      const rest = expected.filter((at) => at >= from).length
      assert.equal(schedule.count(from, end), rest, `count from ${from}: ${about}`)
      assert.equal(schedule.count(start, from), expected.length - rest, `count up to ${from}: ${about}`)
    }
  }
}

/** Null for an expression that is refused because it never matches: some random ones, such as "0 0 1W * *\/6". */
function compiled(spec: ScheduleSpec): Schedule | null {
  try {
    return compileSchedule(spec, SEED_OF_JOB)
  } catch (error) {
    if (error instanceof AppError && error.problems.every(({ code }) => code === 'cron_never')) return null
    throw error
  }
}

function backwards(schedule: Schedule, start: number, end: number): number[] {
  const found: number[] = []
  let at = schedule.previous(end)
  while (at !== null && at >= start) {
    found.push(at)
    at = schedule.previous(at)
  }
  return found.reverse()
}

function showsChange({ walls, stepMs }: Film): boolean {
  return walls.some((wall, i) => i > 0 && wall - walls[i - 1]! !== stepMs)
}

function iso(instants: readonly number[]): string[] {
  return instants.map((at) => new Date(at).toISOString())
}
