// From an ended exchange to the outcome of the attempt.

import { STATUS_CODES } from 'node:http'
import { formatDuration } from '../domain/duration.ts'
import type { Outcome, Reached } from '../domain/outcome.ts'
import { timingOf } from './call-timing.ts'
import type { Exchange } from './exchange.ts'
import { describeFailure } from './network-failure.ts'
import type { PreparedTarget } from './prepared-target.ts'
import { responseRecord } from './response-record.ts'
import { retryAfterMs } from './retry-after.ts'

const UNSENT: Outcome = {
  kind: 'lost',
  message: 'the node lost its lease before anything was sent',
  reached: 'no',
}

export function exchangeOutcome(exchange: Exchange, prepared: PreparedTarget, now: number): Outcome {
  if (exchange.end === 'answered') {
    return prepared.accepts(exchange.status) ? answeredWell(exchange) : refusedAnswer(exchange, now)
  }
  const reached: Reached = exchange.started ? 'maybe' : 'no'
  if (exchange.end === 'timeout') {
    return { kind: 'timeout', message: timeoutMessage(exchange, prepared), reached, ...timingOf(exchange) }
  }
  if (exchange.end === 'unsent') return UNSENT
  if (exchange.end === 'cancelled') return { kind: 'cancelled', message: 'the call was cancelled' }
  const failure = describeFailure(exchange, prepared.place)
  const partial = exchange.status === 0 ? {} : { response: responseRecord(exchange) }
  return { kind: 'error', ...failure, reached, ...partial, ...timingOf(exchange) }
}

export function answeredWell(exchange: Exchange): Outcome {
  return { kind: 'ok', response: responseRecord(exchange), ...timingOf(exchange) }
}

function refusedAnswer(exchange: Exchange, now: number): Outcome {
  const wait = retryAfterMs(exchange.headers['retry-after'], now)
  return {
    kind: 'error',
    code: 'http_status',
    message: answerText(exchange.status) + redirectHint(exchange),
    reached: 'yes',
    ...(wait === null ? {} : { retryAfterMs: wait }),
    response: responseRecord(exchange),
    ...timingOf(exchange),
  }
}

/** "answered 503 Service Unavailable" */
export function answerText(status: number): string {
  const reason = STATUS_CODES[status]
  return reason === undefined ? `answered ${status}` : `answered ${status} ${reason}`
}

function redirectHint({ status, headers }: Exchange): string {
  return status >= 300 && status < 400 && headers.location !== undefined
    ? '; redirects are followed only up to redirectsMax'
    : ''
}

function timeoutMessage(exchange: Exchange, { timeoutMs, place }: PreparedTarget): string {
  const limit = formatDuration(timeoutMs)
  if (!exchange.carried) return `no connection to ${place} was free within ${limit}`
  if (!exchange.started) return `could not connect to ${place} within ${limit}`
  return exchange.status === 0 ? `no answer within ${limit}` : `the answer did not end within ${limit}`
}
