// The checker finds what is planted, and nothing where nothing is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atMinutes, atSeconds, everyFrom } from './due-by-hand.ts'
import { checkLedger, type LedgerEntries } from './ledger-check.ts'

const MINUTE = 60_000
const due = everyFrom(0, MINUTE, 0, 10 * MINUTE)

type Run = LedgerEntries['runs'][number]
const run = (minute: number, trigger = 'schedule'): Run => ({
  id: `run_${minute}_${trigger}`,
  trigger,
  dueAt: minute * MINUTE,
})
const gap = (from: number, to: number, count = to - from + 1) => ({
  from: from * MINUTE,
  to: to * MINUTE,
  count,
})

/** Minutes 1 to 3 rang, 4 to 8 are one gap, 9 and 10 rang. */
const whole: LedgerEntries = { runs: [1, 2, 3, 9, 10].map((minute) => run(minute)), gaps: [gap(4, 8)] }

test('a complete ledger has no fault; what was triggered by hand owes nothing to the schedule', () => {
  assert.deepEqual(checkLedger(due, whole), [])
  const byHand = [run(2, 'manual'), run(2.5, 'manual'), run(9, 'retry')]
  assert.deepEqual(checkLedger(due, { ...whole, runs: [...whole.runs, ...byHand] }), [])
  assert.deepEqual(checkLedger([], { runs: [], gaps: [] }), [])
  const twoGaps = [gap(4, 6), gap(7, 8)]
  assert.deepEqual(checkLedger(due, { ...whole, gaps: twoGaps }), [])
})

const planted: readonly [name: string, ledger: LedgerEntries, faults: readonly RegExp[]][] = [
  ['missing', { ...whole, runs: whole.runs.slice(1) }, [/^missing: .*00:01:00/]],
  ['a manual run does not stand for an instant', withRun(1, run(1, 'manual')), [/^missing: .*00:01:00/]],
  ['twice', { ...whole, runs: [...whole.runs, { ...run(2), id: 'run_x' }] }, [/^twice: .*00:02:00.*run_x/]],
  ['phantom run', { ...whole, runs: [...whole.runs, run(2.5)] }, [/^phantom: .*00:02:30/]],
  ['phantom run after the end', { ...whole, runs: [...whole.runs, run(11)] }, [/^phantom: .*00:11:00/]],
  ['count too small', { ...whole, gaps: [gap(4, 8, 4)] }, [/^count: .* says 4, covers 5/]],
  ['count too large', { ...whole, gaps: [gap(4, 8, 6)] }, [/^count: .* says 6, covers 5/]],
  ['gap over a run', { ...whole, gaps: [gap(4, 9)] }, [/^twice: .*00:09:00.*gap/]],
  ['two gaps over one instant', { ...whole, gaps: [gap(4, 8), gap(8, 8)] }, [/^twice: .*00:08:00.*gap.*gap/]],
  ['gap too short', { ...whole, gaps: [gap(4, 7)] }, [/^missing: .*00:08:00/]],
  ['gap that ends beside the schedule', { ...whole, gaps: [gap(4, 8.5, 5)] }, [/^phantom: gap .*00:08:30/]],
  [
    'gap turned round',
    { ...whole, gaps: [gap(8, 4, 5)] },
    [/^count: .* covers 0/, ...Array(5).fill(/^missing/)],
  ],
]

function withRun(minute: number, other: Run): LedgerEntries {
  return { ...whole, runs: whole.runs.map((one) => (one.dueAt === minute * MINUTE ? other : one)) }
}

for (const [name, ledger, expected] of planted) {
  test(`planted: ${name}`, () => {
    const faults = checkLedger(due, ledger)
    assert.equal(faults.length, expected.length, faults.join('\n'))
    for (const [position, pattern] of expected.entries()) assert.match(faults[position]!, pattern)
  })
}

test('what is due by hand: after is excluded, through is included', () => {
  assert.deepEqual(everyFrom(500, 1_000, 500, 2_500), [1_500, 2_500])
  assert.deepEqual(everyFrom(10_000, 1_000, 0, 2_000), [1_000, 2_000])
  assert.deepEqual(
    atSeconds((second) => second % 20 === 0, 0, 80_000),
    [20_000, 40_000, 60_000, 80_000],
  )
  assert.deepEqual(
    atMinutes((minute, hour) => minute === 30 && hour % 2 === 0, 0, 3 * 60 * MINUTE).map((at) => at / MINUTE),
    [30, 150],
  )
})
