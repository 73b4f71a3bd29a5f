// Whoever was to be told how a run ended was told so, under one id and of one end.

import { isFinal } from '../../../src/domain/run.ts'
import type { Indexed } from './indexed.ts'
import { type Finding, finding } from './verdict.ts'

export function checkTold(history: Indexed): Finding[] {
  const { lives, runsOf, ringsOf, runById, toldOf, effectOf } = history
  return lives
    .filter(({ draft }) => draft.callback != null)
    .flatMap((life) => {
      const kept = runsOf(life).filter(({ status }) => isFinal(status) && status !== 'skipped')
      // What rang and is forgotten since was told before it was forgotten.
      const forgotten = ringsOf(life.job).filter(({ runId }) => !runById.has(runId))
      return [
        ...kept.flatMap(({ id, status, dueAt }) => {
          const fault = (says: string): Finding[] => [
            finding('told', says, { job: life.job, run: id, at: dueAt }),
          ]
          const effect = effectOf(id)
          const heard = toldOf(id)
          if (effect === undefined) return fault('was to be told, and nothing says so')
          if (effect.status === 'pending') return fault('is not told yet')
          if (effect.status === 'delivered' && heard.length === 0) return fault('was told to nobody')
          if (heard.some((one) => one.id !== effect.id)) return fault('was told under several ids')
          if (heard.some((one) => one.status !== status)) return fault(`is ${status}, and was told otherwise`)
          return []
        }),
        ...forgotten
          .filter(({ runId }) => toldOf(runId).length === 0)
          .map(({ runId, at }) =>
            finding('told', 'rang, is forgotten and was never told', { job: life.job, run: runId, at }),
          ),
      ]
    })
}
