// Finds the host that takes writes among those the address names. One whose history is older than what was seen already,
// or than another's, is a former primary that came back: what it acknowledges would be lost, so it is refused.

import type { Clock } from '../../ports/clock.ts'
import { StoreUnavailable } from '../../ports/store.ts'
import { type Address, describeAddress, type Host } from './address.ts'
import { Connection, type Timeouts } from './connection.ts'
import { asStoreFailure } from './failure.ts'
import { SeenTimelines } from './seen-timelines.ts'

export const VERSION_MIN = 14

/** When one host has answered, how long the others may still take to say that they know better. */
const OTHERS_MS = 500

type Standing = {
  readonly standby: boolean
  readonly readOnly: string
  readonly timeline: string
  readonly system: string
  readonly version: number
}

/** On a standby there is no log being written, so no timeline to ask for. What is acknowledged must be on disk. */
const STANDING = `SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') AS "readOnly",
  CASE WHEN pg_is_in_recovery() THEN '' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END AS timeline,
  (SELECT system_identifier::text FROM pg_control_system()) AS system,
  current_setting('server_version_num')::integer / 10000 AS version;
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') IN ('off', 'local')`

type History = { readonly system: string; readonly timeline: number }
type Found = History & { readonly connection: Connection }

export class Primary {
  readonly #address: Address
  readonly #clock: Clock
  readonly #onNewHistory: (() => void)[] = []
  /** Not yet anybody's: still being asked what they lead to. */
  readonly #asked = new Set<Connection>()
  readonly #seen: SeenTimelines
  /** Of the last connection. */
  #history: History | null = null
  /** Where it was last. */
  #host: Host | null = null

  constructor(address: Address, clock: Clock, seen = new SeenTimelines()) {
    this.#seen = seen
    this.#address = address
    this.#clock = clock
  }

  /** Another server has become the primary: what its predecessor said last may not have come along. */
  onNewHistory(act: () => void): void {
    this.#onNewHistory.push(act)
  }

  /** Throws StoreUnavailable with what each host said. */
  async connect(timeouts: Timeouts, name: string): Promise<Connection> {
    const { hosts } = this.#address
    const last = this.#host
    if (last !== null && hosts.length > 1) {
      const again = await this.#tryHost(last, timeouts, name).catch(() => null)
      if (again !== null) return this.#settleOn(again)
      this.#host = null
    }
    return this.#settleOn(await this.#askAll(timeouts, name))
  }

  /** Whoever has not said yet what it is, is asked no longer. */
  cutOff(): void {
    for (const connection of this.#asked) connection.destroy()
  }

  async #askAll(timeouts: Timeouts, name: string): Promise<Found> {
    const tries = this.#address.hosts.map((host) => this.#tryHost(host, timeouts, name))
    const found: Found[] = []
    for (const each of tries) each.then((one) => found.push(one)).catch(() => {})
    try {
      await Promise.any(tries)
    } catch (error) {
      throw this.#nobody((error as AggregateError).errors)
    }
    await Promise.race([Promise.allSettled(tries), this.#wait(OTHERS_MS)])
    const [newest, ...others] = found.sort((a, b) => b.timeline - a.timeline)
    for (const { connection } of others) connection.destroy()
    for (const late of tries) late.then((one) => one !== newest && one.connection.destroy()).catch(() => {})
    return newest!
  }

  #settleOn({ connection, system, timeline }: Found): Connection {
    const last = this.#history
    this.#history = { system, timeline }
    if (last !== null && (last.system !== system || last.timeline < timeline))
      for (const act of this.#onNewHistory) act()
    this.#seen.saw(system, timeline)
    this.#host = connection.host
    return connection
  }

  async #tryHost(host: Host, timeouts: Timeouts, name: string): Promise<Found> {
    const connection = await Connection.open(this.#address, host, timeouts, name)
    this.#asked.add(connection)
    try {
      refuseOlder(connection.version)
      const [answer] = await connection.exec(STANDING)
      return { connection, ...this.#judge(answer!.rows[0] as Standing) }
    } catch (error) {
      connection.destroy()
      throw error
    } finally {
      this.#asked.delete(connection)
    }
  }

  /** What it is the primary of, if it will do. */
  #judge({ standby, readOnly, timeline, system, version }: Standing): History {
    refuseOlder(version)
    if (standby) {
      throw new StoreUnavailable(
        'this is a standby, which takes no writes. Name the primary, or all hosts separated by commas.',
      )
    }
    if (readOnly === 'on') {
      throw new StoreUnavailable(
        'it is read-only (default_transaction_read_only). Allow writes for this user and database.',
      )
    }
    const number = Number.parseInt(timeline, 16)
    const newest = this.#seen.newest(system)
    if (number < newest) {
      throw new StoreUnavailable(
        `this is a former primary (timeline ${number}, and ${newest} was seen): what it acknowledges would be lost. ` +
          'Shut it down, and let it rejoin as a standby.' +
          (this.#seen.path === null
            ? ''
            : ` If it was put back on purpose, from a backup, delete ${this.#seen.path} on each server.`),
      )
    }
    return { system, timeline: number }
  }

  #nobody(errors: readonly unknown[]): StoreUnavailable {
    const failures = errors.map((error) => asStoreFailure(error) as Error)
    const said = failures.map(({ message }, position) => {
      const { host, port } = this.#address.hosts[position]!
      return `${host}:${port}: ${message}`
    })
    const text = `no connection to ${describeAddress(this.#address)}: ${said.join('; ')}`
    return new StoreUnavailable(text, { cause: failures[0] })
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(ms, resolve)
    })
  }
}

/** null: it does not say, as some poolers do not. */
function refuseOlder(version: number | null): void {
  if (version !== null && version < VERSION_MIN) {
    throw new StoreUnavailable(
      `this is PostgreSQL ${version}; at least ${VERSION_MIN} is needed. Upgrade the database server.`,
    )
  }
}
