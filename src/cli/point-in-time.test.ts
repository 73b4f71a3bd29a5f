import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CliError } from './cli-error.ts'
import { pointInTime } from './point-in-time.ts'

const now = new Date('2027-01-31T09:30:00Z')

const CASES: readonly (readonly [text: string, past: string, ahead: string])[] = [
  ['2027-01-01T00:00:00Z', '2027-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ['2027-01-01T02:00:00+02:00', '2027-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ['now', '2027-01-31T09:30:00.000Z', '2027-01-31T09:30:00.000Z'],
  ['10m', '2027-01-31T09:20:00.000Z', '2027-01-31T09:40:00.000Z'],
  ['-10m', '2027-01-31T09:20:00.000Z', '2027-01-31T09:20:00.000Z'],
  ['+1h30m', '2027-01-31T11:00:00.000Z', '2027-01-31T11:00:00.000Z'],
]

for (const [text, past, ahead] of CASES) {
  test(`"${text}"`, () => {
    assert.equal(pointInTime(text, now), past)
    assert.equal(pointInTime(text, now, true), ahead)
  })
}

test('a time without a zone is the time of this machine', () => {
  const local = (...parts: [number, number, number, number, number]): string =>
    new Date(...parts).toISOString()
  assert.equal(pointInTime('2027-01-31 09:00', now), local(2027, 0, 31, 9, 0))
  assert.equal(pointInTime('2027-01-31', now), local(2027, 0, 31, 0, 0))
})

test('a clock time is the last one, or ahead the next', () => {
  const at = (text: string, ahead: boolean): number =>
    Date.parse(pointInTime(text, now, ahead)) - now.getTime()
  for (const text of ['00:00', '09:29:59', '9:31', '23:59']) {
    assert.ok(at(text, false) <= 0 && at(text, false) > -86_400_000 * 1.1, text)
    assert.ok(at(text, true) >= 0 && at(text, true) < 86_400_000 * 1.1, text)
  }
})

for (const text of ['', 'soon', '25:00', '09:60', '2027-13-01', '2027-01-31T', '1700000000', '10']) {
  test(`"${text}" is refused`, () => {
    assert.throws(
      () => pointInTime(text, now),
      (error) => error instanceof CliError && error.exitCode === 2,
    )
  })
}
