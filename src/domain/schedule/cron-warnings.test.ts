import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compileSchedule, type ScheduleSpec } from './schedule.ts'

const NOW = Date.parse('2026-02-01T00:00:00Z')

const warnings = (spec: ScheduleSpec) => compileSchedule(spec, { hashKey: 'job', createdAt: 0 }).warnings(NOW)
const codes = (cron: string, timezone = 'UTC') => warnings({ cron, timezone }).map(({ code }) => code)

test('plain schedules warn of nothing', () => {
  for (const cron of [
    '* * * * *',
    '*/15 * * * *',
    '0 9 * * MON-FRI',
    '0 0 L * *',
    '0 0 28-31 * *',
    '0 */6 * * *',
  ]) {
    assert.deepEqual(codes(cron), [], cron)
  }
  assert.deepEqual(warnings({ every: '7m' }), [])
  assert.deepEqual(warnings({}), [])
})

test('day of month and day of week widen each other, with the next runs', () => {
  const [warning] = warnings({ cron: '0 0 13 * FRI' })
  assert.equal(warning?.code, 'dom_or_dow')
  assert.match(warning.detail, /\(13\).*\(FRI\).*either/)
  assert.match(warning.detail, /Next: 2026-02-06T00:00:00Z, 2026-02-13T00:00:00Z, 2026-02-20T00:00:00Z, /)
  assert.deepEqual(codes('0 0 */2 * MON'), ['uneven_step'])
})

test('dates that short months lack', () => {
  const detail = (cron: string) => warnings({ cron }).map((warning) => `${warning.code}: ${warning.detail}`)
  assert.match(
    detail('0 0 31 * *')[0]!,
    /^short_months: February, April, June, September and November have no day 31/,
  )
  assert.match(detail('0 0 30 * *')[0]!, /^short_months: February has no day 30/)
  assert.match(detail('0 0 29 * *')[0]!, /^short_months: February of a common year has no day 29/)
  assert.deepEqual(codes('0 0 31 1,3,5 *'), [])
  assert.deepEqual(codes('0 0 15,31 * *'), ['short_months'])
  assert.deepEqual(codes('0 0 1-31 * *'), [])
})

test('steps that do not divide what they run over', () => {
  for (const cron of [
    '*/7 * * * *',
    'H/7 * * * *',
    '0/25 * * * *',
    '*/45 * * * * *',
    '0 */5 * * *',
    '0 0 * */5 *',
  ]) {
    assert.deepEqual(codes(cron), ['uneven_step'], cron)
  }
  assert.deepEqual(codes('0 0 */2 * *'), ['uneven_step'], 'months differ in length')
  assert.deepEqual(codes('10-40/7 * * * *'), [], 'a chosen part is meant to end')
})

describe('changes of the clocks, for fixed-time jobs', () => {
  const details = (spec: ScheduleSpec) => warnings(spec).map(({ at, detail }) => `${at} ${detail}`)

  test('a time in the gap, by each rule', () => {
    const gap = (rule: 'after' | 'skip' | 'shift') =>
      details({ cron: '30 2 * * *', timezone: 'Europe/Berlin', dst: { gap: rule } })[0]!
    assert.match(
      gap('after'),
      /^2026-03-29T03:00:00\+02:00 On 2026-03-29 there is no 02:30:00 in Europe\/Berlin: the clocks go from 02:00:00 to 03:00:00\. The job runs at 2026-03-29T03:00:00\+02:00 instead\.$/,
    )
    assert.match(gap('skip'), /The job does not run then\.$/)
    assert.match(gap('shift'), /The job runs at 2026-03-29T03:30:00\+02:00 instead\.$/)
  })

  test('a time that comes twice, by each rule', () => {
    const overlap = (rule: 'first' | 'last' | 'both') =>
      details({ cron: '30 1 * * *', timezone: 'America/New_York', dst: { overlap: rule } })[0]!
    assert.match(
      overlap('first'),
      /On 2026-11-01 the time 01:30:00 comes twice.*first time, at 2026-11-01T01:30:00-04:00/,
    )
    assert.match(overlap('last'), /second time, at 2026-11-01T01:30:00-05:00/)
    assert.match(overlap('both'), /both times/)
  })

  test('only within some 400 days, and within the bounds of the schedule', () => {
    const berlin = { cron: '30 2 * * *', timezone: 'Europe/Berlin' }
    assert.equal(warnings(berlin).length, 2)
    assert.equal(warnings({ ...berlin, until: '2026-06-01T00:00:00Z' }).length, 1)
    assert.equal(warnings({ ...berlin, until: '2026-03-01T00:00:00Z' }).length, 0)
    assert.deepEqual(
      warnings({ ...berlin, from: '2030-01-01T00:00:00Z' }).map(({ at }) => at?.slice(0, 4)),
      ['2030', '2030'],
    )
  })

  test('not on days the job does not run', () => {
    assert.deepEqual(codes('30 2 * * MON', 'Europe/Berlin'), [])
    assert.deepEqual(codes('30 2 25-31 10 SUN', 'Europe/Berlin'), ['dom_or_dow', 'dst_overlap'])
  })

  test('not for intervals, which are told when `dst` is without effect', () => {
    assert.deepEqual(codes('30 */2 * * *', 'Europe/Berlin'), [])
    const spec = { cron: '*/5 * * * *', timezone: 'Europe/Berlin', dst: { gap: 'skip' } } as const
    assert.deepEqual(
      warnings(spec).map(({ code }) => code),
      ['dst_ignored'],
    )
  })
})
