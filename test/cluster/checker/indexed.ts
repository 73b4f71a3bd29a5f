// A history with the ways through it that the checks share.

import type { Attempt } from '../../../src/domain/attempt.ts'
import type { Effect } from '../../../src/domain/effect.ts'
import type { Gap } from '../../../src/domain/gap.ts'
import type { Run } from '../../../src/domain/run.ts'
import type { History, Ring, Told } from './history.ts'
import { type Life, livesOf } from './life.ts'

export type Indexed = History & {
  readonly lives: readonly Life[]
  readonly runById: ReadonlyMap<string, Run>
  runsOf(life: Life): readonly Run[]
  gapsOf(life: Life): readonly Gap[]
  /** By number. */
  attemptsOf(runId: string): readonly Attempt[]
  ringsOf(job: string): readonly Ring[]
  ringsOfRun(runId: string): readonly Ring[]
  toldOf(runId: string): readonly Told[]
  effectOf(runId: string): Effect | undefined
}

export function indexed(history: History): Indexed {
  const { book, rings, told } = history
  const lives = livesOf(history)
  const runs = Map.groupBy(book.runs, ({ jobId }) => jobId)
  const gaps = Map.groupBy(book.gaps, ({ jobId }) => jobId)
  const sorted = book.attempts.toSorted((a, b) => a.number - b.number)
  const attempts = Map.groupBy(sorted, ({ runId }) => runId)
  const byJob = Map.groupBy(rings, ({ job }) => job)
  const byRun = Map.groupBy(rings, ({ runId }) => runId)
  const toldByRun = Map.groupBy(told, ({ runId }) => runId)
  const effects = new Map(book.effects.map((effect) => [effect.runId, effect]))
  return {
    ...history,
    lives,
    runById: new Map(book.runs.map((run) => [run.id, run])),
    runsOf: ({ jobId }) => runs.get(jobId) ?? [],
    gapsOf: ({ jobId }) => gaps.get(jobId) ?? [],
    attemptsOf: (runId) => attempts.get(runId) ?? [],
    ringsOf: (job) => byJob.get(job) ?? [],
    ringsOfRun: (runId) => byRun.get(runId) ?? [],
    toldOf: (runId) => toldByRun.get(runId) ?? [],
    effectOf: (runId) => effects.get(runId),
  }
}
