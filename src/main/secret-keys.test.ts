import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Folder } from '../../test/support/folder.ts'
import { OwnTokenMint } from '../adapters/oidc/token-mint.ts'
import { openSqliteStore } from '../adapters/sqlite/open.ts'
import { createSystemChance } from '../adapters/system/system-chance.ts'
import { resealServerSecrets } from '../commands/secret/server-secret.ts'
import { DEFAULT_PROJECT_ID } from '../domain/project.ts'
import type { Vault } from '../ports/vault.ts'
import type { Config } from './config/config.ts'
import { openVault, SEALING_KEYS_FILE } from './secret-keys.ts'

test('old keys go when a server starts, but those that something is sealed with', async () => {
  using folder = new Folder()
  await using store = openSqliteStore({ path: ':memory:', chance: createSystemChance(() => 0) })
  const config = { secretKeys: null, store: null, dataDir: folder.path } as Config
  const keysKept = (): number =>
    readFileSync(folder.file(SEALING_KEYS_FILE), 'utf8').trim().split('\n').length
  const vault = (await openVault(config, store))!
  const { keyId, text } = vault.seal('a value', 'here')
  const times = { createdAt: 0, updatedAt: 0, updatedBy: 'key_1' }
  const row = { projectId: DEFAULT_PROJECT_ID, name: 'one', id: 'sec_1', keyId, sealed: text, ...times }
  await store.secrets.put(row, 9)
  await vault.renew()
  await vault.renew()
  const next = (await openVault(config, store))!
  assert.equal(next.open({ keyId, text }, 'here'), 'a value')
  assert.deepEqual(next.keyIds, [vault.keyId, keyId])
  assert.equal(keysKept(), 2)
  const anew = next.seal('a value', 'here')
  await store.secrets.reseal('sec_1', anew.keyId, anew.text)
  await openVault(config, store)
  assert.equal(keysKept(), 1)
})

test('keys that sign tokens outlive the one they were sealed with', async () => {
  using folder = new Folder()
  await using store = openSqliteStore({ path: ':memory:', chance: createSystemChance(() => 0) })
  const config = { secretKeys: null, store: null, dataDir: folder.path } as Config
  const keep = (name: string, value: string): Promise<string> => store.housekeeping.secret(name, value)
  const signingAt = async (vault: Vault): Promise<unknown> => {
    const parts = { issuer: 'https://carillon.example.com', vault, clock: { now: () => 0 }, newId: () => 'i' }
    const mint = new OwnTokenMint({ ...parts, keep })
    const token = await mint.mint({ aud: 'a', sub: 's', about: {} })
    return JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid
  }
  const first = (await openVault(config, store))!
  const kid = await signingAt(first)
  await first.renew()
  const second = (await openVault(config, store))!
  assert.equal(second.keyIds.length, 2, 'the old one opens what was sealed with it')
  assert.equal(await signingAt(second), kid)
  await resealServerSecrets({ store }, second)
  const third = (await openVault(config, store))!
  assert.deepEqual(third.keyIds, [second.keyId])
  assert.equal(await signingAt(third), kid)
})
