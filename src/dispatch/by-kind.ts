// One dispatcher for each kind of target. A kind that nothing here carries out is refused: the run goes elsewhere.

import type { Outcome } from '../domain/outcome.ts'
import { type TargetKind, targetKind } from '../domain/target.ts'
import type { Dispatcher } from '../ports/dispatcher.ts'
import type { Work } from '../ports/store.ts'

export function dispatchByKind(dispatchers: Partial<Record<TargetKind, Dispatcher>>): Dispatcher {
  const of = (work: Work): Dispatcher => dispatchers[targetKind(work.spec.target)] ?? UNABLE
  return {
    dispatch: (work, signal) => of(work).dispatch(work, signal),
    // Works of one batch key are of one kind.
    dispatchBatch: (batch, signal) =>
      batch[0] === undefined ? Promise.resolve([]) : of(batch[0]).dispatchBatch(batch, signal),
    batchKey: (work) => of(work).batchKey(work),
  }
}

const UNABLE: Dispatcher = {
  dispatch: async (work) => refusal(work),
  dispatchBatch: async (batch) => batch.map(refusal),
  batchKey: () => null,
}

function refusal(work: Work): Outcome {
  return {
    kind: 'refused',
    message: `targets of kind ${targetKind(work.spec.target)} are not carried out here`,
  }
}
