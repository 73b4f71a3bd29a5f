import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Problems } from '../errors.ts'
import { type CronExpression, parseCron } from './cron-expression.ts'

function read(text: string, hashKey = 'job'): CronExpression {
  const problems = new Problems()
  const expression = parseCron(text, hashKey, problems)
  assert.deepEqual(problems.list, [], text)
  return expression!
}

function refused(text: string): [string, string][] {
  const problems = new Problems()
  assert.equal(parseCron(text, 'job', problems), null, text)
  assert.ok(problems.list.every(({ pointer }) => pointer === '/cron'))
  return problems.list.map(({ code, detail }) => [code, detail])
}

describe('fields that choose numbers', () => {
  const table: readonly (readonly [string, number[]])[] = [
    ['5', [5]],
    ['05', [5]],
    ['1,3,2,3', [1, 2, 3]],
    ['10-13', [10, 11, 12, 13]],
    ['*/20', [0, 20, 40]],
    ['*/60', [0]],
    ['50/4', [50, 54, 58]],
    ['10-20/5', [10, 15, 20]],
    ['1-3,58-59', [1, 2, 3, 58, 59]],
  ]
  for (const [text, values] of table) {
    test(`minute ${text}`, () => assert.deepEqual(read(`${text} * * * *`).minute.values, values))
  }
})

test('names, in any case, for months and weekdays', () => {
  const { month, dayOfWeek } = read('0 0 * jan,MAR-May Sun,fri-SAT')
  assert.deepEqual(month.values, [1, 3, 4, 5])
  assert.deepEqual(dayOfWeek.weekdays, [0, 5, 6])
})

test('Sunday is 0 and 7, and ends a range', () => {
  const weekdays = (text: string) => read(`0 0 * * ${text}`).dayOfWeek.weekdays
  assert.deepEqual(weekdays('7'), [0])
  assert.deepEqual(weekdays('5-7'), [0, 5, 6])
  assert.deepEqual(weekdays('SAT-SUN'), [0, 6])
  assert.deepEqual(weekdays('FRI-SUN/2'), [0, 5])
  assert.deepEqual(weekdays('0-7'), [0, 1, 2, 3, 4, 5, 6])
  assert.deepEqual(weekdays('1/3'), [1, 4])
  assert.deepEqual(weekdays('SUN-SUN'), [0])
})

test('six fields begin with the second, seven end with the year', () => {
  assert.deepEqual(read('15 30 2 * * *').second.values, [15])
  const { second, hour, year } = read('15 30 2 * * * 2027-2029')
  assert.deepEqual([second.values, hour.values, year?.values], [[15], [2], [2027, 2028, 2029]])
  assert.deepEqual([read('30 2 * * *').second.values, read('30 2 * * *').year], [[0], null])
})

test('the days that are counted from the end or by weekday', () => {
  const { dayOfMonth } = read('0 0 1,15W,L,L-3,LW * *')
  assert.deepEqual(dayOfMonth.days, [1])
  assert.deepEqual(dayOfMonth.nearestWeekdays, [15])
  assert.deepEqual(dayOfMonth.beforeLast, [0, 3])
  assert.equal(dayOfMonth.lastWeekday, true)
  const { dayOfWeek } = read('0 0 * * 1,friL,5#2,7L')
  assert.deepEqual([dayOfWeek.weekdays, dayOfWeek.last], [[1], [5, 0]])
  assert.deepEqual(dayOfWeek.nth, [{ weekday: 5, nth: 2 }])
})

test('a day field that starts with * or is ? is unrestricted', () => {
  const restricted = (text: string) => read(`0 0 ${text} * *`).dayOfMonth.restricted
  assert.deepEqual(['*', '?', '*/2', '1', '1-31', 'L', 'H'].map(restricted), [
    false,
    false,
    false,
    true,
    true,
    true,
    true,
  ])
})

test('macros stand for expressions', () => {
  const table = {
    '@yearly': '0 0 1 1 *',
    '@annually': '0 0 1 1 *',
    '@monthly': '0 0 1 * *',
    '@Weekly': '0 0 * * 0',
    '@daily': '0 0 * * *',
    ' @midnight ': '0 0 * * *',
    '@hourly': '0 * * * *',
  }
  for (const [macro, text] of Object.entries(table)) assert.equal(read(macro).text, text)
})

