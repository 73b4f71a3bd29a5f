import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatInstant, parseInstant } from './instant-text.ts'

test('reads RFC 3339 to the millisecond', () => {
  const table: readonly (readonly [string, string])[] = [
    ['2027-01-01T00:00:00Z', '2027-01-01T00:00:00.000Z'],
    ['2027-01-01T09:00:00+01:00', '2027-01-01T08:00:00.000Z'],
    ['2027-01-01t09:00:00z', '2027-01-01T09:00:00.000Z'],
    ['2027-01-01 09:00Z', '2027-01-01T09:00:00.000Z'],
    ['2027-12-31T23:30:00.5-09:30', '2028-01-01T09:00:00.500Z'],
    ['2028-02-29T12:00:00.123456789Z', '2028-02-29T12:00:00.123Z'],
  ]
  for (const [text, expected] of table) {
    assert.deepEqual(parseInstant(text), { kind: 'instant', ms: Date.parse(expected) }, text)
  }
})

test('a time without an offset is local', () => {
  const wall = Date.parse('2027-01-01T09:00:00Z') / 1_000
  assert.deepEqual(parseInstant('2027-01-01T09:00:00.25'), { kind: 'local', wall, ms: 250 })
})

test('says what is wrong', () => {
  const table: readonly (readonly [string, RegExp])[] = [
    ['tomorrow', /not an RFC 3339 time/],
    ['2027-01-01', /not an RFC 3339 time/],
    ['2027-02-30T00:00:00Z', /no day 30 in 2027-02: that month has 28 days/],
    ['2027-02-29T00:00:00Z', /no day 29/],
    ['2027-13-01T00:00:00Z', /no month 13/],
    ['2027-01-01T24:00:00Z', /no time 24:00:00/],
    ['2016-12-31T23:59:60Z', /Leap seconds/],
    ['+275761-01-01T00:00:00Z', /year 275761 is outside 1970–2199/],
    ['1969-12-31T23:59:59Z', /year 1969 is outside/],
    ['2027-01-01T00:00:00+24:00', /offset \+24:00/],
    [`2027-01-01T00:00:00.${'0'.repeat(1_000)}Z`, /not an RFC 3339 time/],
  ]
  for (const [text, detail] of table) {
    const read = parseInstant(text)
    assert.equal(read.kind, 'wrong', text)
    assert.match(read.kind === 'wrong' ? read.detail : '', detail)
  }
})

test('writes with the offset of the place', () => {
  const instant = Date.parse('2027-03-28T01:00:00Z') / 1_000
  assert.equal(formatInstant(instant, 0), '2027-03-28T01:00:00Z')
  assert.equal(formatInstant(instant, 7_200), '2027-03-28T03:00:00+02:00')
  assert.equal(formatInstant(instant, -9_000), '2027-03-27T22:30:00-02:30')
})
