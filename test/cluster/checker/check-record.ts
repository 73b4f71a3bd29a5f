// The book against what was owed, both ways: each owed instant has one entry, each entry was owed.

import type { Gap } from '../../../src/domain/gap.ts'
import type { Run } from '../../../src/domain/run.ts'
import type { Indexed } from './indexed.ts'
import type { Life } from './life.ts'
import { type Finding, finding, instant } from './verdict.ts'

export function checkRecord(history: Indexed): Finding[] {
  return history.lives.flatMap((life) => ofJob(life, history.runsOf(life), history.gapsOf(life)))
}

function ofJob(life: Life, runs: readonly Run[], gaps: readonly Gap[]): Finding[] {
  const { job, may, must } = life
  const owedFor = new Set(must)
  const entries = new Map<number, string[]>(may.map((at) => [at, []]))
  const found: Finding[] = []
  for (const run of runs) {
    if (run.trigger !== 'schedule') continue
    const there = entries.get(run.dueAt)
    const where = { job, run: run.id, at: run.dueAt }
    if (there === undefined) found.push(finding('record', 'has a run and was not owed', where))
    else there.push(run.id)
  }
  for (const gap of gaps) {
    const where = { job, run: gap.id, at: gap.from }
    const covered = may.slice(firstFrom(may, gap.from), firstFrom(may, gap.to + 1))
    if (!entries.has(gap.from) || !entries.has(gap.to))
      found.push(
        finding('record', `a gap up to ${instant(gap.to)} begins or ends where nothing is owed`, where),
      )
    const sure = covered.filter((at) => owedFor.has(at) || at > (must.at(-1) ?? 0)).length
    if (gap.count > covered.length || gap.count < sure)
      found.push(finding('record', `a gap says ${gap.count} instants and covers ${covered.length}`, where))
    for (const at of covered) entries.get(at)!.push(gap.id)
  }
  const oldest = oldestKept(life, runs)
  for (const at of must) {
    if (entries.get(at)!.length > 0 || at < oldest) continue
    found.push(finding('record', 'was owed and has no entry', { job, at }))
  }
  for (const [at, there] of entries) {
    if (there.length > 1)
      found.push(finding('record', `has ${there.length} entries: ${there.join(', ')}`, { job, at }))
  }
  return found
}

/** A job that keeps little may have forgotten everything but the newest of each kind. */
function oldestKept({ draft }: Life, runs: readonly Run[]): number {
  if (draft.policy?.keep === undefined) return Number.NEGATIVE_INFINITY
  return Math.max(Number.NEGATIVE_INFINITY, ...runs.map(({ dueAt }) => dueAt))
}

/** Position of the first instant that is not before `at`. */
function firstFrom(instants: readonly number[], at: number): number {
  let low = 0
  let high = instants.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (instants[middle]! < at) low = middle + 1
    else high = middle
  }
  return low
}
