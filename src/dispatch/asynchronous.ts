// Calls whose receivers complete them later: they carry a token for that, and the answer "begun" hands them over.

import { Masker } from '../domain/masker.ts'
import type { Dispatched } from '../domain/outcome.ts'
import type { Dispatcher } from '../ports/dispatcher.ts'
import type { StopSignal } from '../ports/stop.ts'
import type { Work } from '../ports/store.ts'

const BEGUN = 202

/** Makes the right to tell of one attempt. */
export type TokenMaker = { make(runId: string, fence: number): string }

export function asynchronous(
  http: Pick<Dispatcher, 'dispatchBatch' | 'batchKey'> & {
    dispatch(
      work: Work & { readonly token?: string },
      ...rest: DispatchRest
    ): ReturnType<Dispatcher['dispatch']>
  },
  tokens: TokenMaker,
): Dispatcher {
  async function begin(work: Work, signal: StopSignal): Promise<Dispatched> {
    const token = tokens.make(work.run.id, work.run.fence)
    // A receiver that repeats what it was sent would show it to whoever may read the run.
    const outcome = new Masker([token]).outcome(await http.dispatch({ ...work, token }, signal))
    const begun = outcome.kind === 'ok' && outcome.response?.status === BEGUN
    return begun ? { kind: 'handed_over' } : outcome
  }

  return {
    // A call that ends with its answer is passed on as it is.
    dispatch: (work, signal) =>
      work.spec.target.http?.async === true ? begin(work, signal) : http.dispatch(work, signal),
    // None of them is asynchronous: runs of a batch share one answer.
    dispatchBatch: (works, signal) => http.dispatchBatch(works, signal),
    batchKey: (work) => http.batchKey(work),
  }
}

type DispatchRest = Parameters<Dispatcher['dispatch']> extends [unknown, ...infer Rest] ? Rest : never
