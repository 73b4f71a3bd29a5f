// The issuers that this server trusts, as configured: their tokens, and the people they send.

import type { Context } from '../commands/context.ts'
import { LoginCookies } from '../commands/login-cookie.ts'
import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'
import type { WebCaller } from '../ports/web-caller.ts'
import type { Config } from './config/config.ts'
import type { Logger } from './logger.ts'

type Parts = {
  readonly store: Pick<Store, 'housekeeping'>
  readonly web: WebCaller
  readonly clock: Clock
  readonly newSecret: () => string
  readonly logger: Logger
}

export async function issuersOf(
  { oidc, oidcClientSecret }: Config,
  { store, web, clock, newSecret, logger }: Parts,
): Promise<Pick<Context, 'issuers' | 'logins'>> {
  if (oidc.length === 0) return {}
  // What speaks to issuers takes a good part of a start, and most servers have none.
  const { LoginIssuers } = await import('../adapters/oidc/login-issuers.ts')
  const { TrustedIssuers } = await import('../adapters/oidc/trusted-issuers.ts')
  const parts = {
    issuers: oidc,
    web,
    clock,
    // Anybody can send any token: what was wrong with it is worth a line only to whoever looks for it.
    onRefused: (issuer: string, reason: string) =>
      logger.debug({ issuer, reason }, 'refused what came from an issuer'),
    onTrouble: (issuer: string, reason: string) =>
      logger.warn({ issuer, reason }, 'an issuer cannot be asked'),
  }
  const trusted = new TrustedIssuers(parts)
  const from = new LoginIssuers({ ...parts, trusted, clientSecret: oidcClientSecret })
  const cookies = new LoginCookies(await store.housekeeping.secret('sign-in', newSecret()))
  return { issuers: trusted, logins: { from, cookies } }
}
