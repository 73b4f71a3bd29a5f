// TLS to the database: who may be believed, and who is refused with what to do.

import assert from 'node:assert/strict'
import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openPostgresStore } from '../../src/adapters/postgres/open.ts'
import { seededChance } from '../contracts/world.ts'
import { Folder } from '../support/folder.ts'
import { postgresOwner } from '../support/postgres-binaries.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { systemClock } from '../support/system-clock.ts'
import { AUTHORITY, ELSEWHERE, HERE, STRANGER } from './certificates.ts'

const folder = new Folder()
after(() => folder[Symbol.dispose]())
const server = await PostgresServer.start()
after(() => server[Symbol.asyncDispose]())
const plain = await server.database()

function file(name: string, text: string): string {
  const path = join(folder.path, name)
  writeFileSync(path, text)
  return path
}

const authority = file('authority.pem', AUTHORITY)
const stranger = file('stranger.pem', STRANGER)

/** The server shows this from now on. */
async function show({ key, cert }: { readonly key: string; readonly cert: string }): Promise<void> {
  for (const [name, text] of [
    ['server.key', key],
    ['server.crt', cert],
  ] as const) {
    const path = join(server.dataDir, name)
    writeFileSync(path, text, { mode: 0o600 })
    if (postgresOwner !== null) chownSync(path, postgresOwner.uid, postgresOwner.gid)
  }
  await server.query('ALTER SYSTEM SET ssl = on')
  await server.query('SELECT pg_reload_conf()')
}

function address(host: string, parameters: Record<string, string>): string {
  const url = new URL(plain)
  url.hostname = host
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

async function opens(host: string, parameters: Record<string, string>): Promise<void> {
  const url = address(host, parameters)
  await using store = await openPostgresStore({ url, chance: seededChance(), clock: systemClock })
  await store.housekeeping.ping()
  const used = await server.query(
    "SELECT DISTINCT ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.application_name LIKE 'carillon%'",
  )
  assert.deepEqual(used, [{ ssl: true }])
}

const refused = (host: string, parameters: Record<string, string>, text: RegExp): Promise<void> =>
  assert.rejects(
    openPostgresStore({ url: address(host, parameters), chance: seededChance(), clock: systemClock }),
    text,
  )

test('a server without TLS is refused where it is asked for', () =>
  refused('127.0.0.1', { sslmode: 'require' }, /does not answer \(The server does not support SSL/))

test('verify-full believes the host that the authority vouches for, by name and by number', async () => {
  await show(HERE)
  await opens('localhost', { sslmode: 'verify-full', sslrootcert: authority })
  await opens('127.0.0.1', { sslmode: 'verify-full', sslrootcert: authority })
})

test('whom a stranger vouches for, or nobody, is refused', async () => {
  await show(HERE)
  const untrusted = /no trusted TLS connection \(.*(certificate|issuer).*\)/
  await refused('127.0.0.1', { sslmode: 'verify-full', sslrootcert: stranger }, untrusted)
  await refused('127.0.0.1', { sslmode: 'verify-ca', sslrootcert: stranger }, untrusted)
  await refused('127.0.0.1', { sslmode: 'verify-full' }, untrusted)
  await refused('127.0.0.1', { sslmode: 'require', sslrootcert: stranger }, untrusted)
})

test('another host with a good certificate is refused by verify-full alone', async () => {
  await show(ELSEWHERE)
  const other = /no trusted TLS connection \(.*does not match certificate's altnames/
  await refused('127.0.0.1', { sslmode: 'verify-full', sslrootcert: authority }, other)
  await refused('localhost', { sslmode: 'verify-full', sslrootcert: authority }, other)
  await opens('127.0.0.1', { sslmode: 'verify-ca', sslrootcert: authority })
  await opens('127.0.0.1', { sslmode: 'require' })
})

test('an authority that cannot be read is named', () =>
  refused('127.0.0.1', { sslmode: 'verify-full', sslrootcert: '/nowhere.pem' }, /sslrootcert cannot be read/))
