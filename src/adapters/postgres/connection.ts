// One connection to a database that takes writes. Whatever does not answer in time is cut off: a connection that hangs
// half open must not hang a node.

import pg from 'pg'
import { StoreUnavailable } from '../../ports/store.ts'
import type { Address, Host } from './address.ts'
import { endsConnection } from './failure.ts'
import type { Sql, Value } from './sql.ts'
import { storable } from './text.ts'

export type Timeouts = {
  /** To a host that answers. */
  readonly connectMs: number
  /** Of one statement, as this end sees it; then the connection is given up. */
  readonly queryMs: number
  /** The same at the other end, a little earlier, so that the server can say what it was. */
  readonly statementMs: number
  readonly lockMs: number
  /** A transaction whose node says nothing more is ended by the server. */
  readonly idleInTransactionMs: number
}

export const STATEMENT_MS = 15_000

const CONNECT_MS = 2_000
const LOCK_MS_MAX = 5_000
const IDLE_IN_TRANSACTION_MS = 5_000

/** All that follows from how long one statement may take. */
export function timeoutsFor(queryMs: number): Timeouts {
  const statementMs = Math.ceil(queryMs * 0.8)
  return {
    connectMs: CONNECT_MS,
    queryMs,
    statementMs,
    lockMs: Math.min(LOCK_MS_MAX, statementMs),
    idleInTransactionMs: IDLE_IN_TRANSACTION_MS,
  }
}

const KEEPALIVE_AFTER_MS = 5_000
const WARNING = '01000'

/**
 * The plan of a statement must not depend on what was in the tables when it was first made: every statement of this
 * store goes by an index, and reads few rows.
 */
const PLANNER = [
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'jit=off',
  'max_parallel_workers_per_gather=0',
]

const int8 = Number
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8
      ? int8
      : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

export type Answer<Row> = { readonly rows: Row[]; readonly count: number; readonly command: string }

export class Connection {
  readonly host: Host
  readonly #client: pg.Client
  #lost = false
  #warned: string | null = null
  #version: number | null = null

  private constructor(client: pg.Client, host: Host) {
    this.#client = client
    this.host = host
    client.on('error', () => this.destroy())
    client.on('end', () => this.destroy())
    const { connection } = client as unknown as { connection: NodeJS.EventEmitter }
    connection.on('parameterStatus', ({ parameterName, parameterValue }: Record<string, string>) => {
      if (parameterName === 'server_version') this.#version = Number.parseInt(parameterValue!, 10) || null
    })
    client.on('notice', ({ code, message }) => {
      if (code === WARNING) this.#warned = message ?? 'a warning without words'
    })
  }

  static async open(address: Address, host: Host, timeouts: Timeouts, name: string): Promise<Connection> {
    const client = new pg.Client({
      ...host,
      user: address.user,
      password: address.password ?? '',
      database: address.database,
      // Named here, as the driver names only hosts that are no numbers.
      ssl: address.tls === false ? false : { ...address.tls, host: host.host },
      application_name: name,
      connectionTimeoutMillis: timeouts.connectMs,
      query_timeout: timeouts.queryMs,
      statement_timeout: timeouts.statementMs,
      lock_timeout: timeouts.lockMs,
      idle_in_transaction_session_timeout: timeouts.idleInTransactionMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_AFTER_MS,
      options: PLANNER.map((setting) => `-c ${setting}`).join(' '),
      types,
    })
    const connection = new Connection(client, host)
    try {
      await client.connect()
      return connection
    } catch (error) {
      connection.destroy()
      throw error
    }
  }

  /** Its major version, as it said when it was greeted. null: it did not. */
  get version(): number | null {
    return this.#version
  }

  /** Nothing more can be asked of it. */
  get lost(): boolean {
    return this.#lost
  }

  /** What the server has warned of since this was last asked. */
  takeWarning(): string | null {
    const warned = this.#warned
    this.#warned = null
    return warned
  }

  async ask<Row>({ name, text }: Sql<Row>, values: readonly Value[]): Promise<Answer<Row>> {
    return this.#guarded(async () => {
      const { rows, rowCount, command } = await this.#client.query({
        name,
        text,
        values: values.map(storableValue),
      })
      return { rows: rows as Row[], count: rowCount ?? 0, command }
    })
  }

  /** Statements without values, separated by semicolons, in one round trip; the rows of each. */
  async exec(text: string): Promise<Answer<Record<string, unknown>>[]> {
    return this.#guarded(async () => {
      const answers: unknown = await this.#client.query(text)
      const list = (Array.isArray(answers) ? answers : [answers]) as pg.QueryResult[]
      return list.map(({ rows, rowCount, command }) => ({ rows, count: rowCount ?? 0, command }))
    })
  }

  onNotification(heard: (payload: string) => void): void {
    this.#client.on('notification', ({ payload }) => heard(payload ?? ''))
  }

  onLost(act: () => void): void {
    this.#client.once('end', act)
  }

  /** Says goodbye where someone listens. */
  async close(): Promise<void> {
    if (this.#lost) return
    this.#lost = true
    try {
      await this.#client.end()
    } catch {
      this.#cut()
    }
  }

  /** At once, also while a goodbye waits for an answer. */
  destroy(): void {
    this.#lost = true
    this.#cut()
  }

  #cut(): void {
    const { connection } = this.#client as unknown as { connection: { stream: { destroy(): void } } }
    connection.stream.destroy()
  }

  async #guarded<Result>(act: () => Promise<Result>): Promise<Result> {
    // The driver would keep it for a connection that never comes, and its timer the process.
    if (this.#lost) throw new StoreUnavailable('the connection to the database was lost')
    try {
      return await act()
    } catch (error) {
      if (endsConnection(error)) this.destroy()
      throw error
    }
  }
}

function storableValue(value: Value): unknown {
  if (typeof value === 'string') return storable(value)
  return Array.isArray(value) ? value.map((one) => (typeof one === 'string' ? storable(one) : one)) : value
}
