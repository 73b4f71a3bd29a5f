// A history in numbers: how much there was of everything, and how late it came.

import { takeoversOf } from './check-takeover.ts'
import type { Indexed } from './indexed.ts'
import { isNewAfterHit, type Lateness } from './lateness.ts'
import { reachOf } from './reach.ts'

export type Spread = {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export type Figures = {
  readonly jobs: number
  readonly owed: number
  readonly runs: number
  readonly gapInstants: number
  readonly attempts: number
  readonly rings: number
  readonly lost: number
  /** Runs that rang more than once. */
  readonly rungAgain: number
  readonly missed: number
  readonly unknown: number
  readonly calls: number
  readonly callsUnknown: number
  readonly told: number
  readonly repeats: number
  readonly staleWrites: number
  readonly faults: Readonly<Record<string, number>>
  /** Arrival − due while nothing was wrong, in ms; and of the others. */
  readonly lateMs: Spread
  readonly lateDisturbedMs: Spread
  /** Of these, what fell due when a node had been hit already and had nothing to wait for (see lateness.ts). */
  readonly lateAfterHitMs: Spread
  /** Instants that fell due when a node had been hit, and were given up: no run, no ring. */
  readonly missedAfterHit: number
  /** From the moment a node was hit to the end of what it held, in ms. */
  readonly takeoverMs: Spread
}

export function figuresOf(history: Indexed, lateness: readonly Lateness[]): Figures {
  const { book, rings, told, faults, calls, lives } = history
  const perRun = Map.groupBy(rings, ({ runId }) => runId)
  const count = (status: string): number => book.runs.filter((run) => run.status === status).length
  const late = (which: (one: Lateness) => boolean): Spread =>
    spread(lateness.filter(which).map(({ lateMs }) => lateMs))
  return {
    jobs: lives.length,
    owed: lives.reduce((sum, { must }) => sum + must.length, 0),
    runs: book.runs.length,
    gapInstants: book.gaps.reduce((sum, gap) => sum + gap.count, 0),
    attempts: book.attempts.length,
    rings: rings.length,
    lost: book.attempts.filter(({ outcome }) => outcome === 'lost').length,
    rungAgain: [...perRun.values()].filter(({ length }) => length > 1).length,
    missed: count('missed'),
    unknown: count('unknown'),
    calls: calls.length,
    callsUnknown: calls.filter(({ answer }) => answer === 'unknown').length,
    told: told.length,
    repeats: history.counts?.repeats ?? 0,
    staleWrites: history.counts?.staleWrites ?? 0,
    faults: countBy(faults.map(({ kind }) => kind)),
    lateMs: late(({ disturbed }) => !disturbed),
    lateDisturbedMs: late(({ disturbed }) => disturbed),
    lateAfterHitMs: late(isNewAfterHit),
    missedAfterHit: missedAfterHit(history),
    takeoverMs: spread(takeoversOf(history).map(({ afterMs }) => afterMs)),
  }
}

export function spread(numbers: readonly number[]): Spread {
  const sorted = numbers.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 }
}

function missedAfterHit({ book, faults, limits }: Indexed): number {
  const { isAfterHit } = reachOf(faults, limits)
  const runs = book.runs.filter(({ status, dueAt }) => status === 'missed' && isAfterHit(dueAt))
  const gaps = book.gaps.filter(({ status, to }) => status === 'missed' && isAfterHit(to))
  return runs.length + gaps.reduce((sum, { count }) => sum + count, 0)
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
