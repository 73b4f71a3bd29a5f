// What a callback says. Without a body of its own it is the run as the API shows it; with one, the facts of the run are
// filled in, its status under the name the receiver knows.

import type { Callback } from './effect.ts'
import type { Run } from './run.ts'
import { runDocument } from './run-document.ts'
import { type Facts, fillIn } from './template.ts'

/** Text goes out as it stands, anything else as JSON. */
export function callbackBody(callback: Callback, run: Run): string {
  if (callback.body === undefined) return JSON.stringify(runDocument(run))
  const filled = fillIn(callback.body, runFacts(run, callback.statusNames))
  return typeof filled === 'string' ? filled : JSON.stringify(filled ?? null)
}

/** "run.id" … : everything of the document, and `run.error`: the message of a run that did not succeed. */
export function runFacts(run: Run, statusNames: Callback['statusNames'] = {}): Facts {
  const document = runDocument(run)
  const facts = Object.entries(document).map(([name, value]) => [`run.${name}`, value])
  return {
    ...Object.fromEntries(facts),
    'run.status': statusNames[document.status] ?? document.status,
    'run.error': document.status === 'succeeded' ? null : document.message,
  }
}
