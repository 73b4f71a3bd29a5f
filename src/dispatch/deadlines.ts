// Many deadlines on one timer: a binary heap ordered by time, every entry knowing its place, so that the usual
// case (answered long before) takes its entry out again without a search and without a timer of its own.

import type { Clock } from '../ports/clock.ts'

export type Expirable = {
  /** On the clock's monotonic scale. */
  deadlineAt: number
  /** Place in the heap; -1: not in it. */
  deadlineSlot: number
  expire(): void
}

export class Deadlines<Item extends Expirable> {
  readonly #clock: Clock
  readonly #heap: Item[] = []
  #armedFor = Number.POSITIVE_INFINITY
  #cancelTimer: (() => void) | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  all(): Item[] {
    return [...this.#heap]
  }

  add(item: Item): void {
    item.deadlineSlot = this.#heap.length
    this.#heap.push(item)
    this.#up(item)
    if (item.deadlineAt < this.#armedFor) this.#arm()
  }

  remove(item: Item): void {
    const slot = item.deadlineSlot
    if (slot < 0) return
    item.deadlineSlot = -1
    const last = this.#heap.pop()!
    if (last !== item) {
      last.deadlineSlot = slot
      this.#heap[slot] = last
      this.#up(last)
      this.#down(last)
    }
    // A timer that is armed too early only wakes once for nothing; an idle process has none at all.
    if (this.#heap.length === 0) this.#disarm()
  }

  #arm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    const first = this.#heap[0]
    this.#armedFor = first === undefined ? Number.POSITIVE_INFINITY : first.deadlineAt
    if (first === undefined) return
    const wait = Math.max(0, Math.ceil(first.deadlineAt - this.#clock.monotonic()))
    this.#cancelTimer = this.#clock.after(wait, () => this.#ring())
  }

  #disarm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#armedFor = Number.POSITIVE_INFINITY
  }

  #ring(): void {
    this.#cancelTimer = null
    const now = this.#clock.monotonic()
    for (let first = this.#heap[0]; first !== undefined && first.deadlineAt <= now; first = this.#heap[0]) {
      this.remove(first)
      first.expire()
    }
    this.#arm()
  }

  #up(item: Item): void {
    const heap = this.#heap
    let slot = item.deadlineSlot
    while (slot > 0) {
      const parentSlot = (slot - 1) >> 1
      const parent = heap[parentSlot]!
      if (parent.deadlineAt <= item.deadlineAt) break
      heap[slot] = parent
      parent.deadlineSlot = slot
      slot = parentSlot
    }
    heap[slot] = item
    item.deadlineSlot = slot
  }

  #down(item: Item): void {
    const heap = this.#heap
    let slot = item.deadlineSlot
    for (let childSlot = 2 * slot + 1; childSlot < heap.length; childSlot = 2 * slot + 1) {
      const right = heap[childSlot + 1]
      if (right !== undefined && right.deadlineAt < heap[childSlot]!.deadlineAt) childSlot += 1
      const child = heap[childSlot]!
      if (child.deadlineAt >= item.deadlineAt) break
      heap[slot] = child
      child.deadlineSlot = slot
      slot = childSlot
    }
    heap[slot] = item
    item.deadlineSlot = slot
  }
}
