// The store of a cluster: a primary and its synchronous standby, which takes over when the primary is killed. A commit
// is acknowledged when both have it.

import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../support/until.ts'
import { PostgresMember } from './postgres-member.ts'

const JOINED_WITHIN_MS = 30_000

export class PostgresPair implements AsyncDisposable {
  readonly members: readonly [PostgresMember, PostgresMember]
  readonly #folder: string
  #primary: PostgresMember

  private constructor(folder: string, members: PostgresPair['members']) {
    this.#folder = folder
    this.members = members
    this.#primary = members[0]
  }

  static async start(): Promise<PostgresPair> {
    const folder = mkdtempSync(join(tmpdir(), 'carillon-pair-'))
    chmodSync(folder, 0o755)
    const [first, second] = [await freePort(), await freePort()]
    const pair = new PostgresPair(folder, [
      new PostgresMember(join(folder, 'a'), first),
      new PostgresMember(join(folder, 'b'), second),
    ])
    await using begun = new AsyncDisposableStack()
    begun.use(pair)
    const { primary, standby } = pair
    await primary.initialize()
    await standby.copyFrom(primary)
    await Promise.all([primary.start(), standby.start()])
    await pair.#bind()
    begun.move()
    return pair
  }

  get primary(): PostgresMember {
    return this.#primary
  }

  get standby(): PostgresMember {
    const [a, b] = this.members
    return this.#primary === a ? b : a
  }

  /** The primary is killed and the standby takes its place. Alone: it no longer waits for anybody. */
  async failOver(): Promise<void> {
    const { primary, standby } = this
    await primary.stop('kill')
    await standby.query('SELECT pg_promote(true, 30)')
    this.#primary = standby
  }

  /** Whoever fell becomes the standby of the other, with what that one has. */
  async rejoin(): Promise<void> {
    await this.standby.stop('kill')
    await this.standby.copyFrom(this.#primary)
    await this.standby.start()
    await this.#bind()
  }

  /** A new, empty database. */
  async database(name: string): Promise<void> {
    await this.#primary.query(`CREATE DATABASE ${name}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop('immediate')))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** As soon as the standby follows, a commit waits for it. */
  async #bind(): Promise<void> {
    await this.#standbyIs("state = 'streaming'")
    await this.#primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'", 'SELECT pg_reload_conf()')
    await this.#standbyIs("sync_state = 'sync'")
  }

  async #standbyIs(state: string): Promise<void> {
    await until(`the standby has ${state}`, JOINED_WITHIN_MS, async () => {
      const rows = await this.#primary.query(`SELECT 1 FROM pg_stat_replication WHERE ${state}`)
      return rows.length === 1
    })
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
