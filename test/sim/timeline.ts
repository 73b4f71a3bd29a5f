// Time of a simulation. It jumps from one event to the next; what follows from an event follows before the next one.
// The same events in the same order, whatever machine and whatever load.

type Event = { readonly at: number; readonly order: number; act: (() => void) | null }

/** More than this in one simulated second is something that goes round without resting. */
const EVENTS_PER_SECOND_MAX = 50_000
const STEPS_PER_EVENT_MAX = 5_000

export class Timeline {
  /** Milliseconds since the beginning, with fractions. */
  now = 0
  /** Events so far. */
  events = 0
  #stepsNow = 0
  readonly #heap: Event[] = []
  #order = 0

  after(ms: number, act: () => void): () => void {
    const event: Event = { at: this.now + Math.max(0, ms), order: this.#order, act }
    this.#order += 1
    this.#push(event)
    return () => {
      event.act = null
    }
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  /** Something that could go on without time passing. Says whether it may: nothing is to go round for ever. */
  mayStep(): boolean {
    this.#stepsNow += 1
    return this.#stepsNow <= STEPS_PER_EVENT_MAX
  }

  async run(until: number): Promise<void> {
    let second = 0
    let events = 0
    for (let event = this.#heap[0]; event !== undefined && event.at <= until; event = this.#heap[0]) {
      this.#pop()
      if (event.act === null) continue
      this.now = event.at
      if (Math.floor(event.at / 1_000) !== second) {
        second = Math.floor(event.at / 1_000)
        events = 0
      }
      events += 1
      this.#stepsNow = 0
      if (events > EVENTS_PER_SECOND_MAX) throw new Error(`goes round without resting at ${event.at} ms`)
      event.act()
      // Called from a promise, this comes after everything that follows from promises.
      await new Promise<void>((resolve) => process.nextTick(resolve))
      this.events += 1
    }
    this.now = until
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (!isBefore(event, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
