// How many requests each caller may make: a bucket that holds one minute's worth and fills evenly.

import { HTTP_SERVER_LIMITS } from './limits.ts'

const WINDOW_MS = 60_000

export type RateAnswer = {
  readonly allowed: boolean
  /** Requests left now. */
  readonly remaining: number
  /** Whole seconds until all of the quota is back. */
  readonly resetS: number
  /** Whole seconds until the next request may come; 0 when it may come now. */
  readonly retryAfterS: number
}

export class Rate {
  readonly perMinute: number
  readonly #monotonic: () => number
  /** Caller → when its bucket is full again. Least recently seen first. */
  readonly #fullAt = new Map<string, number>()

  constructor(perMinute: number, monotonic: () => number) {
    this.perMinute = perMinute
    this.#monotonic = monotonic
  }

  take(caller: string): RateAnswer {
    const now = this.#monotonic()
    const { fullAt, ...answer } = this.#answer(caller, now)
    this.#remember(caller, fullAt)
    return answer
  }

  /** What taking would answer. */
  peek(caller: string): RateAnswer {
    const { fullAt: _, ...answer } = this.#answer(caller, this.#monotonic())
    return answer
  }

  #answer(caller: string, now: number): RateAnswer & { readonly fullAt: number } {
    const stepMs = WINDOW_MS / this.perMinute
    const before = Math.max(now, this.#fullAt.get(caller) ?? now)
    const after = before + stepMs
    const allowed = after - now <= WINDOW_MS
    const fullAt = allowed ? after : before
    return {
      fullAt,
      allowed,
      remaining: Math.max(0, Math.floor((WINDOW_MS - (fullAt - now)) / stepMs)),
      resetS: Math.ceil((fullAt - now) / 1_000),
      retryAfterS: allowed ? 0 : Math.max(1, Math.ceil((after - now - WINDOW_MS) / 1_000)),
    }
  }

  #remember(caller: string, fullAt: number): void {
    this.#fullAt.delete(caller)
    this.#fullAt.set(caller, fullAt)
    if (this.#fullAt.size <= HTTP_SERVER_LIMITS.callersMax) return
    const [oldest] = this.#fullAt.keys()
    if (oldest !== undefined) this.#fullAt.delete(oldest)
  }
}

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ */
export function rateHeaders(rate: Rate, answer: RateAnswer): Record<string, string> {
  return {
    'RateLimit-Policy': `"default";q=${rate.perMinute};w=${WINDOW_MS / 1_000}`,
    RateLimit: `"default";r=${answer.remaining};t=${answer.resetS}`,
  }
}
