// Each class of difference from croner 11: why, and what the oracle says. A case that stops differing fails here, and
// its class must then go.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Cron } from 'croner'
import { AppError } from '../../src/domain/errors.ts'
import { compileSchedule } from '../../src/domain/schedule/schedule.ts'
import {
  deviatesFromCroner,
  hasIntervalSecondsOnly,
  hasSteppedDayStar,
  hasSteppedYearStar,
  hasSundayToSunday,
} from './croner-deviations.ts'
import { film, oracleDue } from './oracle.ts'

const DAY = 86_400_000

type Case = { cron: string; timezone?: string; from: string; days: number; stepMs: number }

/** Our walk is the oracle's, croner's is not. */
function differs({ cron, timezone = 'UTC', from, days, stepMs }: Case): void {
  const start = Date.parse(from)
  const end = start + days * DAY
  const schedule = compileSchedule({ cron, timezone }, { hashKey: 'job', createdAt: 0 })
  const due = oracleDue(cron, { gap: 'after', overlap: 'first' }, film(timezone, start, end, stepMs))
  assert.deepEqual(schedule.between(start, end, Infinity), due, cron)
  assert.notDeepEqual(cronerBetween(cron, timezone, start, end), due, `croner agrees on ${cron} by now`)
}

function cronerBetween(cron: string, timezone: string, start: number, end: number): number[] {
  const job = new Cron(cron, { timezone, fixedTimeRule: 'no-wildcard', sloppyRanges: true })
  const found: number[] = []
  let at = job.nextRun(new Date(start - 1))
  while (at !== null && at.getTime() < end) {
    found.push(at.getTime())
    at = job.nextRun(at)
  }
  return found
}

describe('walks that differ', () => {
  test('a stepped star in a day field leaves it unrestricted, as in Vixie cron', () => {
    for (const cron of ['0 0 */2 * MON', '0 0 13 * */2', '0 0 */3 * */2']) {
      assert.ok(hasSteppedDayStar(cron))
      differs({ cron, from: '2026-01-01T00:00:00Z', days: 60, stepMs: DAY / 24 })
    }
  })

  test('the second field does not make an interval of a fixed-time job', () => {
    for (const cron of ['* 30 2 * * *', '*/20 15,45 2 * * *']) {
      assert.ok(hasIntervalSecondsOnly(cron))
      for (const from of ['2026-03-29T00:00:00Z', '2026-10-25T00:00:00Z']) {
        differs({ cron, timezone: 'Europe/Berlin', from, days: 0.1, stepMs: 1_000 })
      }
    }
  })

  test('a step over all years counts from 1970, not from the year 0', () => {
    const cron = '0 0 0 1 1 * */3'
    assert.ok(hasSteppedYearStar(cron))
    differs({ cron, from: '2026-01-01T00:00:00Z', days: 3_000, stepMs: DAY })
  })

  test('from Sunday to Sunday is one day', () => {
    const cron = '0 0 * * SUN-SUN'
    assert.ok(hasSundayToSunday(cron))
    differs({ cron, from: '2026-01-01T00:00:00Z', days: 30, stepMs: DAY / 24 })
  })

  test('the classes are narrow', () => {
    const common = [
      '*/2 * * * *',
      '0 0 */2 * *',
      '0 0 */2 * ?',
      '30 2 * * MON',
      '*/5 * * * * *',
      '0 0 0 1 1 * 2027/2',
    ]
    for (const cron of common) assert.equal(deviatesFromCroner(cron), false, cron)
  })
})

describe('grammar that differs', () => {
  const opens = (open: () => unknown) => {
    try {
      open()
      return true
    } catch (error) {
      assert.ok(error instanceof Error)
      return false
    }
  }
  const cronerTakes = (cron: string) => opens(() => new Cron(cron))
  const weTake = (cron: string) => {
    try {
      compileSchedule({ cron }, { hashKey: 'job', createdAt: 0 })
      return true
    } catch (error) {
      assert.ok(error instanceof AppError)
      return false
    }
  }

  test('we take what Quartz and Jenkins write', () => {
    for (const cron of ['5/15 * * * *', '0 0 L-3 * *', '0 0 1,LW * *', 'H H * * *', '@every 5m']) {
      assert.deepEqual([weTake(cron), cronerTakes(cron)], [true, false], cron)
    }
  })

  test('we refuse what can be misread', () => {
    const table = [
      '0 0 30 2 *', // never matches
      '? * * * *', // croner reads ? as * in any field
      '0 0 * * MON-FRI#2', // is that five days, or the second of some?
      '0 0 * * FRI#L', // FRIL says the same
      '0 0 13 * +FRI', // AND by a sign of croner's own
      '0 0 0 1 1 * 2500', // beyond the calendar
    ]
    for (const cron of table) assert.deepEqual([weTake(cron), cronerTakes(cron)], [false, true], cron)
  })
})
