// Live news inside one process: the last ones are kept so that a watcher who lost the connection for a moment
// can go on where it was. Only a hint: the ledger is the truth.

import type { CarillonEvent, Events } from '../../ports/events.ts'

export type NumberedEvent = { readonly id: string; readonly event: CarillonEvent }
type Listener = (events: readonly NumberedEvent[]) => void

/** Events kept for resuming, from the first watcher on: before that nobody has an id to go on from. */
export const EVENTS_KEPT_MAX = 10_000

export class EventHub implements Events {
  readonly #epoch: string
  readonly #kept: (CarillonEvent | undefined)[] = new Array(EVENTS_KEPT_MAX)
  readonly #listeners = new Set<Listener>()
  #count = 0
  /** Nothing older is kept. */
  #keptFrom = Number.POSITIVE_INFINITY

  /** `epoch` tells this process's ids from another's. */
  constructor(epoch: string) {
    this.#epoch = epoch
  }

  publish(events: readonly CarillonEvent[]): void {
    if (events.length === 0) return
    const first = this.#count
    this.#count += events.length
    if (this.#keptFrom === Number.POSITIVE_INFINITY) return
    for (const [n, event] of events.entries()) this.#kept[(first + n) % EVENTS_KEPT_MAX] = event
    if (this.#listeners.size === 0) return
    const numbered = events.map((event, n) => ({ id: this.#id(first + n), event }))
    for (const listener of this.#listeners) listener(numbered)
  }

  /** Returns the way to stop listening. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    this.#keptFrom = Math.min(this.#keptFrom, this.#count)
    return () => this.#listeners.delete(listener)
  }

  /** What came after `id`; null when that is no longer known and the watcher must look at the ledger again. */
  since(id: string): readonly NumberedEvent[] | null {
    const [epoch, number] = id.split('-')
    const from = Number(number) + 1
    if (epoch !== this.#epoch || !Number.isSafeInteger(from) || from > this.#count) return null
    if (from < Math.max(this.#count - EVENTS_KEPT_MAX, Math.min(this.#keptFrom, this.#count))) return null
    const events: NumberedEvent[] = []
    for (let n = Math.max(from, 0); n < this.#count; n += 1) {
      events.push({ id: this.#id(n), event: this.#kept[n % EVENTS_KEPT_MAX]! })
    }
    return events
  }

  /** The id of the newest event. */
  get lastId(): string {
    return this.#id(this.#count - 1)
  }

  #id(number: number): string {
    return `${this.#epoch}-${number}`
  }
}
