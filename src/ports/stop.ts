// How the end of an attempt is asked for. Every attempt has a way to be stopped and almost none is: an AbortController for
// each would weigh more than all else that is kept of it.

export type StopListener = (() => void) | { handleEvent(): void }

/** As much of an AbortSignal as is needed, so that any AbortSignal is one. */
export interface StopSignal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: StopListener): void
  removeEventListener(type: 'abort', listener: StopListener): void
}

const NOBODY: readonly StopListener[] = []

export class Stop implements StopSignal {
  #aborted = false
  /** Hardly ever more than one: each list is as long as it must be, where one that grows takes room for many. */
  #listeners: readonly StopListener[] = NOBODY

  get aborted(): boolean {
    return this.#aborted
  }

  addEventListener(_: 'abort', listener: StopListener): void {
    const listeners = this.#listeners
    if (listeners.length === 0) this.#listeners = [listener]
    else if (!listeners.includes(listener)) this.#listeners = listeners.concat(listener)
  }

  removeEventListener(_: 'abort', listener: StopListener): void {
    const at = this.#listeners.indexOf(listener)
    if (at >= 0) this.#listeners = this.#listeners.length === 1 ? NOBODY : this.#listeners.toSpliced(at, 1)
  }

  /** Tells each listener once, however often it is called. */
  stop(): void {
    if (this.#aborted) return
    this.#aborted = true
    const listeners = this.#listeners
    this.#listeners = NOBODY
    for (const listener of listeners) {
      if (typeof listener === 'function') listener()
      else listener.handleEvent()
    }
  }
}
