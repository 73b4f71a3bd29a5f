// The connections to one origin. Every connection carries one request at a time; the one used last is used
// next, so that a quiet hour needs few. What finds none free waits here, in order.

import type { Socket } from 'node:net'
import { Client } from 'undici'
import type { ConnectFor } from './connector.ts'
import type { Exchange } from './exchange.ts'

/** Longest header block of an answer. */
export const RESPONSE_HEADER_BLOCK_MAX = 65_536

/** An idle connection is closed after this, or 2 s before the server said it would close it. */
const IDLE_CONNECTION_MS = 4_000
/** What a server may ask for by its Keep-Alive header. */
const IDLE_CONNECTION_MAX_MS = 120_000

export class Lane {
  readonly #origin: string
  readonly #connect: ConnectFor
  readonly #connectionsMax: number
  readonly #idle: Connection[] = []
  readonly #all = new Set<Connection>()
  #waiting: Exchange[] = []
  #waitingHead = 0

  constructor(origin: string, connect: ConnectFor, connectionsMax: number) {
    this.#origin = origin
    this.#connect = connect
    this.#connectionsMax = connectionsMax
  }

  send(exchange: Exchange, now: number): void {
    const connection = this.#idle.pop() ?? this.#open()
    if (connection === null) this.#waiting.push(exchange)
    else connection.carry(exchange, now)
  }

  /** The exchange has ended; its connection takes the next one, or is given up when it did not end well. */
  release(exchange: Exchange, now: number): void {
    const connection = exchange.connection
    if (!(connection instanceof Connection)) return
    exchange.connection = null
    if (exchange.end === 'answered') {
      const next = this.#nextWaiting()
      if (next === null) this.#idle.push(connection)
      else connection.carry(next, now)
      return
    }
    this.#all.delete(connection)
    void connection.close()
    // Later, not here: a queue of a thousand that all fail at once must not pile up on the stack.
    if (this.#waiting.length > 0) queueMicrotask(() => this.#refill(now))
  }

  /** Forgets connections that nobody used since `before`. True: nothing is left. */
  prune(before: number): boolean {
    let old = 0
    while (old < this.#idle.length && this.#idle[old]!.usedAt < before) old += 1
    for (const connection of this.#idle.splice(0, old)) {
      this.#all.delete(connection)
      void connection.close()
    }
    return this.#all.size === 0
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((connection) => connection.close()))
  }

  #refill(now: number): void {
    const next = this.#nextWaiting()
    if (next !== null) this.send(next, now)
  }

  #open(): Connection | null {
    if (this.#all.size >= this.#connectionsMax) return null
    const connection = new Connection(this.#origin, this.#connect)
    this.#all.add(connection)
    return connection
  }

  #nextWaiting(): Exchange | null {
    while (this.#waitingHead < this.#waiting.length) {
      const next = this.#waiting[this.#waitingHead]!
      this.#waitingHead += 1
      if (this.#waitingHead > 1_024) {
        this.#waiting = this.#waiting.slice(this.#waitingHead)
        this.#waitingHead = 0
      }
      // Timed out or cancelled while it waited.
      if (next.end === null) return next
    }
    this.#waiting.length = 0
    this.#waitingHead = 0
    return null
  }
}

class Connection {
  readonly #client: Client
  #connecting: Socket | null = null
  usedAt = 0

  constructor(origin: string, connect: ConnectFor) {
    this.#client = new Client(origin, {
      connect: connect((socket) => {
        this.#connecting = socket
      }),
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: IDLE_CONNECTION_MS,
      keepAliveMaxTimeout: IDLE_CONNECTION_MAX_MS,
      maxHeaderSize: RESPONSE_HEADER_BLOCK_MAX,
      // The deadline of the exchange covers both.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  carry(exchange: Exchange, now: number): void {
    this.usedAt = now
    exchange.connection = this
    exchange.carried = true
    this.#client.dispatch(exchange.request as Parameters<Client['dispatch']>[0], exchange)
  }

  /** After the current callback: the client must not lose its socket in the middle of reading from it. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      queueMicrotask(() => {
        this.#client.destroy(() => resolve())
        this.#connecting?.destroy()
        this.#connecting = null
      })
    })
  }
}
