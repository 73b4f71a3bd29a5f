// Every table of due instants in docs/schedules.md is run.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { compileSchedule, type DstPolicy } from '../../src/domain/schedule/schedule.ts'

const page = readFileSync(new URL('../../docs/schedules.md', import.meta.url), 'utf8')
const tables = [...page.matchAll(/^```cron-table\n(.*?)^```$/gms)].map((match) => match[1]!)

test('the page has its tables', () => assert.equal(tables.length, 4))

for (const table of tables) {
  const [, ...rows] = table.trim().split('\n')
  for (const row of rows) {
    const [cron = '', timezone = '', after = '', due = '', dst = ''] = row
      .split('|')
      .map((cell) => cell.trim())
    test(`${cron} in ${timezone} after ${after} ${dst}`, () => {
      const spec = dst === '' ? { cron, timezone } : { cron, timezone, dst: policy(dst) }
      const schedule = compileSchedule(spec, { hashKey: 'job', createdAt: 0 })
      const expected = due.split(' ')
      let at = Date.parse(after)
      const walked = expected.map(() => {
        at = schedule.next(at)!
        return new Date(at).toISOString().replace('.000Z', 'Z')
      })
      assert.deepEqual(walked, expected)
    })
  }
}

function policy(text: string): DstPolicy {
  return Object.fromEntries(text.split(' ').map((part) => part.split('=')))
}
