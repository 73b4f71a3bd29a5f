// A sound history has no fault; bend it in one place, and the invariant that is broken is named.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FinalRun } from '../../../src/domain/run.ts'
import { checkHistory } from './check.ts'
import { historyOf, KILLED, type Parts, run, START, soundParts } from './sound-history.ts'
import { describeFinding, INVARIANTS, type Invariant } from './verdict.ts'

const findingsOf = (bend: (parts: Parts) => void): string[] => {
  const parts = soundParts()
  bend(parts)
  return checkHistory(historyOf(parts)).findings.map(describeFinding)
}

test('a sound history is valid, and its figures say what happened', () => {
  const { valid, findings, figures } = checkHistory(historyOf(soundParts()))
  assert.deepEqual(findings, [])
  assert.equal(valid, true)
  const { jobs, owed, gapInstants, lost, rungAgain, unknown, told, faults, takeoverMs, lateMs } = figures
  const { lateAfterHitMs } = figures
  assert.deepEqual(
    { jobs, owed, gapInstants, lost, rungAgain, unknown, told, faults },
    {
      jobs: 6,
      owed: 60 + 30 + 12 + 6 + 15,
      gapInstants: 5,
      lost: 2,
      rungAgain: 1,
      unknown: 1,
      told: 6,
      faults: { kill: 1 },
    },
  )
  assert.deepEqual(takeoverMs, { count: 2, p50: 7_000, p99: 7_000, max: 7_000 })
  assert.equal(lateMs.max, 30)
  assert.deepEqual([lateAfterHitMs.count > 0, lateAfterHitMs.max], [true, 30])
})

type Bent = readonly [what: string, invariant: Invariant, bend: (parts: Parts) => void]

const at = (second: number): number => START + second * 1_000
const tick = (second: number): string => `run_tick_${second}`

function remove<T>(list: T[], fits: (one: T) => boolean): T {
  const place = list.findIndex(fits)
  assert.ok(place >= 0, 'nothing there to bend')
  return list.splice(place, 1)[0]!
}

function change<T>(list: T[], fits: (one: T) => boolean, how: Partial<T>): void {
  const place = list.findIndex(fits)
  assert.ok(place >= 0, 'nothing there to bend')
  list[place] = { ...list[place]!, ...how }
}

const runIs = (id: string) => (one: { id: string }) => one.id === id
const ofRun = (id: string) => (one: { runId: string }) => one.runId === id

/** As if the instant had never been: neither entry nor attempt nor ring. */
function forget(parts: Parts, id: string): void {
  remove(parts.runs, runIs(id))
  for (const list of [parts.attempts, parts.rings]) {
    while (list.some(ofRun(id))) remove<{ runId: string }>(list, ofRun(id))
  }
}

function endAs(parts: Parts, id: string, status: FinalRun['status'], reason: FinalRun['reason']): void {
  while (parts.attempts.some(ofRun(id))) remove(parts.attempts, ofRun(id))
  while (parts.rings.some(ofRun(id))) remove(parts.rings, ofRun(id))
  change(parts.runs, runIs(id), { status, reason, attempts: 0, fence: 0 })
}

