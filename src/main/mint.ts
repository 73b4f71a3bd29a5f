// What makes tokens for calls, where this server can: receivers have to find its keys, and these are kept sealed.

import { OwnTokenMint } from '../adapters/oidc/token-mint.ts'
import type { Context } from '../commands/context.ts'
import type { Clock } from '../ports/clock.ts'
import type { Store } from '../ports/store.ts'
import type { Vault } from '../ports/vault.ts'
import type { Config } from './config/config.ts'

type Parts = {
  readonly store: Pick<Store, 'housekeeping'>
  readonly vault: Vault | null
  readonly clock: Clock
  readonly newId: () => string
}

export function mintOf(
  { publicUrl: issuer }: Config,
  { store, vault, clock, newId }: Parts,
): Pick<Context, 'mint'> {
  if (issuer === null || vault === null) return {}
  const keep = (name: string, value: string): Promise<string> => store.housekeeping.secret(name, value)
  return { mint: new OwnTokenMint({ issuer, vault, clock, keep, newId }) }
}
