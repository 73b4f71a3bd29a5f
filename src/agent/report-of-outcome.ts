// How an attempt went, as it goes over the wire.

import type { Outcome } from '../domain/outcome.ts'
import type { Report } from '../protocol/work.ts'
import type { LineReport } from './agent-line.ts'

const MESSAGE_MAX = 4_096

export function reportOf({ runId, fence, outcome, agoMs }: LineReport): Report {
  return { run: runId, fence, agoMs: Math.round(agoMs), outcome: outcome.kind, ...detailOf(outcome) }
}

/** The same, without what somebody else has written: for one that is refused as it is. */
export function bareReport({ outcome, ...rest }: LineReport): LineReport {
  if (outcome.kind === 'ok') return { ...rest, outcome: { kind: 'ok' } }
  const { process: _, ...told } = 'process' in outcome ? outcome : { ...outcome, process: null }
  return { ...rest, outcome: { ...told, message: 'its result could not be told as it was' } }
}

function detailOf(outcome: Outcome): Partial<Report> {
  const process = 'process' in outcome && outcome.process !== undefined ? { process: outcome.process } : {}
  if (outcome.kind === 'ok') return process
  const message = outcome.message.slice(0, MESSAGE_MAX).toWellFormed()
  const reached = 'reached' in outcome && outcome.reached !== undefined ? { reached: outcome.reached } : {}
  if (outcome.kind !== 'error') return { message, ...reached, ...process }
  const retryable = outcome.retryable === undefined ? {} : { retryable: outcome.retryable }
  return { code: outcome.code.slice(0, 64), message, ...reached, ...retryable, ...process }
}
