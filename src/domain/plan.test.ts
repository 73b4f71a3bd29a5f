// Given this job, this history and this moment → these runs, these gaps, this next look.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Job } from './job.ts'
import { plan } from './plan.ts'
import type { Plan } from './planned.ts'
import type { PolicySpec } from './policy.ts'
import type { ScheduleSpec } from './schedule/schedule.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const T0 = 1_800_000_000_000 - (1_800_000_000_000 % DAY)

type Given = {
  schedule?: ScheduleSpec
  policy?: PolicySpec
  open?: number
  queued?: number
  job?: Partial<Job>
}

function job({ schedule = { every: '1m' }, policy = {}, job: overrides = {} }: Given): Job {
  return {
    id: 'job_00000000000000000000000001',
    projectId: 'prj_default',
    version: 1,
    spec: {
      name: 'bell',
      description: null,
      labels: {},
      schedule,
      target: { http: { url: 'http://localhost/' } },
      policy,
      callback: null,
    },
    status: 'active',
    pause: null,
    plannedThrough: T0,
    nextDueAt: null,
    runsPlanned: 0,
    createdAt: T0,
    updatedAt: T0,
    ...overrides,
  }
}

function planned(given: Given, now: number, resume: Parameters<typeof plan>[2] = null): Plan {
  return plan({ job: job(given), open: given.open ?? 0, queued: given.queued ?? 0 }, now, resume)
}

/** "+1m pending late", relative to T0, so that a table reads like a ledger. */
function book({ runs, gaps }: Plan): string[] {
  const entries = [
    ...runs.map((run) => ({ at: run.dueAt, text: `${at(run.dueAt)} ${state(run)}` })),
    ...gaps.map((gap) => ({
      at: gap.from,
      text: `${at(gap.from)}..${at(gap.to)} ${gap.count}x ${gap.status} ${gap.reason}`,
    })),
  ]
  return entries.sort((a, b) => a.at - b.at).map(({ text }) => text)
}

function state({ state, late }: Plan['runs'][number]): string {
  if (state.status !== 'pending') return `${state.status} ${state.reason}`
  return `${state.readyAt === null ? 'queued' : 'ready'}${late ? ' late' : ''}`
}

const at = (ms: number): string => `+${(ms - T0) / MINUTE}m`

test('nothing due: only the next look', () => {
  const result = planned({}, T0 + 30_000)
  assert.deepEqual(book(result), [])
  assert.equal(result.nextDueAt, T0 + MINUTE)
  assert.equal(result.plannedThrough, T0 + 30_000)
})

test('one instant on time is ready at once', () => {
  const result = planned({}, T0 + MINUTE + 5)
  assert.deepEqual(book(result), ['+1m ready'])
  assert.equal(result.nextDueAt, T0 + 2 * MINUTE)
  assert.equal(result.runsPlanned, 1)
})

test('a clock stepped back owes nothing again and moves nothing back', () => {
  const result = planned({ job: { plannedThrough: T0 + 10 * MINUTE } }, T0 + 5 * MINUTE)
  assert.deepEqual(book(result), [])
  assert.equal(result.plannedThrough, T0 + 10 * MINUTE)
  assert.equal(result.nextDueAt, T0 + 11 * MINUTE)
})

test('catch-up: what happens to ten instants that passed while nothing could ring', () => {
  const now = T0 + 10 * MINUTE + 1
  const cases: [PolicySpec, string[]][] = [
    [{}, ['+1m..+9m 9x missed superseded', '+10m ready']],
    [{ catchUp: 'none' }, ['+1m..+9m 9x missed catch_up_limit', '+10m ready']],
    [
      { catchUp: { mode: 'all', max: 3 } },
      [
        '+1m..+6m 6x missed catch_up_limit',
        '+7m ready late',
        '+8m queued late',
        '+9m queued late',
        '+10m queued',
      ],
    ],
    [
      { catchUp: { mode: 'all', within: '3m' } },
      ['+1m..+7m 7x missed too_late', '+8m ready late', '+9m queued late', '+10m queued'],
    ],
    [
      { catchUp: { mode: 'all', max: 2 }, overlap: 'allow' },
      ['+1m..+7m 7x missed catch_up_limit', '+8m ready late', '+9m ready late', '+10m ready'],
    ],
    [
      { catchUp: { mode: 'all', max: 2 }, overlap: 'replace' },
      ['+1m..+7m 7x missed catch_up_limit', '+8m skipped superseded', '+9m skipped superseded', '+10m ready'],
    ],
  ]
  for (const [policy, expected] of cases) assert.deepEqual(book(planned({ policy }, now)), expected)
})

