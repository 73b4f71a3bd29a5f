// Finds the host that takes writes, among those the address names, in their order. One whose history is older than what
// was seen already is a former primary that came back: what it acknowledges would be lost, so it is refused.

import { StoreUnavailable } from '../../ports/store.ts'
import { type Address, describeAddress, type Host } from './address.ts'
import { Connection, type Timeouts } from './connection.ts'
import { asStoreFailure } from './failure.ts'

export const VERSION_MIN = 14

type Standing = {
  readonly standby: boolean
  readonly readOnly: string
  readonly timeline: string
  readonly version: number
}

/** On a standby there is no log being written, so no timeline to ask for. What is acknowledged must be on disk. */
const STANDING = `SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') AS "readOnly",
  CASE WHEN pg_is_in_recovery() THEN '' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END AS timeline,
  current_setting('server_version_num')::integer / 10000 AS version;
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') IN ('off', 'local')`

export class Primary {
  readonly #address: Address
  readonly #timeouts: Timeouts
  readonly #name: string
  #timeline = 0

  constructor(address: Address, timeouts: Timeouts, name: string) {
    this.#address = address
    this.#timeouts = timeouts
    this.#name = name
  }

  /** Highest timeline of the cluster that was seen. */
  get timeline(): number {
    return this.#timeline
  }

  /** Throws StoreUnavailable with what each host said. */
  async connect(): Promise<Connection> {
    const refusals: string[] = []
    let cause: unknown
    for (const host of this.#address.hosts) {
      try {
        return await this.#tryHost(host)
      } catch (error) {
        cause = asStoreFailure(error)
        refusals.push(`${host.host}:${host.port}: ${(cause as Error).message}`)
      }
    }
    throw new StoreUnavailable(`no connection to ${describeAddress(this.#address)}: ${refusals.join('; ')}`, {
      cause,
    })
  }

  async #tryHost(host: Host): Promise<Connection> {
    const connection = await Connection.open(this.#address, host, this.#timeouts, this.#name)
    try {
      const [answer] = await connection.exec(STANDING)
      this.#judge(answer!.rows[0] as Standing)
      return connection
    } catch (error) {
      connection.destroy()
      throw error
    }
  }

  #judge({ standby, readOnly, timeline, version }: Standing): void {
    if (version < VERSION_MIN) {
      throw new StoreUnavailable(
        `this is PostgreSQL ${version}; at least ${VERSION_MIN} is needed. Upgrade the database server.`,
      )
    }
    if (standby) throw new StoreUnavailable('this is a standby, which takes no writes; name the primary too')
    if (readOnly === 'on')
      throw new StoreUnavailable(
        'it is read-only (default_transaction_read_only); allow writes for this user',
      )
    const number = Number.parseInt(timeline, 16)
    if (number < this.#timeline) {
      throw new StoreUnavailable(
        `this is a former primary (timeline ${number}, and ${this.#timeline} was seen): what it acknowledges would be ` +
          'lost. Shut it down, and let it rejoin as a standby.',
      )
    }
    this.#timeline = number
  }
}
