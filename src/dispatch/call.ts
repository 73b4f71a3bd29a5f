// One call from its first request to its last answer, redirects included, under one deadline.

import type { Outcome, Reached } from '../domain/outcome.ts'
import type { Clock } from '../ports/clock.ts'
import type { StopSignal } from '../ports/stop.ts'
import { timingOf } from './call-timing.ts'
import { Exchange, type WireRequest } from './exchange.ts'
import { answeredWell, exchangeOutcome } from './exchange-outcome.ts'
import type { HttpSender } from './http-sender.ts'
import { type PreparedTarget, placeOf } from './prepared-target.ts'
import { isRedirect, nextHop } from './redirects.ts'
import { responseRecord } from './response-record.ts'

export class Caller {
  readonly #clock: Clock
  readonly #sender: HttpSender

  constructor(clock: Clock, sender: HttpSender) {
    this.#clock = clock
    this.#sender = sender
  }

  call(prepared: PreparedTarget, request: WireRequest, signal: StopSignal): Promise<Outcome> {
    const deadlineAt = this.#clock.monotonic() + prepared.timeoutMs
    if (prepared.redirectsMax > 0) return this.#follow(prepared, request, deadlineAt, signal)
    return new Promise((resolve) => {
      const exchange = new Exchange(request, prepared.responseBytesMax, (ended) =>
        resolve(exchangeOutcome(ended, prepared, this.#clock.now())),
      )
      this.#sender.send(exchange, deadlineAt, signal)
    })
  }

  async #follow(
    prepared: PreparedTarget,
    first: WireRequest,
    deadlineAt: number,
    signal: StopSignal,
  ): Promise<Outcome> {
    let request = first
    let place = prepared.place
    for (let hops = 0; ; hops += 1) {
      const exchange = await this.#exchange(prepared, request, deadlineAt, signal)
      const location = exchange.headers.location
      if (exchange.end !== 'answered' || !isRedirect(exchange.status, location)) {
        const outcome = exchangeOutcome(exchange, { ...prepared, place }, this.#clock.now())
        return hops === 0 ? outcome : afterRedirect(outcome)
      }
      // A status the target calls good is an answer, wherever it points.
      if (prepared.target.acceptStatus !== undefined && prepared.accepts(exchange.status)) {
        return answeredWell(exchange)
      }
      if (hops === prepared.redirectsMax) return redirectError(exchange, `more than ${hops} redirects`)
      const hop = nextHop(request, exchange.status, location)
      if (hop.kind === 'refuse') return redirectError(exchange, hop.message)
      request = hop.request
      place = placeOf(hop.url)
    }
  }

  #exchange(
    prepared: PreparedTarget,
    request: WireRequest,
    deadlineAt: number,
    signal: StopSignal,
  ): Promise<Exchange> {
    return new Promise((resolve) => {
      this.#sender.send(new Exchange(request, prepared.responseBytesMax, resolve), deadlineAt, signal)
    })
  }
}

function redirectError(exchange: Exchange, message: string): Outcome {
  return {
    kind: 'error',
    code: 'redirect',
    message,
    reached: 'yes',
    retryable: false,
    response: responseRecord(exchange),
    ...timingOf(exchange),
  }
}

/** Somebody answered the first request, so nobody can say that nothing was reached. */
function afterRedirect(outcome: Outcome): Outcome {
  const reached: Reached = 'maybe'
  if (outcome.kind !== 'error' && outcome.kind !== 'timeout') return outcome
  return outcome.reached === 'no' ? { ...outcome, reached } : outcome
}
