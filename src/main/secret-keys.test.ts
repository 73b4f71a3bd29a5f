import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Folder } from '../../test/support/folder.ts'
import { openSqliteStore } from '../adapters/sqlite/open.ts'
import { createSystemChance } from '../adapters/system/system-chance.ts'
import { DEFAULT_PROJECT_ID } from '../domain/project.ts'
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
