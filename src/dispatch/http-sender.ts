// Carries exchanges out: finds each its lane, holds its deadline, hears its signal. Knows HTTP, no jobs.

import type { Clock } from '../ports/clock.ts'
import type { StopSignal } from '../ports/stop.ts'
import { Aborts } from './aborts.ts'
import type { AddressGuard } from './address-guard.ts'
import { type ConnectFor, createConnector, type TlsOptions } from './connector.ts'
import { Deadlines } from './deadlines.ts'
import type { Exchange, ExchangeOwner, WireRequest } from './exchange.ts'
import { Lane } from './lane.ts'

/** Connections and lanes that nobody used for this long are forgotten. */
const PRUNE_AFTER_MS = 60_000

export type SenderOptions = {
  readonly clock: Clock
  readonly guard: AddressGuard
  readonly connectionsPerOrigin: number
  readonly tls?: TlsOptions
  /** May a request still leave? Asked when its connection stands. Default: yes. */
  readonly mayLeave?: (() => boolean) | undefined
}

export class HttpSender implements ExchangeOwner, AsyncDisposable {
  readonly #clock: Clock
  readonly #connect: ConnectFor
  readonly #tls: TlsOptions | undefined
  readonly #connectionsPerOrigin: number
  readonly #mayLeave: () => boolean
  readonly #lanes = new Map<string, Lane>()
  /** Holds every exchange under way. */
  readonly #deadlines: Deadlines<Exchange>
  readonly #aborts = new Aborts()
  #prunedAt = 0
  #closed = false

  constructor(options: SenderOptions) {
    this.#clock = options.clock
    this.#connect = createConnector(options.guard, options.tls)
    this.#tls = options.tls
    this.#connectionsPerOrigin = options.connectionsPerOrigin
    this.#mayLeave = options.mayLeave ?? (() => true)
    this.#deadlines = new Deadlines(options.clock)
  }

  /** The exchange hears how it ended by its own callback, never before this call has returned control to it. */
  send(exchange: Exchange, deadlineAt: number, signal: StopSignal): void {
    if (signal.aborted || this.#closed) {
      exchange.cancel()
      return
    }
    const now = this.#clock.monotonic()
    exchange.owner = this
    exchange.signal = signal
    exchange.begunAt = now
    exchange.deadlineAt = deadlineAt
    this.#deadlines.add(exchange)
    this.#aborts.watch(signal, exchange)
    if (now - this.#prunedAt > PRUNE_AFTER_MS) this.#prune(now)
    this.#lane(exchange.request).send(exchange, now)
  }

  mayLeave(): boolean {
    return this.#mayLeave()
  }

  now(): number {
    return this.#clock.monotonic()
  }

  ended(exchange: Exchange): void {
    this.#deadlines.remove(exchange)
    if (exchange.signal !== null) this.#aborts.forget(exchange.signal, exchange)
    this.#lanes.get(laneKey(exchange.request))?.release(exchange, this.#clock.monotonic())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const exchange of this.#deadlines.all()) exchange.cancel()
    await Promise.all([...this.#lanes.values()].map((lane) => lane.close()))
    this.#lanes.clear()
  }

  #lane(request: WireRequest): Lane {
    const key = laneKey(request)
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      const { origin, guard } = request
      const connect = guard === undefined ? this.#connect : createConnector(guard, this.#tls)
      lane = new Lane(origin, connect, this.#connectionsPerOrigin)
      this.#lanes.set(key, lane)
    }
    return lane
  }

  #prune(now: number): void {
    this.#prunedAt = now
    for (const [key, lane] of this.#lanes) {
      if (lane.prune(now - PRUNE_AFTER_MS)) this.#lanes.delete(key)
    }
  }
}

/** What one project may reach another may not: their connections are kept apart. */
function laneKey({ origin, guard }: WireRequest): string {
  return guard === undefined || guard.key === '' ? origin : `${origin} ${guard.key}`
}
