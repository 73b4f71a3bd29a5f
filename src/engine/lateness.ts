// How late runs start on this node: from the due instant to the first attempt, over the last minutes.

import type { Clock } from '../ports/clock.ts'
import type { CarillonEvent, Events } from '../ports/events.ts'

const REMEMBERED_MAX = 4_096
const REMEMBERED_MS = 5 * 60_000

type Start = { readonly at: number; readonly lateMs: number }

export class Lateness implements Events {
  readonly #clock: Clock
  readonly #starts: Start[] = []
  #next = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  publish(events: readonly CarillonEvent[]): void {
    for (const { type, data } of events) if (type === 'run.running') this.#add(data)
  }

  /** null: nothing started lately. */
  figures(): { latenessP50Ms: number | null; latenessP99Ms: number | null } {
    const since = this.#clock.monotonic() - REMEMBERED_MS
    const sorted = this.#starts
      .filter(({ at }) => at >= since)
      .map(({ lateMs }) => lateMs)
      .sort((a, b) => a - b)
    return { latenessP50Ms: quantile(sorted, 0.5), latenessP99Ms: quantile(sorted, 0.99) }
  }

  /** A catch-up run is late by its nature, and a further attempt by its cause. */
  #add(data: CarillonEvent['data']): void {
    if (data['attempts'] !== 1 || data['late'] === true) return
    const lateMs = Math.max(0, this.#clock.now() - Number(data['dueAt']))
    this.#starts[this.#next] = { at: this.#clock.monotonic(), lateMs }
    this.#next = (this.#next + 1) % REMEMBERED_MAX
  }
}

function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
}