test('a single missed instant has an entry of its own, not a gap', () => {
  assert.deepEqual(book(planned({}, T0 + 2 * MINUTE)), ['+1m missed superseded', '+2m ready'])
})

test('on time ends with the next instant or after a minute, whichever is first', () => {
  const daily = { schedule: { every: '1d' }, policy: { catchUp: 'none' as const } }
  assert.deepEqual(book(planned(daily, T0 + DAY + 59_999)), ['+1440m ready'])
  assert.deepEqual(book(planned(daily, T0 + DAY + 60_000)), ['+1440m missed catch_up_limit'])
})

test('latest is taken within a day, and no later', () => {
  const weekly = { schedule: { every: '7d' } }
  assert.deepEqual(book(planned(weekly, T0 + 8 * DAY)), ['+10080m ready late'])
  assert.deepEqual(book(planned(weekly, T0 + 8 * DAY + 1)), ['+10080m missed too_late'])
})

test('a start deadline is an age limit for catch-up, and travels with the run', () => {
  const policy: PolicySpec = { startWithin: '90s', catchUp: 'all' }
  const result = planned({ policy }, T0 + 3 * MINUTE)
  assert.deepEqual(book(result), ['+1m missed too_late', '+2m ready late', '+3m queued'])
  const [, first] = result.runs
  assert.equal(first?.state.status === 'pending' && first.state.startBy, T0 + 3 * MINUTE + 30_000)
})

test('catch-up at a rate spaces the runs; newest first turns them round', () => {
  const policy: PolicySpec = { catchUp: { mode: 'all', rate: 6, order: 'newest' }, overlap: 'allow' }
  const now = T0 + 3 * MINUTE + 61_000
  const starts = planned({ policy }, now).runs.map(
    ({ dueAt, state }) => [at(dueAt), state.status === 'pending' && state.readyAt! - now] as const,
  )
  assert.deepEqual(starts, [
    ['+3m', 0],
    ['+2m', 10_000],
    ['+1m', 20_000],
    ['+4m', 0],
  ])
})

test('an old outage is counted, not walked', () => {
  const result = planned({ schedule: { cron: '* * * * * *' } }, T0 + 3_650 * DAY)
  assert.equal(result.gaps[0]?.count, (3_650 * DAY) / 1_000 - 1)
  assert.equal(result.runs.length, 1)
})

test('overlap: an instant meets an open run', () => {
  const now = T0 + MINUTE
  const cases: [PolicySpec['overlap'], { open: number; queued?: number }, string, boolean][] = [
    ['skip', { open: 1 }, '+1m skipped overlap', false],
    ['queue', { open: 1 }, '+1m queued', false],
    [{ mode: 'queue', max: 2 }, { open: 3, queued: 2 }, '+1m skipped overlap', false],
    ['allow', { open: 5 }, '+1m ready', false],
    [{ mode: 'allow', max: 2 }, { open: 2 }, '+1m skipped overlap', false],
    ['replace', { open: 2 }, '+1m ready', true],
    ['replace', { open: 0 }, '+1m ready', false],
  ]
  for (const [overlap, state, expected, replaceOpen] of cases) {
    const result = planned({ policy: { overlap: overlap! }, ...state }, now)
    assert.deepEqual(book(result), [expected], JSON.stringify(overlap))
    assert.equal(result.replaceOpen, replaceOpen)
  }
})

