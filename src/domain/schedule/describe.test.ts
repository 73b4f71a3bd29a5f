import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileSchedule, type ScheduleSpec } from './schedule.ts'

const words = (spec: ScheduleSpec) => compileSchedule(spec, { hashKey: 'job', createdAt: 0 }).describe()

test('in words, with the zone', () => {
  const table: readonly (readonly [ScheduleSpec, string])[] = [
    [
      { cron: '30 2 * * MON-FRI', timezone: 'Europe/Berlin' },
      'At 02:30, Monday through Friday (Europe/Berlin)',
    ],
    [{ cron: '*/10 * * * * *' }, 'Every 10 seconds (UTC)'],
    [{ cron: '@hourly' }, 'Every hour (UTC)'],
    [{ cron: '0 0 LW * ?' }, 'At 00:00, on the last weekday of the month (UTC)'],
    [{ cron: '0 0 13 * FRI' }, 'At 00:00, on day 13 of the month, or on Friday (UTC)'],
    [
      { cron: '0 0 L JAN FRI#2' },
      'At 00:00, on the last day of the month, or on the second Friday of the month, only in January (UTC)',
    ],
    [{ cron: '0 0 */2 * MON' }, 'At 00:00, every 2 days in a month, only on Monday (UTC)'],
    [{ cron: '0 0 1,15W * *' }, 'On the cron expression 0 0 1,15W * * (UTC)'],
    [{ every: '30s' }, 'Every 30 seconds'],
    [{ every: '1h' }, 'Every hour'],
    [{ cron: '@every 90m' }, 'Every 1 hour 30 minutes'],
    [
      { at: '2027-07-01T09:00:00Z', timezone: 'Europe/Berlin' },
      'Once, at 2027-07-01T11:00:00+02:00 (Europe/Berlin)',
    ],
    [{}, 'Only when triggered'],
  ]
  for (const [spec, expected] of table) assert.equal(words(spec), expected)
})

test('H is shown as the number it stands for', () => {
  assert.match(words({ cron: 'H 2 * * *' }), /^At 02:\d\d \(UTC\)$/)
  assert.match(
    words({ cron: 'H/15 * * * *' }),
    /^Every 15 minutes, starting at \d+ minutes? past the hour \(UTC\)$/,
  )
})
