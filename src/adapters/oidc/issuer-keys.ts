// The keys an issuer signs with, found by its description of itself.

import { createLocalJWKSet, errors, type FlattenedJWSInput, type JWSHeaderParameters } from 'jose'
import type { Clock } from '../../ports/clock.ts'
import type { WebCaller } from '../../ports/web-caller.ts'
import { ISSUER_LIMITS, Renewed } from './renewed.ts'

type KeySet = ReturnType<typeof createLocalJWKSet>

export class IssuerKeys {
  readonly #issuer: string
  readonly #web: WebCaller
  readonly #keys: Renewed<KeySet>

  constructor(
    issuer: string,
    web: WebCaller,
    clock: Pick<Clock, 'monotonic'>,
    onTrouble: (reason: string) => void,
  ) {
    this.#issuer = issuer
    this.#web = web
    this.#keys = new Renewed(() => this.#fetch(), clock, onTrouble)
  }

  /** Throws where no key fits. */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): ReturnType<KeySet> {
    try {
      return await (await this.#keys.get())(header, token)
    } catch (error) {
      // A key that was made since then, or one that was never there.
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await this.#keys.renew())) throw error
      return (await this.#keys.get())(header, token)
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
