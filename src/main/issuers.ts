// The issuers of tokens that this server trusts, as configured.

import { TrustedIssuers } from '../adapters/oidc/trusted-issuers.ts'
import type { Context } from '../commands/context.ts'
import type { Clock } from '../ports/clock.ts'
import type { WebCaller } from '../ports/web-caller.ts'
import type { Config } from './config/config.ts'
import type { Logger } from './logger.ts'

export function issuersOf(
  { oidc }: Config,
  web: WebCaller,
  clock: Clock,
  logger: Logger,
): Pick<Context, 'issuers'> {
  if (oidc.length === 0) return {}
  const issuers = new TrustedIssuers({
    issuers: oidc,
    web,
    clock,
    // Anybody can send any token: what was wrong with it is worth a line only to whoever looks for it.
    onRefused: (issuer, reason) => logger.debug({ issuer, reason }, 'a token was refused'),
    onTrouble: (issuer, reason) => logger.warn({ issuer, reason }, 'the keys of an issuer cannot be had'),
  })
  return { issuers }
}
