import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Problems } from '../errors.ts'
import { compileCron } from './compiled-cron.ts'
import type { WallClock } from './wall-clock.ts'

function clock(cron: string): WallClock {
  const problems = new Problems()
  const compiled = compileCron(cron, 'job', problems)
  problems.throwIfAny()
  return compiled!.clock
}

const wall = (text: string) => Date.parse(text.length === 10 ? `${text}T00:00:00Z` : `${text}Z`) / 1_000

function dates(cron: string, from: string, count: number): string[] {
  const found: string[] = []
  let at = wall(from)
  while (found.length < count) {
    at = clock(cron).atOrAfter(at)
    found.push(new Date(at * 1_000).toISOString().slice(0, 10))
    at++
  }
  return found
}

describe('days', () => {
  const table: readonly (readonly [cron: string, from: string, expected: string[], why: string])[] = [
    ['0 0 L * *', '2027-01-15', ['2027-01-31', '2027-02-28', '2027-03-31'], 'last day'],
    ['0 0 L 2 *', '2027-01-01', ['2027-02-28', '2028-02-29'], 'last day in a leap year'],
    ['0 0 L-3 * *', '2027-01-01', ['2027-01-28', '2027-02-25'], 'three days before the last'],
    ['0 0 L-29 * *', '2027-02-01', ['2027-03-02', '2027-04-01'], 'February has no such day'],
    ['0 0 LW * *', '2027-01-01', ['2027-01-29', '2027-02-26', '2027-03-31'], 'last working day'],
    ['0 0 15W * *', '2027-05-01', ['2027-05-14', '2027-06-15'], 'a Saturday goes back'],
    ['0 0 15W * *', '2027-08-01', ['2027-08-16'], 'a Sunday goes on'],
    ['0 0 1W * *', '2027-05-01', ['2027-05-03'], 'never into the month before'],
    ['0 0 31W * *', '2027-01-01', ['2027-01-29', '2027-03-31'], 'never into the month after'],
    ['0 0 * * FRI#2', '2027-01-01', ['2027-01-08', '2027-02-12'], 'second Friday'],
    ['0 0 * * 1#5', '2027-01-01', ['2027-03-29', '2027-05-31'], 'only months with a fifth Monday'],
    ['0 0 * * 5L', '2027-01-01', ['2027-01-29', '2027-02-26'], 'last Friday'],
    [
      '0 0 13 * FRI',
      '2027-01-02',
      ['2027-01-08', '2027-01-13', '2027-01-15'],
      'either of two restricted fields',
    ],
    [
      '0 0 */2 * MON',
      '2027-01-01',
      ['2027-01-11', '2027-01-25', '2027-02-01'],
      'both when one starts with *',
    ],
    ['0 0 29 2 *', '2095-01-01', ['2096-02-29', '2104-02-29'], 'across 2100, which has no leap day'],
    ['0 0 0 1 1 * 2030/50', '2027-01-01', ['2030-01-01', '2080-01-01', '2130-01-01'], 'by year'],
  ]
  for (const [cron, from, expected, why] of table) {
    test(`${cron}: ${why}`, () => assert.deepEqual(dates(cron, from, expected.length), expected))
  }
})

const MIXED = [
  '* * * * *',
  '*/7 1-5 * * *',
  '15,45 30 2 * * MON',
  '0 0 L * *',
  '5 4 1,15 */3 FRI',
  '* * * 29 2 *',
]

test('counting is walking, in any window', () => {
  for (const cron of MIXED) {
    const times = clock(cron)
    for (let i = 0; i < 40; i++) {
      const from = wall('2027-01-01') + ((i * 7_919_333) % (400 * 86_400))
      const to = from + ((i * 104_729) % (40 * 86_400))
      let walked = 0
      for (let at = times.atOrAfter(from); at < to; at = times.atOrAfter(at + 1)) walked++
      assert.equal(times.count(from, to), walked, `${cron} from ${from} to ${to}`)
    }
  }
})

test('one step back undoes one step on', () => {
  for (const cron of MIXED) {
    const times = clock(cron)
    let at = times.atOrAfter(wall('2027-01-01'))
    for (let i = 0; i < 500; i++) {
      const next = times.atOrAfter(at + 1)
      assert.equal(times.atOrBefore(next - 1), at, cron)
      assert.equal(times.atOrBefore(next), next, cron)
      assert.ok(times.matches(next))
      at = next
    }
  }
})

test('beyond the calendar there is nothing', () => {
  assert.equal(clock('0 0 * * *').atOrAfter(wall('2250-01-01')), Infinity)
  assert.equal(clock('0 0 * * *').atOrBefore(wall('1960-01-01')), -Infinity)
  assert.equal(clock('0 0 * * *').atOrAfter(wall('1900-01-01')), wall('1969-01-01'))
  assert.equal(clock('0 0 * * *').atOrBefore(wall('2300-01-01')), wall('2200-12-31'))
  assert.equal(clock('0 0 0 1 1 * 2027').atOrAfter(wall('2027-01-01T00:00:01')), Infinity)
})
