// What all servers of a store share and callers never see, such as what the tokens of runs are made with. Whoever reads the
// database is not to have it where there is a key to seal it with that the operator keeps elsewhere.

import { bindingOfKept, sealIn, withSeal } from '../../domain/kept-seal.ts'
import type { Vault } from '../../ports/vault.ts'
import type { Context } from '../context.ts'

export const RUN_TOKENS = 'run tokens'

const VALUE_BYTES = 32

type Parts = Pick<Context, 'store' | 'chance'>

/** Made by the first that asks, and sealed with the newest key from then on. Throws where it cannot be opened. */
export async function serverSecret(
  { store, chance }: Parts,
  name: string,
  vault: Vault | null,
): Promise<string> {
  const fresh = chance.hex(VALUE_BYTES)
  const kept = await store.housekeeping.secret(name, vault === null ? fresh : sealed(vault, name, fresh))
  const seal = sealIn(kept)
  if (seal === null) {
    if (vault !== null) await store.housekeeping.rewriteSecret(name, kept, sealed(vault, name, kept))
    return kept
  }
  if (vault === null || !vault.keyIds.includes(seal.keyId)) {
    throw new Error(
      `what the tokens of runs are made with is sealed with the key ${seal.keyId}, which is not among the secret-keys. ` +
        'Give it back (CARILLON_SECRET_KEYS_FILE), after the newest.',
    )
  }
  const value = vault.open(seal, bindingOfKept(name, kept))
  if (seal.keyId !== vault.keyId)
    await store.housekeeping.rewriteSecret(name, kept, sealed(vault, name, value))
  return value
}

/** Everything of it that is sealed, with the newest key. What no key here opens stays: whoever needs it says so. */
export async function resealServerSecrets({ store }: Pick<Parts, 'store'>, vault: Vault): Promise<void> {
  for (const { name, value: kept } of await store.housekeeping.secrets()) {
    const seal = sealIn(kept)
    if (seal === null || seal.keyId === vault.keyId || !vault.keyIds.includes(seal.keyId)) continue
    const bound = bindingOfKept(name, kept)
    const anew = vault.seal(vault.open(seal, bound), bound)
    // Where somebody else was faster, it is by a key that is no older.
    await store.housekeeping.rewriteSecret(name, kept, withSeal(kept, anew))
  }
}

/** Keys that something of it is sealed with. */
export async function keysOfServerSecrets({ store }: Pick<Parts, 'store'>): Promise<string[]> {
  const all = await store.housekeeping.secrets()
  return [...new Set(all.flatMap(({ value }) => sealIn(value)?.keyId ?? []))]
}

function sealed(vault: Vault, name: string, value: string): string {
  return withSeal(value, vault.seal(value, bindingOfKept(name, value)))
}