const BENT: readonly Bent[] = [
  ['an owed instant without an entry', 'record', (parts) => forget(parts, tick(5))],
  [
    'an instant with two entries',
    'record',
    ({ runs }) => runs.push({ ...runs.find(runIs(tick(5)))!, id: 'run_again', attempts: 0 }),
  ],
  ['an entry that was not owed', 'record', (parts) => run(parts, 'tick', at(5) + 500, [{ kind: 'ok' }])],
  ['a gap that counts wrong', 'record', ({ gaps }) => change(gaps, runIs('gap_1'), { count: 4 })],
  [
    'a gap beside the schedule',
    'record',
    ({ gaps }) => change(gaps, runIs('gap_1'), { from: at(31), to: at(41) }),
  ],
  ['a run after the deletion', 'record', (parts) => run(parts, 'deleted', at(16), [{ kind: 'ok' }])],
  [
    'an instant skipped for an overlap that was not there',
    'reason',
    (parts) => endAs(parts, tick(50), 'skipped', 'overlap'),
  ],
  ['paused, when it was not', 'reason', (parts) => endAs(parts, tick(50), 'skipped', 'paused')],
  ['given up while nothing was wrong', 'reason', (parts) => endAs(parts, tick(50), 'missed', 'superseded')],
  [
    'rung while it was paused',
    'reason',
    (parts) => {
      change(parts.gaps, runIs('gap_1'), { from: at(34), count: 4 })
      run(parts, 'paused', at(32), [{ kind: 'ok' }])
    },
  ],
  [
    'a run that never ended',
    'ended',
    ({ runs }) => {
      const { finishedAt: _, reason: __, ...rest } = runs.find(runIs(tick(5)))!
      const open = { ...rest, status: 'pending', readyAt: at(5), notBefore: at(5), startBy: null }
      change(runs, runIs(tick(5)), open as unknown as Partial<FinalRun>)
    },
  ],
  [
    'succeeded without an ok',
    'ended',
    ({ runs }) => change(runs, runIs('run_once_20'), { status: 'succeeded' }),
  ],
  [
    'ok, and yet it ended otherwise: late news was believed',
    'ended',
    ({ runs }) => change(runs, runIs(tick(5)), { status: 'failed' }),
  ],
  [
    'two leases at one time',
    'lease',
    ({ attempts }) => change(attempts, ofRun(tick(20)), { endedAt: KILLED + 7_200 }),
  ],
  [
    'a fence that does not grow',
    'lease',
    ({ attempts, rings }) => {
      change(attempts, (one) => one.runId === tick(20) && one.number === 2, { fence: 1 })
      change(rings, (one) => one.runId === tick(20) && one.attempt === 2, { fence: 1 })
    },
  ],
  ['an attempt that is not in the book', 'lease', ({ attempts }) => remove(attempts, ofRun(tick(20)))],
  [
    'a further attempt without a cause',
    'explained',
    ({ attempts }) =>
      change(attempts, (one) => one.runId === tick(20) && one.number === 2, { cause: 'retry_policy' }),
  ],
  [
    'lost, and nothing had hit its node',
    'explained',
    ({ faults }) => change(faults, () => true, { node: 'n3' }),
  ],
  ['a ring without an entry', 'identity', (parts) => remove(parts.runs, runIs('run_by-hand_3.21'))],
  ['a ring under another fence', 'identity', ({ rings }) => change(rings, ofRun(tick(5)), { fence: 7 })],
  [
    'an attempt that rang twice',
    'identity',
    ({ rings }) => rings.push({ ...rings.find(ofRun(tick(5)))!, at: at(6) }),
  ],
  ['ok without a ring', 'identity', ({ rings }) => remove(rings, ofRun(tick(5)))],
  [
    'ended by the news of another attempt',
    'fence',
    ({ rings }) => change(rings, ofRun(tick(50)), { until: at(52) }),
  ],
  [
    'a ring for an attempt that was over',
    'stale',
    ({ rings }) => change(rings, ofRun(tick(20)), { at: KILLED + 8_000 }),
  ],
  [
    'at most once, and rang again',
    'at-most-once',
    (parts) => {
      const again = { number: 2, fence: 2, cause: 'node_lost', startedAt: KILLED + 7_001 } as const
      parts.attempts.push({ ...parts.attempts.find(ofRun('run_once_20'))!, ...again })
      parts.rings.push({ ...parts.rings.find(ofRun('run_once_20'))!, attempt: 2, fence: 2, at: at(28) })
    },
  ],
  [
    'two runs of a job at one time',
    'overlap',
    ({ runs, attempts, rings }) => {
      change(rings, ofRun(tick(5)), { until: at(6) + 500 })
      change(attempts, ofRun(tick(5)), { endedAt: at(6) + 500 })
      change(runs, runIs(tick(5)), { finishedAt: at(6) + 500 })
    },
  ],
  [
    'too late while nothing was wrong',
    'on-time',
    ({ rings }) => change(rings, ofRun(tick(50)), { at: at(51) + 100 }),
  ],
  [
    'taken over, and rung too late',
    'on-time',
    (parts) => change(parts.rings, ofRun('run_told_20'), { at: KILLED + 12_000 }),
  ],
  [
    'held on to for too long, and then it went well',
    'takeover',
    ({ attempts }) => {
      remove(attempts, (one) => one.runId === tick(20) && one.number === 2)
      change(attempts, ofRun(tick(20)), { outcome: 'ok', endedAt: KILLED + 10_500 })
    },
  ],
  [
    'taken over too late',
    'takeover',
    ({ attempts }) => {
      change(attempts, ofRun(tick(20)), { endedAt: KILLED + 10_400 })
      change(attempts, (one) => one.runId === tick(20) && one.number === 2, { startedAt: KILLED + 10_500 })
    },
  ],
  [
    'a ring that belongs to no instant',
    'on-time',
    ({ rings }) => rings.push({ ...rings.find(ofRun(tick(5)))!, at: at(5) + 600, attempt: 9 }),
  ],
  ['rung too early', 'early', ({ rings }) => change(rings, ofRun(tick(5)), { at: at(5) - 1 })],
  ['created and gone', 'acknowledged', ({ jobs }) => remove(jobs, ({ spec }) => spec.name === 'once')],
  [
    'refused and there',
    'acknowledged',
    ({ calls }) =>
      change(calls, ({ job, asks }) => job === 'once' && asks === 'create', { answer: 'refused' }),
  ],
  [
    'there, and yet not found',
    'acknowledged',
    ({ calls }) => change(calls, ({ asks }) => asks === 'trigger', { answer: 'refused', said: {} }),
  ],
  ['triggered and gone', 'acknowledged', (parts) => forget(parts, 'run_by-hand_3.21')],
  [
    'answered otherwise when repeated',
    'acknowledged',
    ({ calls }) => change(calls, ({ asks }) => asks === 'trigger', { saidAgain: { runId: 'run_x' } }),
  ],
  ['triggered by nobody', 'acknowledged', ({ calls }) => remove(calls, ({ asks }) => asks === 'trigger')],
  ['never told', 'told', ({ effects }) => remove(effects, () => true)],
  ['delivered to nobody', 'told', ({ told }) => remove(told, () => true)],
  ['told of another end', 'told', ({ told }) => change(told, () => true, { status: 'failed' })],
  ['told under two ids', 'told', ({ told }) => told.push({ ...told[0]!, id: 'eff_other' })],
]

