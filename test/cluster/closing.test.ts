// A store whose database has fallen silent can be closed: nobody waits for a goodbye that is not answered.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPostgresStore } from '../../src/adapters/postgres/open.ts'
import { seededChance } from '../contracts/world.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { systemClock } from '../support/system-clock.ts'
import { TcpProxy } from './proxy/tcp-proxy.ts'

const CLOSED_WITHIN_MS = 5_000

test('a store is closed although its database has fallen silent', async () => {
  await using server = await PostgresServer.start()
  const database = new URL(await server.database())
  await using road = await TcpProxy.start({ host: database.hostname, port: Number(database.port) })
  database.port = String(road.port)
  const store = await openPostgresStore({ url: database.href, chance: seededChance(), clock: systemClock })
  await store.housekeeping.ping()
  road.silence()
  const from = performance.now()
  const late = new Promise<string>((resolve) => setTimeout(resolve, CLOSED_WITHIN_MS, 'late').unref())
  const closed = store[Symbol.asyncDispose]().then(() => 'closed')
  assert.equal(await Promise.race([closed, late]), 'closed', `after ${performance.now() - from} ms`)
})
