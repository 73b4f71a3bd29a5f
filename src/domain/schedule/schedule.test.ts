import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AppError } from '../errors.ts'
import { compileSchedule, EVERY_MAX_MS, type Schedule, type ScheduleSpec } from './schedule.ts'

const CREATED = Date.parse('2026-01-01T00:00:07Z')
const SEED = { hashKey: 'job-1', createdAt: CREATED }

const compile = (spec: ScheduleSpec) => compileSchedule(spec, SEED)
const ms = (text: string) => Date.parse(text)
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString().replace('.000Z', 'Z'))

function walk(schedule: Schedule, after: string, count: number): (string | null)[] {
  const found: (string | null)[] = []
  let at: number | null = ms(after)
  while (at !== null && found.length < count) {
    at = schedule.next(at)
    found.push(iso(at))
  }
  return found
}

/** Pointer and code of every problem. */
function problems(spec: ScheduleSpec): string[] {
  try {
    compile(spec)
  } catch (error) {
    assert.ok(error instanceof AppError)
    assert.equal(error.code, 'invalid')
    return error.problems.map(({ pointer, code }) => `${pointer} ${code}`)
  }
  return []
}

describe('cron', () => {
  test('next is strictly after, previous strictly before, between half-open', () => {
    const schedule = compile({ cron: '0 * * * *' })
    const noon = ms('2027-01-01T12:00:00Z')
    assert.equal(iso(schedule.next(noon)), '2027-01-01T13:00:00Z')
    assert.equal(iso(schedule.next(noon - 1)), '2027-01-01T12:00:00Z')
    assert.equal(iso(schedule.previous(noon)), '2027-01-01T11:00:00Z')
    assert.equal(iso(schedule.previous(noon + 1)), '2027-01-01T12:00:00Z')
    const hours = schedule.between(noon, noon + 3 * 3_600_000, 10)
    assert.deepEqual(hours.map(iso), ['2027-01-01T12:00:00Z', '2027-01-01T13:00:00Z', '2027-01-01T14:00:00Z'])
    assert.equal(schedule.between(noon, noon + 3 * 3_600_000, 2).length, 2)
    assert.equal(schedule.count(noon, noon + 3 * 3_600_000), 3)
    assert.equal(schedule.count(noon + 1, noon + 1), 0)
    assert.deepEqual(schedule.between(noon, noon - 1, 5), [])
  })

  test('both day fields: days that fit either, or with `days: both` only those that fit both', () => {
    const friday13 = (days?: 'either' | 'both') =>
      compile({ cron: '0 0 13 * FRI', ...(days === undefined ? {} : { days }) })
    const from = '2026-11-01T00:00:00Z'
    const either = ['2026-11-06T00:00:00Z', '2026-11-13T00:00:00Z', '2026-11-20T00:00:00Z']
    assert.deepEqual(walk(friday13(), from, 3), either)
    assert.deepEqual(walk(friday13('either'), from, 3), either)
    assert.deepEqual(walk(friday13('both'), from, 3), [
      '2026-11-13T00:00:00Z',
      '2027-08-13T00:00:00Z',
      '2028-10-13T00:00:00Z',
    ])
    assert.deepEqual(friday13('both').warnings(ms(from)), [])
    assert.match(friday13('both').describe(), /on day 13 of the month, (?:and )?only on Friday/)
    assert.match(friday13().describe(), /or on Friday/)
    assert.deepEqual(problems({ every: '1h', days: 'both' }), ['/days days_without_cron'])
    assert.deepEqual(problems({ cron: '0 0 30 2 MON', days: 'both' }), ['/cron cron_never'])
  })

  test('a gap by each rule', () => {
    const at = (gap: 'after' | 'skip' | 'shift') =>
      walk(
        compile({ cron: '30 2 * * *', timezone: 'Europe/Berlin', dst: { gap } }),
        '2026-03-28T12:00:00Z',
        1,
      )[0]
    assert.equal(at('after'), '2026-03-29T01:00:00Z')
    assert.equal(at('skip'), '2026-03-30T00:30:00Z')
    assert.equal(at('shift'), '2026-03-29T01:30:00Z')
  })

  test('an overlap by each rule', () => {
    const at = (overlap: 'first' | 'last' | 'both') =>
      compile({ cron: '30 2 * * *', timezone: 'Europe/Berlin', dst: { overlap } })
        .between(ms('2026-10-24T22:00:00Z'), ms('2026-10-25T23:00:00Z'), 9)
        .map(iso)
    assert.deepEqual(at('first'), ['2026-10-25T00:30:00Z'])
    assert.deepEqual(at('last'), ['2026-10-25T01:30:00Z'])
    assert.deepEqual(at('both'), ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'])
  })

  test('several times in a gap, and the first one after it, are one run', () => {
    const schedule = compile({ cron: '0,15,30 2,3 * * *', timezone: 'Europe/Berlin' })
    assert.deepEqual(walk(schedule, '2026-03-28T12:00:00Z', 3), [
      '2026-03-29T01:00:00Z',
      '2026-03-29T01:15:00Z',
      '2026-03-29T01:30:00Z',
    ])
    assert.equal(schedule.count(ms('2026-03-29T00:00:00Z'), ms('2026-03-29T02:00:00Z')), 3)
  })

  test('an interval follows real time', () => {
    const schedule = compile({ cron: '*/30 * * * *', timezone: 'Australia/Lord_Howe' })
    const due = schedule.between(ms('2026-10-03T12:00:00Z'), ms('2026-10-03T18:00:00Z'), 99)
    assert.deepEqual(
      due.map((at, i) => at - (due[i - 1] ?? at - 1_800_000)),
      due.map(() => 1_800_000),
    )
  })

  test('a job of once in many years is found at once, forwards and backwards', () => {
    const schedule = compile({ cron: '0 0 29 2 *', timezone: 'America/New_York' })
    assert.deepEqual(walk(schedule, '2097-01-01T00:00:00Z', 2), [
      '2104-02-29T05:00:00Z',
      '2108-02-29T05:00:00Z',
    ])
    assert.equal(iso(schedule.previous(ms('2104-01-01T00:00:00Z'))), '2096-02-29T05:00:00Z')
  })

  test('begins with 1970 and ends with 2199', () => {
    const schedule = compile({ cron: '0 0 1 1 *', timezone: 'Asia/Tokyo' })
    assert.equal(iso(schedule.next(ms('1950-01-01T00:00:00Z'))), '1970-12-31T15:00:00Z')
    assert.equal(schedule.previous(0), null)
    assert.equal(schedule.next(ms('2199-12-31T16:00:00Z')), null)
    assert.equal(iso(schedule.previous(ms('2300-01-01T00:00:00Z'))), '2199-12-31T15:00:00Z')
    assert.equal(schedule.count(ms('1900-01-01T00:00:00Z'), ms('2300-01-01T00:00:00Z')), 230)
  })

  test('counts every second of fifty years by arithmetic', () => {
    for (const timezone of ['UTC', 'Europe/Berlin', 'Africa/Casablanca', 'Australia/Lord_Howe']) {
      const schedule = compile({ cron: '* * * * * *', timezone })
      const from = ms('2000-01-01T00:00:00Z')
      const to = ms('2050-01-01T00:00:00Z')
      schedule.count(from, to) // reads the zone
      const took = quickest(() => assert.equal(schedule.count(from, to), (to - from) / 1_000))
      assert.ok(took < 50, timezone)
    }
  })

  test('the same expression is compiled once, with H once for each job', () => {
    const at = (hashKey: string) =>
      compileSchedule({ cron: 'H H * * *' }, { hashKey, createdAt: 0 }).next(CREATED)
    assert.equal(at('a'), at('a'))
    assert.notEqual(at('a'), at('b'))
  })

  const NEVER: readonly (readonly [string, RegExp])[] = [
    ['0 0 30 2 *', /never matches: February has no day 30\./],
    ['0 0 31 4,6 *', /April and June have no day 31/],
    ['0 0 30,31 FEB *', /February has no day 30 or 31/],
    ['0 0 0 29 2 * 2027', /February has no day 29 in 2027/],
    ['0 0 0 29 2 * 2100', /February has no day 29 in 2100/],
    ['0 0 1W * */6', /no day of the chosen months and years fits/],
    ['0 0 L-30 2 *', /no day of the chosen months/],
  ]
  for (const [cron, detail] of NEVER) {
    test(`${cron} is refused as never matching`, () => {
      const refuse = (): void =>
        assert.throws(
          () => compile({ cron }),
          (error) => {
            assert.ok(error instanceof AppError)
            assert.deepEqual(
              error.problems.map(({ pointer, code }) => [pointer, code]),
              [['/cron', 'cron_never']],
            )
            assert.match(error.message, detail)
            return true
          },
        )
      assert.ok(quickest(refuse) < 50)
    })
  }
})

describe('every', () => {
  test('is anchored at the creation of the job', () => {
    const schedule = compile({ every: '30s' })
    assert.deepEqual(walk(schedule, '2026-01-01T00:00:07Z', 2), [
      '2026-01-01T00:00:37Z',
      '2026-01-01T00:01:07Z',
    ])
    assert.equal(iso(schedule.previous(ms('2026-01-01T00:00:37Z'))), '2026-01-01T00:00:07Z')
  })

  test('or where one says, even in the future: the anchor is a phase', () => {
    const schedule = compile({ every: 'PT1H', anchor: '2030-01-01T00:20:00Z' })
    assert.deepEqual(walk(schedule, '2026-06-01T12:00:00Z', 1), ['2026-06-01T12:20:00Z'])
  })

  test('@every is the same', () => {
    assert.equal(compile({ cron: '@every 1h30m' }).kind, 'every')
    assert.deepEqual(walk(compile({ cron: '@every 1h30m' }), '2026-01-01T00:00:07Z', 1), [
      '2026-01-01T01:30:07Z',
    ])
  })

  test('is even through a change of the clocks', () => {
    const schedule = compile({ every: '1d', timezone: 'Europe/Berlin' })
    const days = schedule.between(ms('2026-03-27T00:00:00Z'), ms('2026-04-02T00:00:00Z'), 9)
    assert.ok(days.every((at, i) => i === 0 || at - days[i - 1]! === 86_400_000))
  })

  test('counts in closed form', () => {
    const schedule = compile({ every: '7s' })
    const from = ms('2026-02-01T00:00:00Z')
    for (const length of [0, 1, 6_999, 7_000, 7_001, 86_400_000]) {
      assert.equal(
        schedule.count(from, from + length),
        schedule.between(from, from + length, Infinity).length,
      )
    }
    assert.ok(schedule.count(0, ms('2199-01-01T00:00:00Z')) > 1_000_000_000)
  })
})

test('at is due once', () => {
  const schedule = compile({ at: '2027-01-01T09:00:00+01:00' })
  assert.deepEqual(walk(schedule, '2026-06-01T00:00:00Z', 3), ['2027-01-01T08:00:00Z', null])
  assert.equal(iso(schedule.previous(ms('2028-01-01T00:00:00Z'))), '2027-01-01T08:00:00Z')
  assert.equal(schedule.previous(ms('2027-01-01T08:00:00Z')), null)
  assert.equal(schedule.count(ms('2027-01-01T08:00:00Z'), ms('2027-01-01T08:00:01Z')), 1)
})

test('at without an offset is read in the named zone', () => {
  const schedule = compile({ at: '2027-07-01T09:00:00.5', timezone: 'Europe/Berlin' })
  assert.equal(schedule.next(CREATED), ms('2027-07-01T07:00:00.500Z'))
})

test('without a timing a job is never due by itself', () => {
  const schedule = compile({})
  assert.deepEqual(
    [schedule.kind, schedule.next(CREATED), schedule.previous(CREATED)],
    ['manual', null, null],
  )
  assert.equal(schedule.count(0, CREATED), 0)
})

test('from is inclusive, until exclusive', () => {
  for (const timing of [{ cron: '0 0 * * *' }, { every: '1d', anchor: '2026-01-01T00:00:00Z' }]) {
    const schedule = compile({ ...timing, from: '2027-01-02T00:00:00Z', until: '2027-01-05T00:00:00Z' })
    const days = ['2027-01-02T00:00:00Z', '2027-01-03T00:00:00Z', '2027-01-04T00:00:00Z']
    assert.deepEqual(walk(schedule, '2026-06-01T00:00:00Z', 9), [...days, null])
    assert.equal(schedule.count(0, ms('2100-01-01T00:00:00Z')), 3)
    assert.equal(iso(schedule.previous(ms('2100-01-01T00:00:00Z'))), days[2])
    assert.equal(schedule.previous(ms(days[0]!)), null)
  }
  assert.equal(compile({ at: '2027-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' }).next(0), null)
})

describe('refusals', () => {
  const berlin = { timezone: 'Europe/Berlin' }
  const table: readonly (readonly [ScheduleSpec, string[]])[] = [
    [{ cron: '* * * * *', every: '1m' }, [' exactly_one_of']],
    [{ cron: '60 * * * *' }, ['/cron cron_field']],
    [{ cron: '@reboot' }, ['/cron cron_reboot']],
    [{ cron: '@every 10ms' }, ['/cron every_too_short']],
    [{ cron: '* * * * *', timezone: 'Mars/Phobos' }, ['/timezone timezone_unknown']],
    [{ every: '1h', timezone: '' }, ['/timezone timezone_unknown']],
    [{ every: '0s' }, ['/every every_too_short']],
    [{ every: '999ms' }, ['/every every_too_short']],
    [{ every: '-5' }, ['/every every_invalid']],
    [{ every: '1.0001ms' }, ['/every every_invalid']],
    [{ every: `${EVERY_MAX_MS + 1}ms` }, ['/every every_too_long']],
    [{ every: '1h', anchor: 'noon' }, ['/anchor anchor_invalid']],
    [{ cron: '0 0 * * *', anchor: '2027-01-01T00:00:00Z' }, ['/anchor anchor_without_every']],
    [{ at: '2027-02-30T00:00:00Z' }, ['/at at_invalid']],
    [{ at: '2027-01-01T09:00:00' }, ['/at at_invalid']],
    [{ at: '2027-03-28T02:30:00', ...berlin }, ['/at at_gap']],
    [{ at: '2026-10-25T02:30:00', ...berlin }, ['/at at_ambiguous']],
    [{ every: '1h', from: '2027-01-01T00:00:00' }, ['/from from_invalid']],
    [{ every: '1h', until: 'x' }, ['/until until_invalid']],
    [{ every: '1h', from: '2027-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' }, ['/until range_invalid']],
    [{ every: '1h', maxRuns: 0 }, ['/maxRuns max_runs_invalid']],
    [{ every: '1h', maxRuns: 1.5 }, ['/maxRuns max_runs_invalid']],
    [{ every: '1h', dst: { gap: 'skip' } }, ['/dst dst_without_cron']],
    [{ cron: '0 0 * * *', dst: { gap: 'later' as never } }, ['/dst/gap dst_invalid']],
    [{ cron: '0 0 * * *', dst: { overlap: 'never' as never } }, ['/dst/overlap dst_invalid']],
  ]
  for (const [spec, expected] of table) {
    test(JSON.stringify(spec), () => assert.deepEqual(problems(spec), expected))
  }

  test('come all at once', () => {
    const spec = { cron: '60 * * * FOO', every: '0s', at: 'x', timezone: 'x', from: 'x', maxRuns: 0 }
    assert.deepEqual(problems(spec).sort(), [
      ' exactly_one_of',
      '/at at_invalid',
      '/cron cron_field',
      '/cron cron_field',
      '/every every_too_short',
      '/from from_invalid',
      '/maxRuns max_runs_invalid',
      '/timezone timezone_unknown',
    ])
  })

  test('list the candidates for a local time that is missing or comes twice', () => {
    const detail = (at: string, timezone: string) => {
      try {
        compile({ at, timezone })
      } catch (error) {
        return (error as AppError).message
      }
      return ''
    }
    assert.match(
      detail('2026-10-25T02:30:00', 'Europe/Berlin'),
      /twice: write 2026-10-25T02:30:00\+02:00 or 2026-10-25T02:30:00\+01:00/,
    )
    assert.match(
      detail('2027-03-28T02:30:00', 'Europe/Berlin'),
      /skip this time, going from 02:00:00 to 03:00:00: write 2027-03-28T03:00:00\+02:00 or 2027-03-28T03:30:00\+02:00/,
    )
    assert.match(
      detail('2011-12-30T12:00:00', 'Pacific/Apia'),
      /from 2011-12-30 00:00:00 to 2011-12-31 00:00:00/,
    )
  })
})

/** Of three: others run beside this. */
function quickest(act: () => void): number {
  const took = Array.from({ length: 3 }, () => {
    const begin = performance.now()
    act()
    return performance.now() - begin
  })
  return Math.min(...took)
}

test('a moment that many jobs share is what it says, whatever stands beside it', () => {
  const at = '2027-01-31T09:00:00'
  const due = (spec: ScheduleSpec): number | null => compileSchedule(spec, SEED).next(0)
  const utc = Date.UTC(2027, 0, 31, 9)
  assert.equal(due({ at: `${at}Z` }), utc)
  assert.equal(due({ at: `${at}Z` }), utc)
  assert.equal(due({ at: `${at}Z`, until: '2027-01-31T09:00:00Z' }), null)
  assert.equal(due({ at, timezone: 'Europe/Berlin' }), utc - 3_600_000)
  assert.equal(due({ at, timezone: 'UTC' }), utc)
  assert.throws(() => due({ at }))
  assert.throws(() => due({ at }))
})

describe('jobs that share a schedule', () => {
  const OTHER = { hashKey: 'job-2', createdAt: CREATED + 1_000 }
  const firstDue = (spec: ScheduleSpec, seed: typeof SEED) =>
    compileSchedule(spec, seed).next(CREATED + 7_000)

  test('are due by their own beginning, or their own hash, where that has a say', () => {
    const period: ScheduleSpec = { every: '10s' }
    assert.equal(firstDue(period, OTHER)! - firstDue(period, SEED)!, 1_000)
    const macro: ScheduleSpec = { cron: '@every 10s' }
    assert.equal(firstDue(macro, OTHER)! - firstDue(macro, SEED)!, 1_000)
    const hashed: ScheduleSpec = { cron: 'H H * * *' }
    assert.notEqual(firstDue(hashed, OTHER), firstDue(hashed, SEED))
  })

  test('are due together everywhere else', () => {
    for (const spec of [
      { every: '10s', anchor: '2026-01-01T00:00:03Z' },
      { cron: '0 9 * * THU' },
      { at: '2026-06-01T00:00:00', timezone: 'Europe/Berlin' },
      {},
    ])
      assert.equal(compileSchedule(spec, OTHER), compileSchedule(spec, SEED))
  })
})
