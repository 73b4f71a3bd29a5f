// Speaks with an issuer from a terminal: the device flow, refreshing, and taking tokens back.

import * as oidc from 'openid-client'
import type { StoredLogin } from '../../main/config/login-file.ts'
import { isLoopback } from '../../main/config/loopback.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-code.ts'

type Client = Pick<StoredLogin, 'issuer' | 'clientId' | 'resource'>

/** Of one answer. Prolonging takes two, under a lock that others wait for. */
const TIMEOUT_SECONDS = 15

export type DeviceCode = {
  /** Where a person confirms it; `complete`: with the code in it. */
  readonly url: string
  readonly complete: string | null
  readonly code: string
  /** Resolves when they have. */
  readonly confirmed: Promise<StoredLogin>
}

export async function askForDevice(client: Client, scopes: readonly string[]): Promise<DeviceCode> {
  const config = await configurationOf(client)
  if (config.serverMetadata().device_authorization_endpoint === undefined) {
    throw new CliError(
      EXIT.auth,
      `${client.issuer} lets nobody in from a terminal (it has no device flow).`,
      {
        hint: 'Use a key: --api-key or CARILLON_API_KEY.',
      },
    )
  }
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
