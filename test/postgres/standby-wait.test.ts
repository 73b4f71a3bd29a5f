// A commit whose wait for the standby was cancelled is on the primary alone: nobody knows whether it will last. It is
// answered as that, and the repeat under the same key is a write that waits.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Folder } from '../support/folder.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { ADMIN_KEY, ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const server = await PostgresServer.start({ durable: true })
after(() => server[Symbol.asyncDispose]())

const WAITING =
  "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'carillon'"

/** A commit waits for this standby, which does not exist. */
async function standby(name: string): Promise<void> {
  await server.query(`ALTER SYSTEM SET synchronous_standby_names = '${name}'`)
  await server.query('SELECT pg_reload_conf()')
}

function create(url: string): Promise<Response> {
  const job = { name: 'once', schedule: {}, target: { http: { url: 'http://127.0.0.1:9/' } } }
  const headers = {
    authorization: `Bearer ${ADMIN_KEY}`,
    'content-type': 'application/json',
    'idempotency-key': 'the-one',
  }
  return fetch(`${url}/v1/jobs`, { method: 'POST', headers, body: JSON.stringify(job) })
}

async function waits(what: string): Promise<void> {
  await until(what, 10_000, async () => (await server.query(WAITING)).length > 0)
}

test('a cancelled wait is an unknown: 503, and the repeat writes and waits', {
  timeout: 60_000,
}, async () => {
  using folder = new Folder()
  const store = await server.database()
  const name = new URL(store).pathname.slice(1)
  await using carillon = await ServerProcess.start({
    dataDir: folder.file('data'),
    // Nothing but the request is to wait: the loops look seldom.
    args: ['--store', store, '--poll-interval', '30s'],
  })
  // The first use of a key is written down.
  await carillon.client.jobs.list()
  await standby('nobody')
  const first = create(carillon.url)
  await waits('the commit waits for its standby')
  await server.query(`SELECT pg_cancel_backend(pid) FROM (${WAITING}) w`)
  const answer = await first
  assert.equal(answer.status, 503)
  const problem = (await answer.json()) as { code: string; detail: string }
  assert.equal(problem.code, 'storage_unavailable')
  const rows = await server.query("SELECT id FROM jobs WHERE name = 'once'", name)
  assert.equal(rows.length, 1, 'it is there, on the primary alone')

  let answered = false
  const repeat = create(carillon.url).finally(() => {
    answered = true
  })
  await waits('the repeat waits too')
  assert.equal(answered, false)
  await standby('')
  const second = await repeat
  assert.equal(second.status, 201)
  assert.equal(((await second.json()) as { id: string }).id, (rows[0] as { id: string }).id)
  assert.equal((await server.query("SELECT id FROM jobs WHERE name = 'once'", name)).length, 1)
})
