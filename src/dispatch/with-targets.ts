// Says with each work whom its project may call. Where nobody can say it, nothing leaves.

import type { Outcome } from '../domain/outcome.ts'
import { rulesNothing, type TargetRules } from '../domain/target-rules.ts'
import type { StopSignal } from '../ports/stop.ts'
import type { HttpDispatcher, HttpWork } from './http-work.ts'

export type TargetRulesOf = {
  /** null: they have to be asked for. */
  atHand(projectId: string): { readonly targets: TargetRules } | null
  of(projectId: string): Promise<{ readonly targets: TargetRules }>
}

const UNKNOWN: Outcome = {
  kind: 'error',
  code: 'rules_unknown',
  message: 'whom this project may call could not be looked up: nothing was sent',
  reached: 'no',
}

export function withTargets(
  http: HttpDispatcher,
  known: TargetRulesOf,
): Pick<HttpDispatcher, 'dispatch' | 'dispatchBatch' | 'batchKey'> {
  function one(work: HttpWork, targets: TargetRules, signal: StopSignal): Promise<Outcome> {
    return http.dispatch(limited(work, targets), signal)
  }

  function many(works: readonly HttpWork[], targets: TargetRules, signal: StopSignal): Promise<Outcome[]> {
    const allowed = rulesNothing(targets) ? works : works.map((work) => limited(work, targets))
    return http.dispatchBatch(allowed, signal)
  }

  return {
    // At once where the rules are at hand, as they mostly are.
    dispatch(work, signal) {
      const { projectId } = work.run
      const rules = known.atHand(projectId)
      if (rules !== null) return one(work, rules.targets, signal)
      return known.of(projectId).then(
        ({ targets }) => one(work, targets, signal),
        () => UNKNOWN,
      )
    },
    dispatchBatch(works, signal) {
      const [first] = works
      if (first === undefined) return Promise.resolve([])
      const { projectId } = first.run
      const rules = known.atHand(projectId)
      if (rules !== null) return many(works, rules.targets, signal)
      return known.of(projectId).then(
        ({ targets }) => many(works, targets, signal),
        () => works.map(() => UNKNOWN),
      )
    },
    batchKey: (work) => http.batchKey(work),
  }
}

function limited(work: HttpWork, targets: TargetRules): HttpWork {
  return rulesNothing(targets) ? work : { ...work, targets }
}
