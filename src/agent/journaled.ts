// No attempt starts twice: it is in the journal, on disk, before it is handed on.

import type { StartJournal } from '../dispatch/process/start-journal.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Dispatcher } from '../ports/dispatcher.ts'

const STARTED_BEFORE: Outcome = {
  kind: 'lost',
  message: 'this attempt was started here before; nobody can say how it went',
}

export function journaled(journal: StartJournal, dispatcher: Dispatcher): Dispatcher {
  const dispatch: Dispatcher['dispatch'] = async (work, signal) => {
    const start = { runId: work.run.id, part: work.part?.index ?? 0, fence: work.run.fence }
    let first: boolean
    try {
      first = await journal.begin(start)
    } catch (error) {
      return { kind: 'refused', message: `the agent cannot write its journal: ${(error as Error).message}` }
    }
    if (!first) return STARTED_BEFORE
    try {
      return await dispatcher.dispatch(work, signal)
    } finally {
      journal.end(start)
    }
  }
  return {
    dispatch,
    dispatchBatch: (works, signal) => Promise.all(works.map((work) => dispatch(work, signal))),
    batchKey: () => null,
  }
}
