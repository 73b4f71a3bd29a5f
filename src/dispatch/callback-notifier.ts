// Tells a callback how a run ended: one POST of JSON. Told twice, the receiver sees the same delivery id twice.

import { formatDuration } from '../domain/duration.ts'
import type { Callback } from '../domain/effect.ts'
import type { TargetRules } from '../domain/target-rules.ts'
import type { Clock } from '../ports/clock.ts'
import type { DeliveryResult, Notifier } from '../ports/dispatcher.ts'
import type { AddressGuard } from './address-guard.ts'
import type { TlsOptions } from './connector.ts'
import { Exchange, type WireRequest } from './exchange.ts'
import { answerText } from './exchange-outcome.ts'
import { HttpSender } from './http-sender.ts'
import { describeFailure } from './network-failure.ts'
import { callableUrl, ownHeaders, placeOf } from './prepared-target.ts'
import { signatureHeaders } from './webhook-signature.ts'

/** Nobody reads a callback's answer; more than this cuts the connection. */
export const CALLBACK_RESPONSE_READ_MAX = 4_096

export type CallbackNotifierOptions = {
  readonly clock: Clock
  readonly guard: AddressGuard
  /** The guard of projects with rules of their own. Default: the one above. */
  readonly guardOf?: (rules: TargetRules) => AddressGuard
  readonly userAgent: string
  readonly connectionsPerOrigin?: number
  readonly tls?: TlsOptions
  /** May a request still leave? The node's lease says so. */
  readonly mayLeave?: () => boolean
}

export function createCallbackNotifier(options: CallbackNotifierOptions): Notifier & AsyncDisposable {
  const { clock, guard, userAgent, guardOf = () => guard } = options
  const sender = new HttpSender({
    clock,
    guard,
    connectionsPerOrigin: options.connectionsPerOrigin ?? 32,
    mayLeave: options.mayLeave,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  })

  return {
    notify({ id, callback, body, timeoutMs, targets }, signal) {
      return new Promise((resolve) => {
        try {
          const url = callableUrl(callback.url)
          const request = callbackRequest(url, callback, { id, body, userAgent, at: clock.now() })
          const exchange = new Exchange(
            targets === undefined ? request : { ...request, guard: guardOf(targets) },
            0,
            (ended) => resolve(deliveryResult(ended, placeOf(url), timeoutMs)),
            CALLBACK_RESPONSE_READ_MAX,
          )
          sender.send(exchange, clock.monotonic() + timeoutMs, signal)
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error)
          resolve({ ok: false, status: null, message: `the callback cannot be sent: ${reason}` })
        }
      })
    },
    [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose](),
  }
}

function callbackRequest(
  url: URL,
  callback: Callback,
  { id, body, userAgent, at }: { id: string; body: string; userAgent: string; at: number },
): WireRequest {
  const own = ownHeaders(callback)
  const has = (name: string) => own.some((text, index) => index % 2 === 0 && text.toLowerCase() === name)
  const bytes = Buffer.from(body)
  const { sign } = callback
  return {
    origin: url.origin,
    path: url.pathname + url.search,
    method: 'POST',
    headers: [
      ...(has('user-agent') ? [] : ['User-Agent', userAgent]),
      ...(has('content-type') ? [] : ['Content-Type', 'application/json']),
      ...['Accept-Encoding', 'identity', 'Carillon-Delivery-Id', id, 'Idempotency-Key', id],
      ...own,
      ...(sign === undefined ? [] : signatureHeaders(sign.secrets, { id, at, body: bytes })),
    ],
    body: bytes,
  }
}

function deliveryResult(exchange: Exchange, place: string, timeoutMs: number): DeliveryResult {
  // The status alone says whether it was heard; how the rest of the answer went does not matter.
  if (exchange.status !== 0) {
    const ok = exchange.status >= 200 && exchange.status < 300
    return { ok, status: exchange.status, message: answerText(exchange.status) }
  }
  return { ok: false, status: null, message: failureText(exchange, place, timeoutMs) }
}

function failureText(exchange: Exchange, place: string, timeoutMs: number): string {
  if (exchange.end === 'cancelled') return 'the call was cancelled'
  if (exchange.end === 'unsent') return 'the node lost its lease before it was sent'
  if (exchange.end === 'timeout') {
    const limit = formatDuration(timeoutMs)
    return exchange.started ? `no answer within ${limit}` : `could not connect to ${place} within ${limit}`
  }
  return describeFailure(exchange, place).message
}
