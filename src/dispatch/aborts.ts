// Listens to the callers' signals. A signal of its own, the usual case, gets the call itself as its listener.
// One that several calls share gets one listener for all: EventTarget searches its listeners one by one, which
// twenty thousand calls under one signal would feel.

import type { StopSignal } from '../ports/stop.ts'

export type Abortable = { cancel(): void; handleEvent(): void }

export class Aborts {
  readonly #shared = new WeakMap<StopSignal, Set<Abortable>>()
  #last: StopSignal | null = null

  watch(signal: StopSignal, item: Abortable): void {
    const sharers = this.#shared.get(signal)
    if (sharers !== undefined) {
      sharers.add(item)
    } else if (signal === this.#last) {
      this.#share(signal, item)
    } else {
      this.#last = signal
      signal.addEventListener('abort', item)
    }
  }

  forget(signal: StopSignal, item: Abortable): void {
    if (this.#shared.get(signal)?.delete(item) !== true) signal.removeEventListener('abort', item)
  }

  #share(signal: StopSignal, item: Abortable): void {
    const items = new Set([item])
    this.#shared.set(signal, items)
    const cancelAll = () => {
      for (const each of [...items]) each.cancel()
    }
    signal.addEventListener('abort', cancelAll)
  }
}
