// What an instant waited for is said only where that is so; how late the others are is not touched by it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkHistory } from './check.ts'
import { describeLateness, isNewAfterHit, type Lateness } from './lateness.ts'
import { historyOf, KILLED, type Parts, run, START, soundParts } from './sound-history.ts'

const TICK = 'run_tick_20'
const at = (second: number): number => START + second * 1_000

function lateness(bend: (parts: Parts) => void): ReadonlyMap<string, Lateness> {
  const parts = soundParts()
  bend(parts)
  return new Map(checkHistory(historyOf(parts)).lateness.map((one) => [one.runId, one]))
}

/** It was leased by the node that died, and nothing had left. */
function neverSent({ rings }: Parts): void {
  const place = rings.findIndex(({ runId, attempt }) => runId === TICK && attempt === 1)
  rings.splice(place, 1)
}

test('what the dead node had in hand waited to be taken over; what fell due later did not', () => {
  const of = lateness(neverSent)
  const { waitedFor, lateMs, ownMs } = of.get(TICK)!
  assert.deepEqual([waitedFor, lateMs, ownMs], ['takeover', KILLED + 7_010 - at(20), 10])
  const later = [...of.values()].filter(isNewAfterHit)
  assert.ok(later.length > 10)
  // Each ring is that of its own instant, not of the one before it that had none.
  assert.deepEqual([...new Set(later.map((one) => one.lateMs))], [30])
})

test('what rang before its node died was on time, though it rang again', () => {
  const { waitedFor, lateMs } = lateness(() => {}).get(TICK)!
  assert.deepEqual([waitedFor, lateMs], [null, 30])
})

test('lost by a node that nothing had hit: nobody had to wait for that', () => {
  const of = lateness((parts) => {
    neverSent(parts)
    parts.faults[0] = { ...parts.faults[0]!, node: 'n3' }
  })
  assert.equal(of.get(TICK)!.waitedFor, null)
})

test('leased after its node was hit: that is no takeover', () => {
  const of = lateness((parts) => {
    neverSent(parts)
    parts.faults[0] = { ...parts.faults[0]!, from: at(20) }
  })
  assert.deepEqual([of.get(TICK)!.waitedFor, isNewAfterHit(of.get(TICK)!)], [null, true])
})

test('a further attempt by its retry rule is late by itself', () => {
  const of = lateness((parts) => {
    neverSent(parts)
    const place = parts.attempts.findIndex(({ runId, number }) => runId === TICK && number === 1)
    parts.attempts[place] = { ...parts.attempts[place]!, outcome: 'error' }
  })
  assert.equal(of.get(TICK)!.waitedFor, null)
})

/** The run of second 40 ends at `until`, and that of second 41 begins then. */
function behind(parts: Parts, until: number, overlap: 'queue' | 'allow'): void {
  const call = parts.calls.findIndex(({ job, asks }) => job === 'tick' && asks === 'create')
  const { draft, ...rest } = parts.calls[call]!
  parts.calls[call] = { ...rest, draft: { ...draft!, policy: { overlap } } }
  const place = parts.runs.findIndex(({ id }) => id === 'run_tick_40')
  parts.runs[place] = { ...parts.runs[place]!, finishedAt: until }
  const ring = parts.rings.findIndex(({ runId }) => runId === 'run_tick_41')
  parts.rings[ring] = { ...parts.rings[ring]!, at: until + 25 }
}

test('behind another run of its job it waits only where they go one after the other', () => {
  const of = (until: number, overlap: 'queue' | 'allow') => {
    const one = lateness((parts) => behind(parts, until, overlap)).get('run_tick_41')!
    return [one.waitedFor, one.lateMs, one.ownMs]
  }
  assert.deepEqual(of(at(43), 'queue'), ['overlap', 2_025, 25])
  assert.deepEqual(of(at(43), 'allow'), [null, 2_025, 2_025])
  assert.deepEqual(of(at(41), 'queue'), [null, 25, 25])
})

test('a job that was accepted after its time waited for that', () => {
  const of = lateness((parts) => {
    const creation = parts.calls.find(({ job, asks }) => job === 'tick' && asks === 'create')!
    const said = { ...creation.said!, at: at(1) + 400 }
    parts.calls[parts.calls.indexOf(creation)] = { ...creation, said }
  })
  assert.deepEqual([of.get('run_tick_1')!.waitedFor, of.get('run_tick_2')!.waitedFor], ['creation', null])
})

test('who rang it, and where the time went, in one line', () => {
  const parts = soundParts()
  run(parts, 'by-hand', at(50), [{ kind: 'ok' }])
  const one = checkHistory(historyOf(parts)).lateness.find(({ runId }) => runId === 'run_by-hand_50')!
  assert.equal(
    describeLateness(one),
    'by-hand 2026-11-21T08:00:50.000Z run_by-hand_50: 30 ms late by n2, attempt 1 (planned 15, begun 5, arrived 10)',
  )
})

test('what was given up after a hit is counted', () => {
  const parts = soundParts()
  const gap = parts.gaps[0]!
  parts.gaps.push({ ...gap, id: 'gap_2', from: at(22), to: at(24), count: 3, status: 'missed' })
  assert.equal(checkHistory(historyOf(parts)).figures.missedAfterHit, 3)
})