test('catch-up all waits behind an open run instead of being skipped', () => {
  const result = planned({ policy: { catchUp: 'all' }, open: 1 }, T0 + 2 * MINUTE)
  assert.deepEqual(book(result), ['+1m queued late', '+2m queued'])
})

test('a paused job: its end decides over what it covered', () => {
  const paused = (onResume: PolicySpec['onResume'] & {}): Given => ({
    policy: { onResume, catchUp: { mode: 'latest', max: 2 } },
    job: { status: 'paused', pause: { at: T0, until: T0 + 5 * MINUTE + 1, note: null, by: 'me' } },
  })
  const now = T0 + 6 * MINUTE
  assert.deepEqual(book(planned(paused('skip'), now)), ['+1m..+5m 5x skipped paused', '+6m ready'])
  assert.deepEqual(book(planned(paused('latest'), now)), [
    '+1m..+4m 4x skipped paused',
    '+5m ready late',
    '+6m skipped overlap',
  ])
  assert.deepEqual(book(planned(paused('all'), now)), [
    '+1m..+3m 3x missed catch_up_limit',
    '+4m ready late',
    '+5m queued late',
    '+6m skipped overlap',
  ])
})

test('an edit during a pause writes down what the pause has covered so far, whatever its end will say', () => {
  const given: Given = {
    policy: { onResume: 'all' },
    job: { status: 'paused', pause: { at: T0, until: null, note: null, by: 'me' } },
  }
  assert.deepEqual(book(planned(given, T0 + 3 * MINUTE)), ['+1m..+3m 3x skipped paused'])
})

test('a resume ends the pause now and may say otherwise than the policy', () => {
  const given: Given = { job: { status: 'paused', pause: { at: T0, until: null, note: null, by: 'me' } } }
  const now = T0 + 3 * MINUTE + 1
  assert.deepEqual(book(planned(given, now, 'skip')), ['+1m..+3m 3x skipped paused'])
  assert.deepEqual(book(planned(given, now, 'latest')), ['+1m..+2m 2x skipped paused', '+3m ready late'])
})

test('maxRuns counts runs, not skipped instants, and ends the job', () => {
  const schedule = { every: '1m', maxRuns: 2 }
  const first = planned({ schedule }, T0 + MINUTE)
  assert.deepEqual([first.status, first.runsPlanned], ['active', 1])
  const skipped = planned(
    { schedule, open: 1, job: { runsPlanned: 1, plannedThrough: T0 + MINUTE } },
    T0 + 2 * MINUTE,
  )
  assert.deepEqual(
    [book(skipped), skipped.status, skipped.runsPlanned],
    [['+2m skipped overlap'], 'active', 1],
  )
  const last = planned({ schedule, job: { runsPlanned: 1 } }, T0 + MINUTE)
  assert.deepEqual([last.status, last.nextDueAt, last.runsPlanned], ['finished', null, 2])
  const over = planned({ schedule, policy: { catchUp: 'all' } }, T0 + 9 * MINUTE)
  assert.deepEqual(book(over), ['+1m ready late', '+2m queued late'])
})

test('a one-time job runs once and is finished; missed for a day, it is written down as missed', () => {
  const schedule = { at: new Date(T0 + MINUTE).toISOString() }
  const onTime = planned({ schedule }, T0 + MINUTE)
  assert.deepEqual([book(onTime), onTime.status, onTime.nextDueAt], [['+1m ready'], 'finished', null])
  assert.deepEqual(book(planned({ schedule }, T0 + HOUR)), ['+1m ready late'])
  assert.deepEqual(book(planned({ schedule }, T0 + 2 * DAY)), ['+1m missed too_late'])
})

test('a job without a schedule owes nothing and stays active', () => {
  const result = planned({ schedule: {} }, T0 + DAY)
  assert.deepEqual([book(result), result.status, result.nextDueAt], [[], 'active', null])
})
