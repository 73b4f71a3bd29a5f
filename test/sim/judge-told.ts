// Whoever was to be told how a run ended was told so: one effect, delivered or dead, and told what is true.

import { isTold } from '../../src/domain/effect.ts'
import { isFinal } from '../../src/domain/run.ts'
import type { History } from './history.ts'

/** Time for all the tries of a callback. */
const TOLD_WITHIN_MS = 5 * 60_000

export function judgeTold(history: History): string[] {
  const effects = Map.groupBy(history.effects, ({ effect }) => effect.runId)
  const tales = Map.groupBy(history.told, ({ runId }) => runId)
  return history.jobs.flatMap((job) =>
    history.ledgers.get(job.id)!.runs.flatMap((run) => {
      const faults: string[] = []
      const fault = (says: string): void => {
        faults.push(`told of ${run.id}: ${says}`)
      }
      const { callback } = job.eras.find(({ version }) => version === run.jobVersion)!.spec
      const own = effects.get(run.id) ?? []
      const told = tales.get(run.id) ?? []
      const wanted = isFinal(run.status) && isTold(callback, run.status)
      if (own.length !== (wanted ? 1 : 0)) fault(`${run.status}, and ${own.length} effects`)
      for (const { status, id } of told) {
        if (status !== run.status) fault(`said to be ${status}, is ${run.status}`)
        if (id !== own[0]?.effect.id) fault(`told as ${id}, which is not its effect`)
      }
      for (const { effect } of own) {
        if (effect.status === 'pending' && effect.nextTryAt! < history.endedAt - TOLD_WITHIN_MS)
          fault('not yet')
        if (effect.status === 'delivered' && !told.some(({ heard }) => heard))
          fault('delivered, and nobody heard it')
      }
      return faults
    }),
  )
}
