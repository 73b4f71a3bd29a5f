// A bounded number of connections. Who waits for one waits for a bounded time. When one breaks, the idle ones are not
// trusted either: most likely they lead to the same database that is gone.

import type { Clock } from '../../ports/clock.ts'
import { StoreUnavailable } from '../../ports/store.ts'
import type { Connection } from './connection.ts'

export type PoolOptions = {
  readonly connect: () => Promise<Connection>
  readonly max: number
  readonly checkoutMs: number
  readonly clock: Clock
}

type Waiter = { readonly give: (connection: Connection) => void; readonly refuse: (error: unknown) => void }

const GOODBYE_MS = 1_000

export class Pool {
  readonly #options: PoolOptions
  #idle: Connection[] = []
  readonly #waiting: Waiter[] = []
  readonly #all = new Set<Connection>()
  /** Not used again once they are given back. */
  readonly #outworn = new WeakSet<Connection>()
  #opening = 0
  #closed = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Also says whether it is new, so that nothing stale can be its fault. */
  async acquire(): Promise<{ connection: Connection; fresh: boolean }> {
    if (this.#closed) throw new StoreUnavailable('the store is closed')
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (!idle.lost) return { connection: idle, fresh: false }
      this.#all.delete(idle)
    }
    if (this.#all.size + this.#opening < this.#options.max)
      return { connection: await this.#open(), fresh: true }
    return { connection: await this.#wait(), fresh: false }
  }

  release(connection: Connection): void {
    if (this.#closed || connection.lost || this.#outworn.has(connection)) {
      this.#all.delete(connection)
      connection.destroy()
      if (!this.#closed) this.#replaceFor()
      return
    }
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(connection)
    else next.give(connection)
  }

  /** Nothing that is idle is used again. */
  distrustIdle(): void {
    for (const connection of this.#idle) {
      this.#all.delete(connection)
      connection.destroy()
    }
    this.#idle = []
  }

  /** Nor is what is in use now. */
  distrustAll(): void {
    this.distrustIdle()
    for (const connection of this.#all) this.#outworn.add(connection)
  }

  /** What is under way fails at once, and nothing more begins. */
  cutOff(): void {
    this.#refuseAll()
    for (const connection of this.#all) connection.destroy()
  }

  async close(): Promise<void> {
    this.#refuseAll()
    await this.#goodbye()
    this.#idle = []
  }

  #refuseAll(): void {
    this.#closed = true
    for (const { refuse } of this.#waiting.splice(0)) refuse(new StoreUnavailable('the store is closed'))
  }

  /** Who does not answer it is cut off, and not waited for. */
  #goodbye(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#options.clock.after(GOODBYE_MS, () => {
      for (const connection of this.#all) connection.destroy()
      resolve()
    })
    Promise.all(this.#idle.map((connection) => connection.close())).then(() => {
      cancel()
      resolve()
    })
    return promise
  }

  async #open(): Promise<Connection> {
    this.#opening += 1
    try {
      const connection = await this.#options.connect()
      if (this.#closed) {
        connection.destroy()
        throw new StoreUnavailable('the store is closed')
      }
      this.#all.add(connection)
      return connection
    } finally {
      this.#opening -= 1
    }
  }

  #wait(): Promise<Connection> {
    return new Promise((resolve, reject) => {
      // Whoever gave up may still be given one that was being opened for it; then the next one gets it.
      let over = false
      const waiter: Waiter = {
        give: (connection) => {
          cancel()
          if (over) this.release(connection)
          else resolve(connection)
          over = true
        },
        refuse(error) {
          cancel()
          reject(error)
          over = true
        },
      }
      const cancel = this.#options.clock.after(this.#options.checkoutMs, () => {
        over = true
        const place = this.#waiting.indexOf(waiter)
        if (place >= 0) this.#waiting.splice(place, 1)
        const ms = this.#options.checkoutMs
        reject(new StoreUnavailable(`no connection to the database was free within ${ms} ms`))
      })
      this.#waiting.push(waiter)
    })
  }

  /** A broken connection gave its place back: whoever waits first gets a new one, or hears why there is none. */
  #replaceFor(): void {
    const next = this.#waiting.shift()
    if (next !== undefined) this.#open().then(next.give, next.refuse)
  }
}
