// Speaks with an issuer from a terminal: the device flow, a browser on this machine, refreshing, and taking tokens back.

import * as oidc from 'openid-client'
import type { StoredLogin } from '../../main/config/login-file.ts'
import { isLoopback } from '../../main/config/loopback.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'
import { answerByBrowser } from './answer-by-browser.ts'

type Client = Pick<StoredLogin, 'issuer' | 'clientId' | 'resource'>

/** Of one answer. Prolonging takes two, under a lock that others wait for. */
const TIMEOUT_SECONDS = 15

/** What the issuer has to know this command line by, at any port: http://127.0.0.1/callback. */
const CALLBACK = '/callback'

export type DeviceCode = {
  /** Where a person confirms it; `complete`: with the code in it. */
  readonly url: string
  readonly complete: string | null
  readonly code: string
  /** Resolves when they have. */
  readonly confirmed: Promise<StoredLogin>
}

/** null: this issuer has no device flow. */
export async function askForDevice(client: Client, scopes: readonly string[]): Promise<DeviceCode | null> {
  const config = await configurationOf(client)
  if (config.serverMetadata().device_authorization_endpoint === undefined) return null
  const asked = await spoken(
    client,
    oidc.initiateDeviceAuthorization(config, { scope: scopes.join(' '), ...named(client) }),
  )
  return {
    url: asked.verification_uri,
    complete: asked.verification_uri_complete ?? null,
    code: asked.user_code,
    confirmed: spoken(client, oidc.pollDeviceAuthorizationGrant(config, asked, named(client))).then(
      (tokens) => loginOf(client, tokens, null),
    ),
  }
}

/** By a browser on this machine, which the issuer sends back here (RFC 8252). `ready` is told where it is to go. */
export async function byBrowser(
  client: Client,
  scopes: readonly string[],
  ready: (address: string) => void,
): Promise<StoredLogin> {
  const config = await configurationOf(client)
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  // Without an ID token there is nothing for it to come back in.
  const nonce = scopes.includes('openid') ? oidc.randomNonce() : null
  const challenge = await oidc.calculatePKCECodeChallenge(verifier)
  return answerByBrowser({ host: '127.0.0.1', port: 0 }, async (origin) => {
    const asked = oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${origin}${CALLBACK}`,
      scope: scopes.join(' '),
      state,
      ...(nonce === null ? {} : { nonce }),
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...named(client),
    })
    // The whole address, not a short one of ours: whoever has not read it here cannot answer in this person's place.
    ready(asked.href)
    const exchange = async (came: URL): Promise<StoredLogin> => {
      const checks = {
        pkceCodeVerifier: verifier,
        expectedState: state,
        ...(nonce === null ? {} : { expectedNonce: nonce, idTokenExpected: true }),
      }
      const grant = oidc.authorizationCodeGrant(config, came, checks, named(client))
      return loginOf(client, await spoken(client, grant), null)
    }
    return { leadsTo: null, exchange }
  })
}

export async function refreshed(login: StoredLogin): Promise<StoredLogin> {
  const config = await configurationOf(login)
  const { refreshToken } = login
  if (refreshToken === null) throw new CliError(EXIT.auth, 'This sign-in cannot be prolonged.')
  return loginOf(
    login,
    await spoken(login, oidc.refreshTokenGrant(config, refreshToken, named(login))),
    refreshToken,
  )
}

/** Signing in anew is what helps: the issuer itself has refused, or gave nothing to prolong it with. */
export function hasEnded(error: unknown): boolean {
  const { cause } = error as Error
  return error instanceof CliError && (cause === undefined || refuses(cause))
}

/** Not where it is overloaded, or out of order. */
function refuses(error: unknown): boolean {
  return error instanceof oidc.ResponseBodyError && (error.status === 400 || error.status === 401)
}

/** false: the issuer takes nothing back. */
export async function takenBack(login: StoredLogin): Promise<boolean> {
  const config = await configurationOf(login)
  if (config.serverMetadata().revocation_endpoint === undefined) return false
  await spoken(login, oidc.tokenRevocation(config, login.refreshToken ?? login.accessToken))
  return true
}

async function configurationOf(client: Client): Promise<oidc.Configuration> {
  const { issuer, clientId } = client
  const { protocol, hostname } = new URL(issuer)
  // In clear only on this machine, whatever a server says.
  const here = protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, ''))
  const inClear = here ? { execute: [oidc.allowInsecureRequests] } : {}
  const how = { timeout: TIMEOUT_SECONDS, ...inClear }
  return spoken(client, oidc.discovery(new URL(issuer), clientId, {}, oidc.None(), how))
}

function named({ resource }: Client): Record<string, string> {
  return resource === null ? {} : { resource }
}

function loginOf(
  { issuer, clientId, resource }: Client,
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
  refreshToken: string | null,
): StoredLogin {
  const seconds = tokens.expiresIn()
  return {
    issuer,
    clientId,
    resource,
    accessToken: tokens.access_token,
    // Where none came along the last one goes on.
    refreshToken: tokens.refresh_token ?? refreshToken,
    expiresAt: seconds === undefined ? null : Date.now() + seconds * 1_000,
  }
}

async function spoken<T>({ issuer }: Client, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    const { error_description: description, error: code } = error as Record<string, unknown>
    const reason = [description, code].find((text) => typeof text === 'string') ?? (error as Error).message
    throw new CliError(EXIT.auth, `${issuer} has refused: ${String(reason)}.`, { cause: error })
  }
}
