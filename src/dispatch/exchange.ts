// One request on the wire and what came back: the handler that the HTTP client calls. It keeps the body up to
// a cap, counts the rest, and ends exactly once, whoever is first: the answer, an error, the deadline, the caller.

import type { Dispatcher as HttpClient } from 'undici'
import { GatheredBytes } from '../domain/gathered-bytes.ts'
import type { StopSignal } from '../ports/stop.ts'
import type { Abortable } from './aborts.ts'
import type { AddressGuard } from './address-guard.ts'
import type { Expirable } from './deadlines.ts'
import { ResponseTooLarge } from './failures.ts'

/** Bytes of one answer read before the connection is cut, kept or not. */
export const RESPONSE_READ_MAX = 64 * 1_048_576

export type WireRequest = {
  /** Scheme, host and port: which lane it takes. */
  readonly origin: string
  readonly path: string
  readonly method: string
  /** Names and values in turn. */
  readonly headers: string[]
  readonly body: Buffer | null
  /** Who says where it may go; absent: the sender's own. */
  readonly guard?: AddressGuard
  /** It carries what only its origin may see, and is not redirected to another. */
  readonly bound?: boolean
}

/** `unsent`: it may no longer leave. */
export type ExchangeEnd = 'answered' | 'failed' | 'timeout' | 'cancelled' | 'unsent'
export type WireHeaders = Record<string, string | string[] | undefined>

/** What the sender must give back when an exchange ends, and who is told. */
export type ExchangeOwner = {
  ended(exchange: Exchange): void
  /** Asked at the last moment, when a connection stands. */
  mayLeave(): boolean
  /** Of the monotonic clock. */
  now(): number
}

const NO_HEADERS: WireHeaders = {}
const GONE = new Error('this exchange has ended already')

export class Exchange implements HttpClient.DispatchHandler, Expirable, Abortable {
  readonly request: WireRequest
  readonly bodyMax: number
  readonly #readMax: number
  readonly #onEnd: (exchange: Exchange) => void

  end: ExchangeEnd | null = null
  error: Error | null = null
  /** It got a connection, or one began to be opened for it. */
  carried = false
  /** The request was handed to a connection that stands: it may have arrived. */
  started = false
  /** 0: no status line came. */
  status = 0
  headers: WireHeaders = NO_HEADERS
  /** Bytes of the body that came, kept or not. */
  bytes = 0

  /** Moments of the monotonic clock; null: it never came to that. */
  begunAt = 0
  sentAt: number | null = null
  firstByteAt: number | null = null

  deadlineAt = 0
  deadlineSlot = -1
  owner: ExchangeOwner | null = null
  signal: StopSignal | null = null
  /** The connection that carries it; null while it waits for one. */
  connection: unknown = null

  #first: Buffer | null = null
  /** There was more than one piece. */
  #all: GatheredBytes | null = null
  #kept = 0

  constructor(
    request: WireRequest,
    bodyMax: number,
    onEnd: (exchange: Exchange) => void,
    readMax: number = RESPONSE_READ_MAX,
  ) {
    this.request = request
    this.bodyMax = bodyMax
    this.#onEnd = onEnd
    this.#readMax = readMax
  }

  /** The kept part of the body. */
  body(): Buffer | null {
    return this.#all === null ? this.#first : this.#all.bytes()
  }

  get truncated(): boolean {
    return this.bytes > this.#kept || (this.end !== 'answered' && this.status !== 0)
  }

  expire(): void {
    this.#finish('timeout', null)
  }

  cancel(): void {
    this.#finish('cancelled', null)
  }

  /** The caller's signal was aborted. */
  handleEvent(): void {
    this.cancel()
  }

  onRequestStart(controller: HttpClient.DispatchController): void {
    if (this.end === null && this.owner?.mayLeave() === false) this.#finish('unsent', null)
    // Whatever ended before it was sent stays unsent.
    if (this.end !== null) {
      controller.abort(GONE)
      throw GONE
    }
    this.started = true
    this.sentAt = this.owner?.now() ?? null
  }

  onResponseStart(_: HttpClient.DispatchController, status: number, headers: WireHeaders): void {
    if (status < 200 || this.end !== null) return
    this.status = status
    this.headers = headers
    this.firstByteAt = this.owner?.now() ?? null
  }

  onResponseData(_: HttpClient.DispatchController, chunk: Buffer): void {
    if (this.end !== null) return
    this.bytes += chunk.length
    const room = this.bodyMax - this.#kept
    if (room > 0) this.#keep(chunk.length <= room ? chunk : chunk.subarray(0, room))
    if (this.bytes > this.#readMax) this.#finish('failed', new ResponseTooLarge(this.#readMax))
  }

  onResponseEnd(): void {
    this.#finish('answered', null)
  }

  onResponseError(_: HttpClient.DispatchController | null, error: Error): void {
    this.#finish('failed', error)
  }

  #keep(chunk: Buffer): void {
    this.#kept += chunk.length
    if (this.#first === null) {
      this.#first = chunk
      return
    }
    if (this.#all === null) {
      this.#all = new GatheredBytes()
      this.#all.add(this.#first)
    }
    this.#all.add(chunk)
  }

  #finish(end: ExchangeEnd, error: Error | null): void {
    if (this.end !== null) return
    this.end = end
    this.error = error
    // The owner closes the connection of whatever did not end with an answer.
    this.owner?.ended(this)
    this.#onEnd(this)
  }
}
