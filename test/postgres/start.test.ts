// A database that will not do: the start is refused soon, with what to do and without the password.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { after, test } from 'node:test'
import { PostgresPair } from '../cluster/cast/postgres-pair.ts'
import { Folder } from '../support/folder.ts'
import { OldPostgres } from '../support/old-postgres.ts'
import { POSTGRES_PASSWORD, PostgresServer } from '../support/postgres-server.ts'
import { ADMIN_KEY, type ServerOptions, ServerProcess } from '../support/server-process.ts'

const REFUSED_WITHIN_MS = 3_000
/** What the process itself needs to come up, on a machine that does other things too, is not the store's. */
const PROCESS_MS = 3_000

const server = await PostgresServer.start()
after(() => server[Symbol.asyncDispose]())

async function refused(store: string, options: Partial<ServerOptions> = {}): Promise<string> {
  using folder = new Folder()
  const args = ['--store', store]
  const begun = performance.now()
  await using process = new ServerProcess({ dataDir: folder.file('data'), args, ...options })
  const { code, log } = await process.ended
  const ms = performance.now() - begun
  const own = ms < REFUSED_WITHIN_MS + PROCESS_MS ? PROCESS_MS : await ownMs()
  assert.ok(ms < REFUSED_WITHIN_MS + own, `it took ${ms} ms, ${own} are the process's own: ${log}`)
  assert.equal(code, 1, log)
  assert.doesNotMatch(log, /\n\s+at |"msg":"ready"/)
  assert.ok(!log.includes(POSTGRES_PASSWORD), 'it tells the password')
  return log
}

/** What it takes to come up right now, and as much again: where nothing listens nobody is waited for. */
async function ownMs(): Promise<number> {
  using folder = new Folder()
  const begun = performance.now()
  const args = ['--store', 'postgres://carillon@127.0.0.1:1/carillon']
  await using process = new ServerProcess({ dataDir: folder.file('data'), args })
  await process.ended
  return 2 * (performance.now() - begun)
}

test('where nothing listens', async () => {
  const log = await refused(`postgres://carillon:${POSTGRES_PASSWORD}@127.0.0.1:1/carillon`)
  assert.match(
    log,
    /no connection to postgres:\/\/carillon@127\.0\.0\.1:1\/carillon: .*nothing listens there/,
  )
})

test('where someone listens and says nothing', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  try {
    const { port } = silent.address() as AddressInfo
    const log = await refused(`postgres://carillon:${POSTGRES_PASSWORD}@127.0.0.1:${port}/carillon`)
    assert.match(log, /the database does not answer/)
  } finally {
    silent.close()
  }
})

test('a host name that is unknown', async () => {
  const log = await refused('postgres://carillon@no-such-host.invalid/carillon')
  assert.match(log, /the host name is unknown|the name service does not answer/)
})

test('a database that does not exist', async () => {
  assert.match(await refused(server.url('nowhere')), /this database does not exist; create it/)
})

test('a database of another program', async () => {
  const store = await server.database()
  await server.query('CREATE TABLE theirs (x integer)', new URL(store).pathname.slice(1))
  assert.match(await refused(store), /holds tables of another program/)
})

test('a user without rights', async () => {
  const store = new URL(await server.database())
  await server.query('CREATE ROLE guest LOGIN')
  store.username = 'guest'
  assert.match(await refused(store.href), /this user lacks a right; see docs\/operating\/postgresql\.md/)
})

test('a user that may not use the tables that are there', async () => {
  const store = new URL(await server.database())
  using folder = new Folder()
  const first = await ServerProcess.start({ dataDir: folder.file('data'), args: ['--store', store.href] })
  await first.stop()
  await server.query('CREATE ROLE stranger LOGIN')
  store.username = 'stranger'
  assert.match(await refused(store.href), /this user lacks a right; see docs\/operating\/postgresql\.md/)
})

test('a server that is too old', async () => {
  await using old = await OldPostgres.start('13.18 (Debian 13.18-1.pgdg120+1)')
  assert.match(
    await refused(old.url),
    /this is PostgreSQL 13; at least 14 is needed\. Upgrade the database server\./,
  )
})

test('a standby, when it is the only host', async () => {
  await using pair = await PostgresPair.start()
  assert.match(
    await refused(pair.standby.url()),
    /this is a standby, which takes no writes\. Name the primary/,
  )
})

test('a former primary that came back, also after this server was started anew', async () => {
  await using pair = await PostgresPair.start()
  using folder = new Folder()
  const former = pair.primary
  const hosts = pair.members.map(({ port }) => `127.0.0.1:${port}`)
  const start = (store: string) =>
    ServerProcess.start({ dataDir: folder.file('data'), args: ['--store', store] })
  const before = await start(former.url())
  await before.stop()
  await pair.failOver()
  const after = await start(`postgres://carillon@${hosts.join(',')}/postgres`)
  await after.stop()
  await former.start()
  const log = await refused(former.url(), { dataDir: folder.file('data') })
  assert.match(log, /this is a former primary \(timeline 1, and 2 was seen\).*let it rejoin as a standby/)
  assert.match(log, /delete .*postgres-timelines\.json/)
  const other = await refused('postgres://carillon@127.0.0.1:1/postgres', { dataDir: folder.file('data') })
  assert.match(other, /nothing listens there/)
})

test('a wrong password', async () => {
  await using strict = await PostgresServer.start({ auth: 'scram-sha-256' })
  const store = new URL(strict.url())
  store.password = 'not-the-password'
  assert.match(await refused(store.href), /refuses this user; check user, password/)
  using folder = new Folder()
  store.password = ''
  const env = { CARILLON_STORE_PASSWORD: POSTGRES_PASSWORD }
  const args = ['--store', store.href]
  await using process = await ServerProcess.start({ dataDir: folder.file('data'), args, env })
  assert.equal((await process.client.health.ready()).status, 'ok')
})

test('a database that takes no writes', async () => {
  const store = await server.database()
  const name = new URL(store).pathname.slice(1)
  await server.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`)
  assert.match(await refused(store), /it is read-only \(default_transaction_read_only\)/)
})

test('a schema newer than the program', async () => {
  const store = await server.database()
  using folder = new Folder()
  const first = await ServerProcess.start({ dataDir: folder.file('data'), args: ['--store', store] })
  await first.stop()
  const name = new URL(store).pathname.slice(1)
  await server.query("INSERT INTO migrations VALUES (9999, '9999_later.sql', 'x', 0)", name)
  assert.match(await refused(store), /9999_later\.sql.* newer version\. Start that version, or restore/)
})

test('an address that is none', async () => {
  using folder = new Folder()
  const args = ['--store', `postgres://me:${POSTGRES_PASSWORD}@host/db?sslmode=prefer`]
  await using process = new ServerProcess({ dataDir: folder.file('data'), args })
  const { code, log } = await process.ended
  assert.equal(code, 78)
  assert.match(log, /sslmode is prefer; it may be disable, require, verify-ca or verify-full/)
  assert.ok(!log.includes(POSTGRES_PASSWORD))
})

test('a ready server says what an acknowledged write survives', async () => {
  using folder = new Folder()
  const store = await server.database()
  await using process = await ServerProcess.start({ dataDir: folder.file('data'), args: ['--store', store] })
  const headers = { authorization: `Bearer ${ADMIN_KEY}` }
  const answer = await fetch(`${process.url}/readyz?verbose=true`, { headers })
  assert.match(await answer.text(), /NOT durable: fsync is off/)
  assert.ok(!process.log.includes(POSTGRES_PASSWORD))
})