for (const [what, invariant, bend] of BENT) {
  test(`${invariant}: ${what}`, () => {
    const found = findingsOf(bend)
    assert.ok(
      found.some((line) => line.startsWith(`${invariant}: `)),
      `not found; found instead: ${found.join('\n') || 'nothing'}`,
    )
  })
}

test('process: one that did not stop', () => {
  const history = historyOf(soundParts())
  const incidents = [{ node: 'n1', at: at(30), says: 'did not stop' }]
  const found = checkHistory({ ...history, incidents }).findings
  assert.deepEqual(found.map(describeFinding), [`process: ${new Date(at(30)).toISOString()} n1 did not stop`])
})

test('nodes: two processes under one identity', () => {
  const history = historyOf(soundParts())
  const starts = [...history.starts, { node: 'n1', nodeId: 'nod_n1', at: at(30) }]
  const found = checkHistory({ ...history, starts }).findings
  assert.deepEqual(found.map(describeFinding), [
    `nodes: ${new Date(at(30)).toISOString()} n1 began under nod_n1, as n1 had before it`,
  ])
})

test('every invariant has a history that breaks it', () => {
  const bent = new Set(BENT.map(([, invariant]) => invariant))
  assert.deepEqual(
    Object.keys(INVARIANTS).filter((name) => !bent.has(name as Invariant)),
    ['process', 'nodes'],
  )
})

test('what nobody was answered may be there or not', () => {
  const unanswered = (parts: Parts): void =>
    change(parts.calls, ({ job, asks }) => job === 'deleted' && asks === 'delete', { answer: 'unknown' })
  assert.deepEqual(findingsOf(unanswered), [])
  const refused = ({ calls }: Parts): void =>
    change(calls, ({ job }) => job === 'refused', { answer: 'unknown' })
  assert.deepEqual(findingsOf(refused), [])
})
