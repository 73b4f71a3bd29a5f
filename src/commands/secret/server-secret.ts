// What all servers of a store share and callers never see, such as what the tokens of runs are made with. Whoever reads the
// database is not to have it where there is a key to seal it with that the operator keeps elsewhere.

import type { Vault } from '../../ports/vault.ts'
import type { Context } from '../context.ts'

export const RUN_TOKENS = 'run tokens'

const VALUE_BYTES = 32
const SEALED = /^sealed ([0-9a-f]+) ([A-Za-z0-9+/=]+)$/

type Parts = Pick<Context, 'store' | 'chance'>

/** Made by the first that asks, and sealed with the newest key from then on. Throws where it cannot be opened. */
export async function serverSecret(
  { store, chance }: Parts,
  name: string,
  vault: Vault | null,
): Promise<string> {
  const fresh = chance.hex(VALUE_BYTES)
  const kept = await store.housekeeping.secret(name, vault === null ? fresh : sealed(vault, name, fresh))
  const [, keyId, text] = SEALED.exec(kept) ?? []
  if (keyId === undefined || text === undefined) {
    if (vault !== null) await store.housekeeping.rewriteSecret(name, kept, sealed(vault, name, kept))
    return kept
  }
  if (vault === null || !vault.keyIds.includes(keyId)) {
    throw new Error(
      `what the tokens of runs are made with is sealed with the key ${keyId}, which is not among the secret-keys. ` +
        'Give it back (CARILLON_SECRET_KEYS_FILE), after the newest.',
    )
  }
  const value = vault.open({ keyId, text }, bindingOf(name))
  if (keyId !== vault.keyId) await store.housekeeping.rewriteSecret(name, kept, sealed(vault, name, value))
  return value
}

/** With the newest key, where it is sealed at all. */
export async function resealServerSecret(parts: Parts, name: string, vault: Vault): Promise<void> {
  const kept = await parts.store.housekeeping.secret(name, parts.chance.hex(VALUE_BYTES))
  if (SEALED.test(kept)) await serverSecret(parts, name, vault)
}

function sealed(vault: Vault, name: string, value: string): string {
  const { keyId, text } = vault.seal(value, bindingOf(name))
  return `sealed ${keyId} ${text}`
}

function bindingOf(name: string): string {
  return `carillon server secret\n${name}`
}
