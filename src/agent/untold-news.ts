// What attempts tell of themselves, until the server has heard it. Of each only what is newest.

import { mergedNews, type News } from '../domain/news.ts'
import type { Held } from '../ports/agent-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { LineNews } from './agent-line.ts'

type Pinned = { readonly held: Held; readonly news: News; readonly pinnedAt: number }

export class UntoldNews {
  readonly #clock: Clock
  #pinned = new Map<string, Pinned>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  pin(held: Held, news: News): void {
    const key = keyOf(held)
    const earlier = this.#pinned.get(key)
    const all = earlier === undefined ? news : mergedNews(this.#news(earlier), news)
    this.#pinned.set(key, { held, news: all, pinnedAt: this.#clock.monotonic() })
  }

  /** Takes down what there is of these; the rest has ended, and nobody asks for it any more. */
  take(held: readonly Held[]): readonly LineNews[] {
    if (this.#pinned.size === 0) return []
    const pinned = this.#pinned
    this.#pinned = new Map()
    return held.flatMap((one) => {
      const found = pinned.get(keyOf(one))
      return found === undefined ? [] : [{ ...found.held, ...this.#news(found) }]
    })
  }

  /** It was not heard; what came meanwhile is newer. */
  putBack(taken: readonly LineNews[]): void {
    for (const { runId, fence, ...news } of taken) {
      const held = { runId, fence }
      const newer = this.#pinned.get(keyOf(held))
      this.pin(held, news)
      if (newer !== undefined) this.pin(held, this.#news(newer))
    }
  }

  /** Time that was asked for has run since. */
  #news({ news, pinnedAt }: Pinned): News {
    if (news.extendMs === undefined) return news
    const passed = Math.round(this.#clock.monotonic() - pinnedAt)
    return { ...news, extendMs: Math.max(0, news.extendMs - passed) }
  }
}

function keyOf({ runId, fence }: Held): string {
  return `${runId} ${fence}`
}
