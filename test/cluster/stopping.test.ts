// A node whose database has fallen silent still ends in time when it is told to stop.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Folder } from '../support/folder.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { ADMIN_KEY, ServerProcess } from '../support/server-process.ts'
import { TcpProxy } from './proxy/tcp-proxy.ts'

/** stop-notice 0 s, drain-timeout 1 s, and the grace of 20 s, on a machine that does other things too. */
const STOPPED_WITHIN_MS = 27_000

test('a node stops in time with a silent database', { timeout: 90_000 }, async () => {
  await using database = await PostgresServer.start()
  const store = new URL(await database.database())
  await using road = await TcpProxy.start({ host: store.hostname, port: Number(store.port) })
  store.port = String(road.port)
  using folder = new Folder()
  // A statement alone would be waited for longer than the whole stop may take.
  const args = [
    '--store',
    store.href,
    '--stop-notice',
    '0s',
    '--drain-timeout',
    '1s',
    '--store-timeout',
    '60s',
  ]
  await using server = await ServerProcess.start({ dataDir: folder.file('data'), args })
  road.silence()
  const headers = { authorization: `Bearer ${ADMIN_KEY}` }
  // Somebody waits for an answer too.
  const asked = fetch(`${server.url}/v1/jobs`, { headers }).then(
    ({ status }) => status,
    () => null,
  )
  const from = performance.now()
  const { log } = await server.stop()
  const ms = performance.now() - from
  assert.ok(ms < STOPPED_WITHIN_MS, `it took ${Math.round(ms)} ms: ${log}`)
  assert.match(log, /the store does not answer: stopping without it/)
  assert.notEqual(await asked, 200)
})
