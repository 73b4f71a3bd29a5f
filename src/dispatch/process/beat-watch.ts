// Looks from time to time whether a process has said something of how it goes, and finds out when it has been silent.

import { mergedNews, type News, newsOf } from '../../domain/news.ts'
import type { Clock } from '../../ports/clock.ts'
import type { BeatFile } from './beat-file.ts'

export type BeatWatchOptions = {
  readonly file: BeatFile
  readonly clock: Clock
  /** null: it may be silent for ever. */
  readonly silentMs: number | null
  readonly onNews: (news: News) => void
  readonly onMisheard: (why: string) => void
}

export type Listener = { extend(ms: number): void; silent(): void }

const LOOK_MS = 500

export class BeatWatch {
  readonly #options: BeatWatchOptions
  #heardAt = 0
  #cancelTimer: () => void = () => undefined
  #misheard = false

  constructor(options: BeatWatchOptions) {
    this.#options = options
  }

  /** From here on its silence counts. */
  start(listener: Listener): void {
    const { clock, silentMs } = this.#options
    this.#heardAt = clock.monotonic()
    const wait = (): void => {
      this.#cancelTimer = clock.after(LOOK_MS, () => {
        this.look(listener)
        if (silentMs !== null && clock.monotonic() - this.#heardAt >= silentMs) listener.silent()
        else wait()
      })
    }
    wait()
  }

  look(listener: Listener): void {
    const lines = this.#options.file.look()
    if (lines === null) return
    this.#heardAt = this.#options.clock.monotonic()
    let all: News = {}
    for (const line of lines) {
      const news = newsOf(line)
      if (typeof news === 'string') this.#mishear(news)
      else all = mergedNews(all, news)
    }
    if (all.extendMs !== undefined) listener.extend(all.extendMs)
    this.#options.onNews(all)
  }

  stop(): void {
    this.#cancelTimer()
  }

  /** Said once: a process that cannot say it right says it often. */
  #mishear(why: string): void {
    if (this.#misheard) return
    this.#misheard = true
    this.#options.onMisheard(why)
  }
}
