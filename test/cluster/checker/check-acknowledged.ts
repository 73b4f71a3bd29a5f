// What clients were answered against the book: acknowledged means there, refused means not there, and a repeat of a
// request means the same thing once.

import type { Call } from './history.ts'
import type { Indexed } from './indexed.ts'
import { type Finding, finding } from './verdict.ts'

export function checkAcknowledged(history: Indexed): Finding[] {
  return [
    ...history.calls.flatMap((call) => [...isThere(call, history), ...sameAgain(call)]),
    ...onlyWhatWasAsked(history),
  ]
}

function isThere(call: Call, { book, runById, lives }: Indexed): Finding[] {
  const { asks, answer, job, said, to } = call
  const fault = (says: string): Finding[] => [
    finding('acknowledged', says, { job, at: to, ...(said?.runId === undefined ? {} : { run: said.runId }) }),
  ]
  const isDeleted = lives.find((life) => life.job === job)?.deletedAt != null
  if (asks === 'create') {
    const stored = book.jobs.some(({ id, spec }) => id === said?.jobId || spec.name === job)
    if (answer === 'ok' && !stored && !isDeleted) return fault('was created, and is gone')
    if (answer === 'refused' && stored) return fault('was refused, and is there')
  }
  if (asks === 'delete' && answer === 'ok' && book.jobs.some(({ spec }) => spec.name === job))
    return fault('was deleted, and is there')
  if (asks === 'trigger' && answer === 'ok' && said?.runId !== undefined && !runById.has(said.runId))
    return fault('was triggered, and its run is gone')
  const isKnown = lives.some((life) => life.job === job && life.createdAt <= call.from)
  if (answer === 'refused' && asks !== 'create' && isKnown && !isDeleted)
    return fault(`is there, and yet its ${asks} was refused`)
  if (asks === 'edit' && answer === 'ok') {
    const stored = book.jobs.find(({ spec }) => spec.name === job)
    const edits = lives.find((life) => life.job === job)?.stretches.length ?? 0
    if (stored !== undefined && edits > 0 && stored.version < 2)
      return fault('was edited, and is at version 1')
  }
  return []
}

function sameAgain({ said, saidAgain, job, to, asks }: Call): Finding[] {
  if (saidAgain === undefined) return []
  if (saidAgain.jobId === said?.jobId && saidAgain.runId === said?.runId) return []
  return [finding('acknowledged', `${asks} was answered otherwise when it was repeated`, { job, at: to })]
}

/** Every run beside the schedule was asked for by one call. */
function onlyWhatWasAsked({ calls, lives, runsOf }: Indexed): Finding[] {
  return lives.flatMap((life) => {
    const asked = calls.filter(
      ({ asks, job, answer }) => asks === 'trigger' && job === life.job && answer !== 'refused',
    )
    const byHand = runsOf(life).filter(({ trigger }) => trigger === 'manual')
    if (life.draft.policy?.keep !== undefined || byHand.length <= asked.length) return []
    const says = `${asked.length} triggers were not refused, ${byHand.length} runs are there`
    return [finding('acknowledged', says, { job: life.job })]
  })
}
