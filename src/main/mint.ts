// What makes tokens for calls, where this server can: receivers have to find its keys, and these are kept sealed.

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

export async function mintOf(
  { publicUrl: issuer }: Config,
  { store, vault, clock, newId }: Parts,
): Promise<Pick<Context, 'mint'>> {
  if (issuer === null || vault === null) return {}
  // Loaded by servers that sign, and by no other.
  const { OwnTokenMint } = await import('../adapters/oidc/token-mint.ts')
  const keep = (name: string, value: string): Promise<string> => store.housekeeping.secret(name, value)
  return { mint: new OwnTokenMint({ issuer, vault, clock, keep, newId }) }
}
