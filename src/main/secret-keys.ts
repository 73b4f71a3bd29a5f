// The keys secrets are sealed with: those that are configured, or one that the first start makes beside the database, in a
// file of its own. Servers that share a store need the same keys, so there nothing is made.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { KeyRing, makeSealingKey, sealingKeysOf } from '../adapters/system/key-ring.ts'
import { keysOfServerSecrets } from '../commands/secret/server-secret.ts'
import type { Store } from '../ports/store.ts'
import type { Vault } from '../ports/vault.ts'
import type { Config } from './config/config.ts'
import { writePrivateFile } from './private-file.ts'

export const SEALING_KEYS_FILE = 'secrets.key'

/** null: there is none, and secrets are refused. Throws when something is sealed with a key that is not there. */
export async function openVault(config: Config, store: Store): Promise<Vault | null> {
  const vault = await vaultOf(config)
  const known = vault?.keyIds ?? []
  const needed = await store.secrets.keyIds()
  const missing = needed.filter((id) => !known.includes(id))
  if (missing.length === 0) {
    // Here, because nobody seals anything yet.
    await vault?.retire([...needed, ...(await keysOfServerSecrets({ store }))])
    return vault
  }
  throw new Error(
    `secrets are sealed with the key ${missing.join(', ')}, which is not among the secret-keys. ` +
      'Give it back (CARILLON_SECRET_KEYS_FILE), after the newest; without it they cannot be opened.',
  )
}

async function vaultOf({ secretKeys, store, dataDir }: Config): Promise<Vault | null> {
  if (secretKeys !== null) return new KeyRing(sealingKeysOf(secretKeys))
  if (store !== null) return null
  const path = join(dataDir, SEALING_KEYS_FILE)
  // On the disk before anything is sealed with a new one.
  const keep = (texts: readonly string[]): Promise<void> => writePrivateFile(path, `${texts.join('\n')}\n`)
  const texts = sealingKeysOf(readOrNothing(path))
  if (texts.length > 0) return new KeyRing(texts, keep)
  const made = makeSealingKey()
  await keep([made])
  return new KeyRing([made], keep)
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
