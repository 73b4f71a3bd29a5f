// Says with each work whom its project may call. Where nobody can say it, nothing leaves.

import type { Outcome } from '../domain/outcome.ts'
import { rulesNothing, type TargetRules } from '../domain/target-rules.ts'
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
  /** Calls at once where the rules are at hand, as they mostly are. */
  function knowing<Answer>(
    projectId: string,
    act: (rules: TargetRules) => Promise<Answer>,
    unknown: Answer,
  ): Promise<Answer> {
    const rules = known.atHand(projectId)
    if (rules !== null) return act(rules.targets)
    return known.of(projectId).then(
      ({ targets }) => act(targets),
      () => unknown,
    )
  }

  return {
    dispatch: (work, signal) =>
      knowing(work.run.projectId, (rules) => http.dispatch(limited(work, rules), signal), UNKNOWN),
    dispatchBatch(works, signal) {
      const [first] = works
      if (first === undefined) return Promise.resolve([])
      return knowing(
        first.run.projectId,
        (rules) =>
          http.dispatchBatch(
            works.map((work) => limited(work, rules)),
            signal,
          ),
        works.map(() => UNKNOWN),
      )
    },
    batchKey: (work) => http.batchKey(work),
  }
}

function limited(work: HttpWork, targets: TargetRules): HttpWork {
  return rulesNothing(targets) ? work : { ...work, targets }
}