describe('H', () => {
  test('is stable for a job and differs between jobs and fields', () => {
    assert.equal(read('H H H H H', 'a').text, read('H H H H H', 'a').text)
    const texts = new Set(Array.from({ length: 200 }, (_, i) => read('H H * * *', `job-${i}`).text))
    assert.ok(texts.size > 180, `${texts.size} of 200 differ`)
    const same = Array.from({ length: 240 }, (_, i) => read('H H * * *', `job-${i}`)).filter(
      ({ minute, hour }) => minute.values[0] === hour.values[0],
    )
    assert.ok(same.length < 20, 'minute and hour are drawn apart')
  })

  test('stays in its range, and every value of it is drawn', () => {
    const drawn = (text: string) =>
      new Set(Array.from({ length: 2_000 }, (_, i) => read(text, `job-${i}`).minute.values[0]))
    assert.deepEqual([...drawn('H(10-19) * * * *')].sort(), [10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
    assert.equal(drawn('H * * * *').size, 60)
    const days = new Set(
      Array.from({ length: 2_000 }, (_, i) => read('0 0 H * *', `job-${i}`).dayOfMonth.days[0]),
    )
    assert.equal(Math.max(...([...days] as number[])), 28, 'a day that every month has')
  })

  test('with a step starts anywhere in the first step', () => {
    for (let i = 0; i < 50; i++) {
      const { values } = read('H/15 * * * *', `job-${i}`).minute
      assert.equal(values.length, 4)
      assert.ok(values[0]! < 15 && values[3]! === values[0]! + 45)
    }
    const { values } = read('H(0-29)/10 * * * *').minute
    assert.ok(values.length === 3 && values[2]! <= 29)
  })
})

describe('refusals name the field, its place and its range', () => {
  const table: readonly (readonly [string, string, RegExp])[] = [
    ['60 * * * *', 'cron_field', /^minute \(field 1\): 60 is outside 0–59$/],
    ['0 60 * * * *', 'cron_field', /^minute \(field 2\): 60 is outside 0–59$/],
    ['* * 32 * *', 'cron_field', /^day of month \(field 3\): 32 is outside 1–31$/],
    ['* * 0 * *', 'cron_field', /^day of month \(field 3\): 0 is outside 1–31$/],
    ['* * * 13 *', 'cron_field', /^month \(field 4\): 13 is outside 1–12$/],
    ['* * * * 8', 'cron_field', /^day of week \(field 5\): 8 is outside 0–7$/],
    ['0 0 0 1 1 * 2500', 'cron_field', /^year \(field 7\): 2500 is outside 1970–2199$/],
    ['*/0 * * * *', 'cron_field', /step "\/0" is outside 1–60/],
    ['*/90 * * * *', 'cron_field', /step "\/90" is outside 1–60: for a longer distance use `every`/],
    ['*/5/5 * * * *', 'cron_field', /more than one step/],
    ['5-1 * * * *', 'cron_field', /^minute \(field 1\): the range 5-1 runs backwards$/],
    ['1-2-3 * * * *', 'cron_field', /"1-2-3" is not a range/],
    [
      '* * * * MON-FOO',
      'cron_field',
      /^day of week \(field 5\): "FOO" is not a number from 0 to 7 or SUN–SAT$/,
    ],
    ['* * * * L', 'cron_field', /L needs a weekday/],
    ['* * * * FRI#6', 'cron_field', /"#6" is outside #1–#5/],
    ['* * * * MON-FRI#2', 'cron_field', /"MON-FRI" is not/],
    ['* * L-31 * *', 'cron_field', /L-31 is outside L-0 to L-30/],
    ['* * 32W * *', 'cron_field', /32 is outside 1–31/],
    ['? * * * *', 'cron_field', /minute \(field 1\): "\?" is not/],
    ['H(5) * * * *', 'cron_field', /needs a range, as in H\(0-59\)/],
    ['0 0 0 1 1 * H', 'cron_field', /year \(field 7\): H is not possible/],
    ['1,,2 * * * *', 'cron_field', /"1,,2" has an empty list item/],
    ['🔔 * * * *', 'cron_field', /"🔔" is not a number from 0 to 59/],
    ['', 'cron_fields', /this one has 0/],
    ['* * * *', 'cron_fields', /this one has 4/],
    ['* * * * * * * *', 'cron_fields', /this one has 8/],
    ['CRON_TZ=Europe/Berlin 0 9 * * *', 'cron_fields', /say it in `timezone`/],
    ['@fortnightly', 'cron_fields', /"@fortnightly" is not known/],
    ['@reboot', 'cron_reboot', /trigger the job when the machine starts/],
    [`${'1,'.repeat(5_000)}1 * * * *`, 'cron_too_long', /at most 256/],
  ]
  for (const [text, code, detail] of table) {
    test(text.slice(0, 40) || '(empty)', () => {
      const [first, ...others] = refused(text)
      assert.equal(first?.[0], code)
      assert.match(first?.[1] ?? '', detail)
      assert.deepEqual(others, [])
    })
  }

  test('all fields at once, with how to mend them', () => {
    const problems = new Problems()
    parseCron('60 22-3 32 * SAT-MON', 'job', problems)
    assert.deepEqual(
      problems.list.map(({ detail, suggestion }) => [detail.split(':')[0], suggestion]),
      [
        ['minute (field 1)', undefined],
        ['hour (field 2)', '22-23,0-3'],
        ['day of month (field 3)', undefined],
        ['day of week (field 5)', '6,0-1'],
      ],
    )
  })
})
