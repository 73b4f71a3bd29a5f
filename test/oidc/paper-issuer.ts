// An issuer on paper: keys, a description, and tokens of every kind, good and forged. It counts who asks it for its keys.

import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose'
import type { WebAnswer, WebCaller } from '../../src/ports/web-caller.ts'

export const ISSUER = 'https://login.example.com/realms/main'
const KEYS = 'https://keys.example.com/jwks'

/** Members to add, to change, or (undefined) to leave out. */
type Said = Readonly<Record<string, unknown>>

export type Pair = {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

export async function pair(kid: string, alg = 'ES256'): Promise<Pair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

export class PaperIssuer implements WebCaller {
  readonly now: () => number
  /** What it publishes. */
  keys: JWK[]
  /** How its description differs. */
  description: Record<string, unknown> = {}
  /** It cannot be reached. */
  away = false
  readonly asked: string[] = []
  readonly key: Pair

  constructor(key: Pair, now: () => number) {
    this.key = key
    this.keys = [key.jwk]
    this.now = now
  }

  /** Good, unless something is said. */
  token(claims: Said = {}, header: Said = {}, key = this.key): Promise<string> {
    const iat = Math.floor(this.now() / 1_000)
    const said = {
      iss: ISSUER,
      aud: 'carillon',
      sub: 'user-1',
      scope: 'openid jobs:read',
      iat,
      exp: iat + 300,
    }
    return new SignJWT({ ...said, ...claims } as JWTPayload)
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header } as JWTHeaderParameters)
      .sign(key.privateKey)
  }

  async call({ url }: { url: string }): Promise<WebAnswer> {
    this.asked.push(url)
    if (this.away) throw new Error(`${url}: could not connect`)
    if (url === `${ISSUER}/.well-known/openid-configuration`) {
      return json({ issuer: ISSUER, jwks_uri: KEYS, ...this.description })
    }
    return url === KEYS ? json({ keys: this.keys }) : { ...json({}), status: 404 }
  }

  /** How often its keys were asked for. */
  get fetches(): number {
    return this.asked.filter((url) => url === KEYS).length
  }
}

function json(value: unknown): WebAnswer {
  return { status: 200, headers: {}, body: new TextEncoder().encode(JSON.stringify(value)) }
}
