// What every request says about the run it carries out, so that a receiver can drop repeats, see that it is late
// and refuse an attempt that was overtaken.

import { hash } from 'node:crypto'
import type { HttpWork } from './http-work.ts'

/** Names and values in turn. */
export function runHeaders({ run, attempt, token }: HttpWork): string[] {
  const headers = [
    'Idempotency-Key',
    run.id,
    'Carillon-Run-Id',
    run.id,
    'Carillon-Job-Id',
    run.jobId,
    'Carillon-Job-Name',
    headerText(run.jobName),
    'Carillon-Attempt',
    String(attempt.number),
    'Carillon-Due-At',
    dueAtText(run.dueAt),
    'Carillon-Fence',
    String(run.fence),
    'Carillon-Trigger',
    run.trigger,
    'traceparent',
    traceParent(run.id, attempt.number),
  ]
  if (token !== undefined) headers.push('Carillon-Run-Token', token)
  if (run.late) headers.push('Carillon-Late', 'true')
  return headers
}

/**
 * W3C Trace Context: all attempts of a run are spans of one trace, and every node arrives at the same ids
 * without asking anybody.
 */
export function traceParent(seed: string, attempt: number): string {
  const digest = hash('sha256', seed, 'hex')
  const span = digest.slice(32, 44) + (attempt & 0xffff).toString(16).padStart(4, '0')
  return `00-${digest.slice(0, 32)}-${span}-01`
}

// Runs that are due together ask for the same text one after the other.
let lastDueAt = Number.NaN
let lastDueAtText = ''

export function dueAtText(dueAt: number): string {
  if (dueAt !== lastDueAt) {
    lastDueAt = dueAt
    lastDueAtText = new Date(dueAt).toISOString()
  }
  return lastDueAtText
}

/** Text of any language as a header: percent-encoded unless it is plain. */
export function headerText(text: string): string {
  return /^[!#$&'*+.^_`|~0-9A-Za-z-]+$/.test(text) ? text : encodeURIComponent(text.toWellFormed())
}
