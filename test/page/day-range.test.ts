// A day of the ledger is one of the zone that is shown, whatever its clocks do on it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayRange } from '../../ui/src/time/day-range.ts'

test('a day goes from midnight to midnight on the clocks of its zone', () => {
  for (const [day, zone, from, to] of [
    ['2027-01-01', 'UTC', '2027-01-01T00:00', '2027-01-02T00:00'],
    ['2027-01-01', 'Pacific/Auckland', '2026-12-31T11:00', '2027-01-01T11:00'],
    ['2027-01-01', 'America/Los_Angeles', '2027-01-01T08:00', '2027-01-02T08:00'],
    ['2027-01-01', 'Asia/Kathmandu', '2026-12-31T18:15', '2027-01-01T18:15'],
    // 23 and 25 hours.
    ['2027-03-28', 'Europe/Berlin', '2027-03-27T23:00', '2027-03-28T22:00'],
    ['2027-10-31', 'Europe/Berlin', '2027-10-30T22:00', '2027-10-31T23:00'],
    // Half an hour.
    ['2027-04-04', 'Australia/Lord_Howe', '2027-04-03T13:00', '2027-04-04T13:30'],
    // Midnight is jumped over: the day begins at one.
    ['2026-09-06', 'America/Santiago', '2026-09-06T04:00', '2026-09-07T03:00'],
    // The day before a day that never was.
    ['2011-12-29', 'Pacific/Apia', '2011-12-29T10:00', '2011-12-30T10:00'],
    ['2011-12-31', 'Pacific/Apia', '2011-12-30T10:00', '2011-12-31T10:00'],
  ] as const) {
    assert.deepEqual(dayRange(day, zone), { from: `${from}:00.000Z`, to: `${to}:00.000Z` }, `${day} ${zone}`)
  }
})

test('what is no day is none', () => {
  for (const day of ['', 'x', '2027-13-01', '2027-1-1', '<b>', '2027-01-01T00:00:00Z'])
    assert.equal(dayRange(day, 'UTC'), null, day)
})
