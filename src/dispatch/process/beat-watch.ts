// Looks from time to time whether a process has said something of how it goes, and finds out when it has been silent.

import { mergedNews, type News, newsOf } from '../../domain/news.ts'
import type { Clock } from '../../ports/clock.ts'
import type { BeatFile } from './beat-file.ts'

export type BeatWatchOptions = {
  readonly file: Pick<BeatFile, 'look'>
  readonly clock: Clock
  /** null: it may be silent for ever. */
  readonly silentMs: number | null
  readonly onNews: (news: News) => void
  /** With a whole sentence. */
  readonly onMisheard: (what: string) => void
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
    const lines = this.#lines()
    if (lines === null) return
    this.#heardAt = this.#options.clock.monotonic()
    let all: News = {}
    for (const line of lines) {
      const news = newsOf(line)
      if (typeof news === 'string') this.#mishear(`a line in CARILLON_BEAT says nothing: ${news}`)
      else all = mergedNews(all, news)
    }
    if (all.extendMs !== undefined) listener.extend(all.extendMs)
    this.#options.onNews(all)
  }

  stop(): void {
    this.#cancelTimer()
  }

  /** It looks from within a timer: what is in the way, and be it the process's own doing, ends no server. */
  #lines(): string[] | null {
    try {
      return this.#options.file.look()
    } catch (error) {
      this.#mishear(`CARILLON_BEAT cannot be read: ${(error as Error).message}`)
      return null
    }
  }

  /** Said once: a process that cannot say it right says it often. */
  #mishear(what: string): void {
    if (this.#misheard) return
    this.#misheard = true
    this.#options.onMisheard(what)
  }
}
