// People who come by an issuer: authorization code with PKCE, state and nonce. What the issuer hands over in the end is a
// token that has to pass the same checks as any other.

import * as oidc from 'openid-client'
import type { Clock } from '../../ports/clock.ts'
import type { LoginAsked, Logins, LoginWay, TrustedIssuer, VerifiedToken } from '../../ports/issuers.ts'
import type { WebCaller } from '../../ports/web-caller.ts'
import { ISSUER_LIMITS, Renewed } from './renewed.ts'
import type { TrustedIssuers } from './trusted-issuers.ts'

/** Answers of browsers that are exchanged at the same time; whoever comes then is told to try again. */
const EXCHANGES_MAX = 32

export type LoginIssuersParts = {
  readonly issuers: readonly TrustedIssuer[]
  /** Of the client that an issuer knows this server as; null: it has none. */
  readonly clientSecret: string | null
  readonly trusted: TrustedIssuers
  readonly web: WebCaller
  readonly clock: Pick<Clock, 'monotonic'>
  readonly onRefused?: (issuer: string, reason: string) => void
  readonly onTrouble?: (issuer: string, reason: string) => void
}

type Way = LoginWay & Pick<TrustedIssuer, 'clockToleranceMs'>
type Known = Way & { readonly config: Renewed<oidc.Configuration> }

export class LoginIssuers implements Logins {
  readonly ways: readonly LoginWay[]
  readonly #byName: ReadonlyMap<string, Known>
  readonly #trusted: TrustedIssuers
  readonly #onRefused: (issuer: string, reason: string) => void
  #underWay = 0

  constructor({ issuers, clientSecret, trusted, web, clock, onRefused, onTrouble }: LoginIssuersParts) {
    this.#trusted = trusted
    this.#onRefused = onRefused ?? (() => {})
    this.ways = issuers.flatMap(({ issuer, login, terminal }) =>
      login === null && terminal === null ? [] : [{ issuer, login, terminal }],
    )
    this.#byName = new Map(
      issuers.flatMap((way) => {
        if (way.login === null) return []
        const discover = (): Promise<oidc.Configuration> => discovered(way, clientSecret, web)
        const trouble = (reason: string): void => onTrouble?.(way.issuer, reason)
        return [[way.issuer, { ...way, config: new Renewed(discover, clock, trouble) }]]
      }),
    )
  }

  async begin(issuer: string, { redirectUri, state, nonce, verifier }: LoginAsked): Promise<string | null> {
    const known = this.#byName.get(issuer)
    const config = await known?.config.get().catch(() => null)
    if (known?.login == null || config == null) return null
    return oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: known.login.scopes.join(' '),
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    }).href
  }

  async finish(issuer: string, asked: LoginAsked, query: string): Promise<VerifiedToken | 'busy' | null> {
    const known = this.#byName.get(issuer)
    if (known?.login == null) return null
    if (this.#underWay >= EXCHANGES_MAX) return 'busy'
    this.#underWay += 1
    try {
      const config = await known.config.get()
      const url = new URL(asked.redirectUri)
      url.search = query
      const { id_token: token } = await oidc.authorizationCodeGrant(config, url, {
        pkceCodeVerifier: asked.verifier,
        expectedState: asked.state,
        expectedNonce: asked.nonce,
        idTokenExpected: true,
      })
      if (token === undefined) throw new Error('no ID token came')
      return await this.#trusted.verify(token, known.login.clientId)
    } catch (error) {
      this.#onRefused(issuer, error instanceof Error ? error.message : String(error))
      return null
    } finally {
      this.#underWay -= 1
    }
  }
}

async function discovered(
  { issuer, login, clockToleranceMs }: Way,
  clientSecret: string | null,
  web: WebCaller,
): Promise<oidc.Configuration> {
  const inClear = issuer.startsWith('http:')
  return oidc.discovery(
    new URL(issuer),
    login?.clientId ?? '',
    { [oidc.clockTolerance]: clockToleranceMs / 1_000 },
    clientSecret === null ? oidc.None() : bySecret(clientSecret),
    {
      [oidc.customFetch]: (url, options) => fetched(web, url, options),
      ...(inClear ? { execute: [oidc.allowInsecureRequests] } : {}),
    },
  )
}

/** As the issuer says it wants to be shown it; unless it says, in the header. */
function bySecret(secret: string): oidc.ClientAuth {
  const inHeader = oidc.ClientSecretBasic(secret)
  const inBody = oidc.ClientSecretPost(secret)
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const show = methods.includes('client_secret_basic') ? inHeader : inBody
    return show(server, client, body, headers)
  }
}

/** By the guarded way, under its bounds. */
async function fetched(web: WebCaller, url: string, options: oidc.CustomFetchOptions): Promise<Response> {
  const { timeoutMs, bytesMax } = ISSUER_LIMITS
  const { method, headers, body } = options
  const answer = await web.call({
    url,
    method: method === 'POST' ? 'POST' : 'GET',
    headers,
    ...(body == null ? {} : { body: String(body) }),
    timeoutMs,
    bytesMax,
  })
  const { status } = answer
  const empty = status === 204 || status === 205 || status === 304
  return new Response(empty ? null : new Uint8Array(answer.body), { status, headers: answer.headers })
}
