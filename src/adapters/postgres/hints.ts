// Hints from node to node by NOTIFY. Several of one moment go out as one, on a connection that no step waits for.
// PostgreSQL keeps no notifications for who is not connected, which is fine: a hint may be lost.

import type { Clock } from '../../ports/clock.ts'
import type { Hint, Hints as HintsPort } from '../../ports/store.ts'
import type { Connection } from './connection.ts'
import { sql } from './sql.ts'

type Loop = Hint['loop']

const GATHER_MS = 20
const CONNECT_AGAIN_MS = 1_000
/** A payload has 8,000 bytes; who is not named stops a little later. */
const STOP_MAX = 200
const LOOPS: readonly Loop[] = ['planner', 'runner', 'courier', 'node']

const NOTIFY = sql("SELECT pg_notify('carillon', $1)")

export class Hints implements HintsPort {
  readonly #connect: () => Promise<Connection>
  readonly #clock: Clock
  readonly #listeners = new Set<(hint: Hint) => void>()
  readonly #pending = new Map<Loop, string[]>()
  /** Which messages are one's own. */
  readonly #self: string
  #connection: Connection | null = null
  #cancel: (() => void)[] = []
  #sending = false
  #closed = false

  constructor(connect: () => Promise<Connection>, clock: Clock, self: string) {
    this.#connect = connect
    this.#clock = clock
    this.#self = self
  }

  tell({ loop, stop }: Hint): void {
    if (this.#closed || this.#connection === null) return
    const quiet = this.#pending.size === 0
    this.#pending.set(loop, [...(this.#pending.get(loop) ?? []), ...stop].slice(0, STOP_MAX))
    if (quiet && !this.#sending) this.#later(GATHER_MS, () => void this.#send())
  }

  listen(heard: (hint: Hint) => void): () => void {
    this.#listeners.add(heard)
    if (this.#connection === null) void this.open()
    return () => this.#listeners.delete(heard)
  }

  async open(): Promise<void> {
    if (this.#closed || this.#connection !== null) return
    try {
      const connection = await this.#connect()
      if (this.#closed || this.#connection !== null) {
        connection.destroy()
        return
      }
      this.#connection = connection
      connection.onNotification((payload) => this.#hear(payload))
      connection.onLost(() => this.#lost(connection))
      await connection.exec('LISTEN carillon')
      // Something may have been said while nobody listened.
      for (const loop of LOOPS) this.#pass({ loop, stop: [] })
    } catch {
      this.#lost(this.#connection)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const cancel of this.#cancel) cancel()
    this.#connection?.destroy()
    this.#connection = null
  }

  #lost(connection: Connection | null): void {
    if (this.#connection !== connection) return
    this.#connection?.destroy()
    this.#connection = null
    this.#pending.clear()
    if (!this.#closed) this.#later(CONNECT_AGAIN_MS, () => void this.open())
  }

  async #send(): Promise<void> {
    const hints = Object.fromEntries(this.#pending)
    this.#pending.clear()
    const connection = this.#connection
    if (connection === null) return
    this.#sending = true
    try {
      await connection.ask(NOTIFY, [JSON.stringify({ from: this.#self, hints })])
    } catch {
      this.#lost(connection)
    }
    this.#sending = false
    if (this.#pending.size > 0) this.#later(GATHER_MS, () => void this.#send())
  }

  /** Whoever may connect to the database may say anything here: what is not understood is ignored. */
  #hear(payload: string): void {
    try {
      const { from, hints } = JSON.parse(payload) as { from: string; hints: Record<Loop, unknown> }
      if (from === this.#self) return
      for (const loop of LOOPS) {
        const stop = hints[loop]
        if (Array.isArray(stop)) this.#pass({ loop, stop: stop.filter((id) => typeof id === 'string') })
      }
    } catch {
      // Not a hint.
    }
  }

  #pass(hint: Hint): void {
    for (const heard of this.#listeners) heard(hint)
  }

  #later(ms: number, act: () => void): void {
    const cancel = this.#clock.after(ms, () => {
      this.#cancel = this.#cancel.filter((other) => other !== cancel)
      act()
    })
    this.#cancel.push(cancel)
  }
}
