// Bearer tokens of the issuers the operator trusts: signed by a key the issuer publishes, by an algorithm that was allowed, for
// us, now. What a token says of its own key (jwk, jku, x5u) is never looked at.

import { decodeJwt, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import type { Clock } from '../../ports/clock.ts'
import type { Issuers, TrustedIssuer, VerifiedToken } from '../../ports/issuers.ts'
import type { WebCaller } from '../../ports/web-caller.ts'
import { IssuerKeys } from './issuer-keys.ts'

/** As OpenID Connect bounds it. */
const SUBJECT_MAX = 255
/** Keys tried for a token that names none. */
const UNNAMED_KEYS_MAX = 8

export type TrustedIssuersParts = {
  readonly issuers: readonly TrustedIssuer[]
  readonly web: WebCaller
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  /** A token was not taken. */
  readonly onRefused?: (issuer: string, reason: string) => void
  /** The issuer's keys cannot be had. */
  readonly onTrouble?: (issuer: string, reason: string) => void
}

type Trusted = TrustedIssuer & { readonly keys: IssuerKeys }

export class TrustedIssuers implements Issuers {
  readonly #byName: ReadonlyMap<string, Trusted>
  readonly #clock: Pick<Clock, 'now'>
  readonly #onRefused: (issuer: string, reason: string) => void

  constructor({ issuers, web, clock, onRefused, onTrouble }: TrustedIssuersParts) {
    this.#clock = clock
    this.#onRefused = onRefused ?? (() => {})
    this.#byName = new Map(
      issuers.map((trusted) => {
        const { issuer } = trusted
        const keys = new IssuerKeys(issuer, web, clock, (reason) => onTrouble?.(issuer, reason))
        return [issuer, { ...trusted, keys }]
      }),
    )
  }

  /** `clientId`: for a token that was made for this client, rather than for one of the audiences. */
  async verify(token: string, clientId?: string): Promise<VerifiedToken | null> {
    let named = 'none'
    try {
      // Only to find whose keys it has to fit; nothing of it is believed yet.
      named = String(decodeJwt(token).iss)
      const trusted = this.#byName.get(named)
      if (trusted === undefined) throw new Error('the issuer is not trusted here')
      const audience = clientId === undefined ? trusted.audience : [clientId]
      const claims = await this.#claims(token, { ...trusted, audience })
      const subject = claims.sub
      if (typeof subject !== 'string' || subject === '' || subject.length > SUBJECT_MAX) {
        throw new Error('it names no subject')
      }
      return { issuer: trusted.issuer, subject, claims, grants: trusted.grants }
    } catch (error) {
      this.#onRefused(named.slice(0, SUBJECT_MAX), error instanceof Error ? error.message : String(error))
      return null
    }
  }

  async #claims(token: string, trusted: Trusted): Promise<JWTPayload> {
    const { issuer, audience, algorithms, clockToleranceMs, keys } = trusted
    const options: JWTVerifyOptions = {
      issuer,
      audience: [...audience],
      algorithms: [...algorithms],
      clockTolerance: clockToleranceMs / 1_000,
      currentDate: new Date(this.#clock.now()),
      requiredClaims: ['exp', 'sub'],
    }
    try {
      return (await jwtVerify(token, (header, input) => keys.find(header, input), options)).payload
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
      return await byAnyOf(error, token, options)
    }
  }
}

async function byAnyOf(
  several: errors.JWKSMultipleMatchingKeys,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  let tried = 0
  for await (const key of several) {
    tried += 1
    if (tried > UNNAMED_KEYS_MAX) break
    try {
      return (await jwtVerify(token, key, options)).payload
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
    }
  }
  throw new errors.JWSSignatureVerificationFailed()
}
