// The keys an issuer signs with, kept for a while. Nobody's token makes us ask more often than the cooldown allows, and
// while the issuer is away its last keys count for a bounded time.

import { createLocalJWKSet, errors, type FlattenedJWSInput, type JWSHeaderParameters } from 'jose'
import type { Clock } from '../../ports/clock.ts'
import type { WebCaller } from '../../ports/web-caller.ts'

export const ISSUER_LIMITS = {
  timeoutMs: 5_000,
  /** Bytes of one document of the issuer. */
  bytesMax: 256 * 1_024,
  keysMax: 100,
  /** Older keys are asked for again, beside the requests that use them. */
  freshMs: 10 * 60_000,
  /** Older keys are not used any more. */
  keepMs: 60 * 60_000,
  /** Between two questions, whatever tokens come and however the first one went. */
  cooldownMs: 30_000,
} as const

type KeySet = ReturnType<typeof createLocalJWKSet>

export class IssuerKeys {
  readonly #issuer: string
  readonly #web: WebCaller
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #onTrouble: (reason: string) => void
  #set: KeySet | null = null
  #fetchedAt = Number.NEGATIVE_INFINITY
  #askedAt = Number.NEGATIVE_INFINITY
  #pending: Promise<boolean> | null = null

  constructor(
    issuer: string,
    web: WebCaller,
    clock: Pick<Clock, 'monotonic'>,
    onTrouble: (reason: string) => void,
  ) {
    this.#issuer = issuer
    this.#web = web
    this.#clock = clock
    this.#onTrouble = onTrouble
  }

  /** Throws where no key fits. */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): ReturnType<KeySet> {
    const age = this.#clock.monotonic() - this.#fetchedAt
    if (age > ISSUER_LIMITS.keepMs) await this.#renew()
    else if (age > ISSUER_LIMITS.freshMs) void this.#renew()
    try {
      return await this.#usable()(header, token)
    } catch (error) {
      // A key that was made since then, or one that was never there.
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await this.#renew())) throw error
      return this.#usable()(header, token)
    }
  }

  #usable(): KeySet {
    const age = this.#clock.monotonic() - this.#fetchedAt
    if (this.#set === null || age > ISSUER_LIMITS.keepMs)
      throw new Error('the keys of the issuer are not known')
    return this.#set
  }

  /** true: they are new. Those who ask meanwhile wait for the same answer. */
  #renew(): Promise<boolean> {
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
      this.#set = await this.#fetch()
      this.#fetchedAt = this.#clock.monotonic()
      return true
    } catch (error) {
      this.#onTrouble(error instanceof Error ? error.message : String(error))
      return false
    }
  }

  async #fetch(): Promise<KeySet> {
    const { issuer, jwks_uri: place } = await this.#json(
      `${this.#issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    )
    if (issuer !== this.#issuer) throw new Error('its own description names another issuer')
    const { keys } = await this.#json(keysPlace(place, this.#issuer))
    if (!Array.isArray(keys)) throw new Error('its key set has no list of keys')
    if (keys.length > ISSUER_LIMITS.keysMax) throw new Error(`it has more than ${ISSUER_LIMITS.keysMax} keys`)
    return createLocalJWKSet({ keys })
  }

  async #json(url: string): Promise<Record<string, unknown>> {
    const { timeoutMs, bytesMax } = ISSUER_LIMITS
    const headers = { Accept: 'application/json' }
    const { status, body } = await this.#web.call({ url, method: 'GET', headers, timeoutMs, bytesMax })
    if (status !== 200) throw new Error(`${url} answered ${status}`)
    const value: unknown = JSON.parse(new TextDecoder().decode(body))
    if (typeof value !== 'object' || value === null) throw new Error(`${url} is no JSON object`)
    return value as Record<string, unknown>
  }
}

/** Keys that came in clear could be anybody's; only an issuer on this machine may hand them out so. */
function keysPlace(place: unknown, issuer: string): string {
  const url = typeof place === 'string' ? URL.parse(place) : null
  const https = url?.protocol === 'https:'
  const asIssuer = url?.protocol === 'http:' && url.origin === URL.parse(issuer)?.origin
  if (url === null || !(https || asIssuer))
    throw new Error('its description names no place of keys that is safe')
  return url.href
}
