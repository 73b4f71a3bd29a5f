import assert from 'node:assert/strict'
import test from 'node:test'
import { RETRY_AFTER_MAX_MS, retryAfterMs } from './retry-after.ts'

const NOW = Date.UTC(2027, 0, 31, 2, 30)

const cases: [string | string[] | undefined, number | null][] = [
  [undefined, null],
  ['', null],
  ['0', 0],
  ['7', 7_000],
  [' 120 ', 120_000],
  [['5', '9'], 5_000],
  ['999999999', RETRY_AFTER_MAX_MS],
  ['9'.repeat(40), null],
  ['-1', null],
  ['1.5', null],
  ['0x10', null],
  ['soon', null],
  ['2027-01-31', null],
  ['Sun, 31 Jan 2027 02:31:00 GMT', 60_000],
  ['Sunday, 31-Jan-27 02:31:00 GMT', 60_000],
  ['Sun Jan 31 02:31:00 2027 GMT', 60_000],
  ['Sun, 31 Jan 2027 02:29:00 GMT', 0],
  ['Fri, 31 Dec 2099 23:59:59 GMT', RETRY_AFTER_MAX_MS],
  ['Mon, 99 Foo 2027 02:31:00 GMT', null],
]

for (const [value, expected] of cases) {
  test(`Retry-After: ${JSON.stringify(value)} is ${expected}`, () => {
    assert.equal(retryAfterMs(value, NOW), expected)
  })
}
