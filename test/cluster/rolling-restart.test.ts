// Three servers on one store are restarted one after the other under a load of calls. A client that asks each for
// /readyz, as a balancer does, and sends its calls to those that say yes sees none of them fail.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createClient } from '../../src/sdk/index.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { ADMIN_KEY, ServerProcess } from '../support/server-process.ts'
import { until } from '../support/until.ts'

const CALLERS = 4
const LOOK_EVERY_MS = 100
const READY_WITHIN_MS = 90_000
/** Much longer than a look: this machine may be busy. */
const STOP_NOTICE = '3s'

/** Those that said yes when they were last asked; one that does not answer said no. */
class Balancer implements AsyncDisposable {
  readonly servers: (ServerProcess | null)[]
  ready: string[] = []
  #stopped = false
  readonly #looking: Promise<void>

  constructor(servers: ServerProcess[]) {
    this.servers = servers
    this.#looking = this.#look()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await this.#looking
  }

  async #look(): Promise<void> {
    while (!this.#stopped) {
      const urls = this.servers.flatMap((server) => (server === null ? [] : [server.url]))
      const answers = await Promise.all(urls.map(isReady))
      this.ready = urls.filter((_, n) => answers[n])
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok
  } catch {
    return false
  }
}

test('three servers are restarted in turn, and no call fails', async () => {
  await using parts = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'carillon-rolling-'))
  parts.defer(() => rmSync(folder, { recursive: true, force: true }))
  const postgres = parts.use(await PostgresServer.start())
  const store = await postgres.database()
  const start = async (n: number): Promise<ServerProcess> => {
    const args = ['--store', store, '--stop-notice', STOP_NOTICE]
    return parts.use(await ServerProcess.start({ dataDir: join(folder, `s${n}`), args }))
  }
  const balancer = parts.use(new Balancer([await start(0), await start(1), await start(2)]))
  const allReady = () => until('all are ready', READY_WITHIN_MS, () => balancer.ready.length === 3)
  await allReady()

  const failures: string[] = []
  let calls = 0
  let over = false
  // Whatever else goes wrong: who calls without end keeps the process alive, and the machine busy.
  parts.defer(() => {
    over = true
  })
  const call = async (caller: number): Promise<void> => {
    for (let n = 0; !over && failures.length === 0; n += 1) {
      const url = balancer.ready[calls % balancer.ready.length]
      assert.ok(url !== undefined, 'no server was ready')
      calls += 1
      const client = createClient({ url, apiKey: ADMIN_KEY, retries: 0, timeoutMs: 10_000 })
      const draft = {
        name: `call-${caller}-${n}`,
        schedule: {},
        target: { http: { url: 'http://127.0.0.1:9/' } },
      }
      try {
        await (n % 2 === 0 ? client.jobs.create(draft) : client.jobs.list({ limit: 5 }))
      } catch (error) {
        failures.push(`${url}: ${error}`)
      }
    }
  }
  const callers = Array.from({ length: CALLERS }, (_, n) => call(n))
  for (let n = 0; n < 3; n += 1) {
    const server = balancer.servers[n]!
    const { code, log } = await server.stop()
    assert.equal(code, 0, log)
    balancer.servers[n] = null
    balancer.servers[n] = await start(n)
    await allReady()
  }
  over = true
  await Promise.all(callers)
  assert.deepEqual(failures, [])
  assert.ok(calls > 100, `${calls} calls`)
})
