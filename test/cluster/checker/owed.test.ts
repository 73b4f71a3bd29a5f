// The oracle itself, by cases that can be told by hand.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScheduleSpec } from '../../../src/domain/schedule/schedule-types.ts'
import { owed } from './owed.ts'

const instant = (text: string): number => Date.parse(text)
const shown = (schedule: ScheduleSpec, after: string, through: string, createdAt = after): string[] =>
  owed(schedule, instant(createdAt), instant(after), instant(through)).map((at) =>
    new Date(at).toISOString().slice(11, 19),
  )

test('every: from the creation, or from the anchor; after is excluded, through is included', () => {
  const from = '2026-11-21T08:00:00.500Z'
  assert.deepEqual(owed({ every: '1s' }, 500, 500, 2_500), [1_500, 2_500])
  assert.deepEqual(shown({ every: '2s', anchor: '2026-01-01T00:00:00Z' }, from, '2026-11-21T08:00:05Z'), [
    '08:00:02',
    '08:00:04',
  ])
})

test('at, from and until', () => {
  const at = '2026-11-21T08:00:03Z'
  assert.deepEqual(shown({ at }, '2026-11-21T08:00:00Z', '2026-11-21T08:00:05Z'), ['08:00:03'])
  assert.deepEqual(shown({ at }, '2026-11-21T08:00:03Z', '2026-11-21T08:00:05Z'), [])
  const bounded = { cron: '* * * * * *', from: '2026-11-21T08:00:02Z', until: '2026-11-21T08:00:04Z' }
  assert.deepEqual(shown(bounded, '2026-11-21T08:00:00Z', '2026-11-21T08:00:09Z'), ['08:00:02', '08:00:03'])
})

test('cron: seconds, minutes, and a clock that is set back', () => {
  const first = '2026-11-21T08:00:00Z'
  assert.deepEqual(shown({ cron: '*/20 * * * * *' }, first, '2026-11-21T08:01:00Z'), [
    '08:00:20',
    '08:00:40',
    '08:01:00',
  ])
  assert.deepEqual(shown({ cron: '*/2 * * * *' }, first, '2026-11-21T08:05:00Z'), ['08:02:00', '08:04:00'])
  const back = { cron: '30 2 * * *', timezone: 'Europe/Berlin' }
  assert.deepEqual(shown(back, '2026-10-25T00:00:00Z', '2026-10-25T03:00:00Z'), ['00:30:00'])
  const forward = { cron: '30 2 * * *', timezone: 'Europe/Berlin' }
  assert.deepEqual(shown(forward, '2026-03-29T00:00:00Z', '2026-03-29T03:00:00Z'), ['01:00:00'])
})
