// News of logs within this process.

import type { Clock } from '../../ports/clock.ts'
import type { LogNews, LogWatch } from '../../ports/log-news.ts'

export class NewsBoard implements LogNews {
  readonly #clock: Clock
  readonly #watches = new Map<string, Set<Watch>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  tell(runId: string): void {
    for (const watch of this.#watches.get(runId) ?? []) watch.told()
  }

  watch(runId: string): LogWatch {
    const watches = this.#watches.get(runId) ?? new Set<Watch>()
    this.#watches.set(runId, watches)
    const watch = new Watch(this.#clock, () => {
      watches.delete(watch)
      if (watches.size === 0 && this.#watches.get(runId) === watches) this.#watches.delete(runId)
    })
    watches.add(watch)
    return watch
  }
}

class Watch implements LogWatch {
  readonly #clock: Clock
  readonly #end: () => void
  #news = false
  #wake: (() => void) | null = null

  constructor(clock: Clock, end: () => void) {
    this.#clock = clock
    this.#end = end
  }

  told(): void {
    this.#news = true
    this.#wake?.()
  }

  async next(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#news && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      const cancel = this.#clock.after(ms, resolve)
      const aborted = (): void => resolve()
      signal.addEventListener('abort', aborted, { once: true })
      await promise
      signal.removeEventListener('abort', aborted)
      cancel()
      this.#wake = null
    }
    this.#news = false
  }

  [Symbol.dispose](): void {
    this.#end()
  }
}
