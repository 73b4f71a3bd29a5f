// Something an issuer publishes, kept for a while. Nobody's request makes us ask more often than the cooldown allows, and while
// the issuer is away what it said last counts for a bounded time.

import type { Clock } from '../../ports/clock.ts'

export const ISSUER_LIMITS = {
  timeoutMs: 5_000,
  /** Bytes of one document of the issuer. */
  bytesMax: 256 * 1_024,
  keysMax: 100,
  /** What is older is asked for again, beside the requests that use it. */
  freshMs: 10 * 60_000,
  /** What is older is not used any more. */
  keepMs: 60 * 60_000,
  /** Between two questions, whatever comes and however the first one went. */
  cooldownMs: 30_000,
} as const

export class Renewed<T> {
  readonly #fetch: () => Promise<T>
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #onTrouble: (reason: string) => void
  #value: { readonly is: T; readonly at: number } | null = null
  #askedAt = Number.NEGATIVE_INFINITY
  #pending: Promise<boolean> | null = null

  constructor(fetch: () => Promise<T>, clock: Pick<Clock, 'monotonic'>, onTrouble: (reason: string) => void) {
    this.#fetch = fetch
    this.#clock = clock
    this.#onTrouble = onTrouble
  }

  /** Throws while it cannot be had. */
  async get(): Promise<T> {
    if (this.#age() > ISSUER_LIMITS.keepMs) await this.renew()
    else if (this.#age() > ISSUER_LIMITS.freshMs) void this.renew()
    if (this.#value === null || this.#age() > ISSUER_LIMITS.keepMs)
      throw new Error('the issuer was not reached')
    return this.#value.is
  }

  /** true: it is new. Those who ask meanwhile wait for the same answer. */
  renew(): Promise<boolean> {
    if (this.#pending !== null) return this.#pending
    const now = this.#clock.monotonic()
    if (now - this.#askedAt < ISSUER_LIMITS.cooldownMs) return Promise.resolve(false)
    this.#askedAt = now
    this.#pending = this.#replace().finally(() => {
      this.#pending = null
    })
    return this.#pending
  }

  async #replace(): Promise<boolean> {
    try {
      this.#value = { is: await this.#fetch(), at: this.#clock.monotonic() }
      return true
    } catch (error) {
      this.#onTrouble(error instanceof Error ? error.message : String(error))
      return false
    }
  }

  #age(): number {
    return this.#value === null ? Number.POSITIVE_INFINITY : this.#clock.monotonic() - this.#value.at
  }
}
