import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSqliteStore } from '../../src/adapters/sqlite/open.ts'
import { KeyRing, makeSealingKey } from '../../src/adapters/system/key-ring.ts'
import { createSystemChance } from '../../src/adapters/system/system-chance.ts'
import { RUN_TOKENS, resealServerSecrets, serverSecret } from '../../src/commands/secret/server-secret.ts'

test('what servers share is sealed where there is a key, and stays the same whoever asks', async () => {
  const chance = createSystemChance(() => 0)
  await using store = openSqliteStore({ path: ':memory:', chance })
  const parts = { store, chance }
  const kept = (): Promise<string> => store.housekeeping.secret(RUN_TOKENS, 'x')
  const value = await serverSecret(parts, RUN_TOKENS, null)
  assert.equal(await kept(), value)
  const [old, young] = [makeSealingKey(), makeSealingKey()]
  await resealServerSecrets(parts, new KeyRing([young]))
  assert.equal(await kept(), value, 'it is not sealed where servers do not open it')

  const first = new KeyRing([old])
  assert.equal(await serverSecret(parts, RUN_TOKENS, first), value)
  assert.ok(!(await kept()).includes(value))
  assert.equal(await serverSecret(parts, RUN_TOKENS, first), value)

  await assert.rejects(serverSecret(parts, RUN_TOKENS, null), /not among the secret-keys.*SECRET_KEYS_FILE/s)
  await assert.rejects(serverSecret(parts, RUN_TOKENS, new KeyRing([young])), /not among/)
  await resealServerSecrets(parts, new KeyRing([young, old]))
  assert.equal(await serverSecret(parts, RUN_TOKENS, new KeyRing([young])), value)
})

test('servers that start together agree', async () => {
  const chance = createSystemChance(() => 0)
  await using store = openSqliteStore({ path: ':memory:', chance })
  const key = makeSealingKey()
  const all = await Promise.all(
    [1, 2, 3].map(() => serverSecret({ store, chance }, RUN_TOKENS, new KeyRing([key]))),
  )
  assert.equal(new Set(all).size, 1)
})
