// A key that is revoked at one node is over at every other, within five seconds: for requests, and for streams it had opened.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CarillonError, createClient } from '../../src/sdk/index.ts'
import { Folder } from '../support/folder.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const OVER_WITHIN_MS = 5_000

test('revoked at one node, over at the other', { timeout: 90_000 }, async () => {
  await using database = await PostgresServer.start()
  const args = ['--store', await database.database()]
  using folder = new Folder()
  await using first = await ServerProcess.start({ dataDir: folder.file('first'), args })
  await using second = await ServerProcess.start({ dataDir: folder.file('second'), args })
  const { id, secret } = await first.client.keys.create({ name: 'short-lived', roles: ['viewer'] })
  const headers = { authorization: `Bearer ${secret}` }
  const other = createClient({ url: second.url, apiKey: secret, retries: 0 })
  assert.deepEqual((await other.jobs.list()).items, [])
  const stream = await fetch(`${second.url}/v1/events`, { headers })
  assert.equal(stream.status, 200)
  const streamEnded = stream.text().then(
    () => performance.now(),
    () => performance.now(),
  )

  await first.client.keys.revoke(id)
  const from = performance.now()
  const refused = await until('the key is over at the other node', OVER_WITHIN_MS, async () => {
    const error = await other.jobs.list().then(
      () => null,
      (wrong: unknown) => wrong,
    )
    return error instanceof CarillonError && error.status === 401 ? performance.now() : null
  })
  assert.ok(refused - from < OVER_WITHIN_MS, `it took ${Math.round(refused - from)} ms`)
  const ended = (await streamEnded) - from
  assert.ok(ended < OVER_WITHIN_MS, `its stream went on for ${Math.round(ended)} ms`)
})
