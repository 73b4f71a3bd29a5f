// A real PostgreSQL of a test's own: made in a second, thrown away afterwards. It ends with whoever started it, however
// that ends. PG_URL in the environment names one that runs already; then databases are made there, where the test does
// not need a server of its own kind.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { postgresFolder, postgresOwner } from './postgres-binaries.ts'
import { until } from './until.ts'

export const POSTGRES_USER = 'carillon'
export const POSTGRES_PASSWORD = 'a-password-for-tests-only'

const READY_WITHIN_MS = 60_000

/** What makes commits quick and a power cut fatal. */
const NOT_DURABLE = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }

/** It dies with the process that holds its standard input, and takes its data along. */
const WATCHED = `
exec 3<&0 </dev/null
data=$1; shift
"$@" & server=$!
( cat <&3 >/dev/null; trap '' TERM; kill -QUIT $server 2>/dev/null; sleep 1; rm -rf "$data" ) & watch=$!
wait $server; code=$?
kill $watch 2>/dev/null
exit $code`

export type PostgresOptions = {
  /** Written to disk before it is acknowledged; slower. Default: no, for tests with another subject. */
  readonly durable?: boolean
  /** Default: whoever comes is let in. */
  readonly auth?: 'trust' | 'scram-sha-256'
  /** Further settings of the server. */
  readonly settings?: Readonly<Record<string, string>>
}

export class PostgresServer implements AsyncDisposable {
  readonly dataDir: string
  readonly port: number
  readonly #settings: Readonly<Record<string, string>>
  readonly #elsewhere: string | undefined
  #child: ChildProcess | null = null
  #log = ''
  #databases = 0

  private constructor(
    dataDir: string,
    port: number,
    settings: PostgresOptions['settings'],
    elsewhere?: string,
  ) {
    this.dataDir = dataDir
    this.port = port
    this.#settings = settings ?? {}
    this.#elsewhere = elsewhere
  }

  /** Running, with the user of `url()` as its only one. */
  static async start(options: PostgresOptions = {}): Promise<PostgresServer> {
    const { PG_URL } = process.env
    if (PG_URL !== undefined && Object.keys(options).length === 0) {
      return new PostgresServer('', Number(new URL(PG_URL).port || 5432), {}, PG_URL)
    }
    const { durable = false, settings = {}, auth = 'trust' } = options
    const server = new PostgresServer(makeFolder(), await freePort(), {
      ...(durable ? {} : NOT_DURABLE),
      ...settings,
    })
    await server.#initialize(auth)
    await server.resume()
    return server
  }

  /** All it has said. */
  get log(): string {
    return this.#log
  }

  get pid(): number {
    return Number(readFileSync(join(this.dataDir, 'postmaster.pid'), 'utf8').split('\n')[0])
  }

  url(database = 'postgres'): string {
    if (this.#elsewhere !== undefined)
      return Object.assign(new URL(this.#elsewhere), { pathname: database }).href
    return `postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@127.0.0.1:${this.port}/${database}`
  }

  /** A new database; of `template` it is a copy, which is quicker than filling it anew. */
  async database(template = 'template1'): Promise<string> {
    this.#databases += 1
    const name = `test_${process.pid}_${this.#databases}`
    await this.query(`CREATE DATABASE ${name} TEMPLATE ${template}`)
    return this.url(name)
  }

  async dropDatabase(url: string): Promise<void> {
    await this.query(`DROP DATABASE IF EXISTS ${new URL(url).pathname.slice(1)} WITH (FORCE)`)
  }

  /** One statement on a connection of its own. */
  async query(sql: string, database?: string): Promise<unknown[]> {
    const client = new pg.Client(this.url(database))
    await client.connect()
    try {
      return (await client.query(sql)).rows as unknown[]
    } finally {
      await client.end()
    }
  }

  /** `fast` ends sessions cleanly; `immediate` is what a crash leaves behind; SIGKILL is one. */
  async stop(how: 'fast' | 'immediate' | 'kill' = 'fast'): Promise<void> {
    const child = this.#child
    if (child === null) return
    this.#child = null
    const ended = once(child, 'close')
    try {
      process.kill(this.pid, { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' }[how] as NodeJS.Signals)
    } catch {
      // It has gone already.
    }
    await ended
  }

  /** On the same data and port again. */
  async resume(): Promise<void> {
    const command = join(postgresFolder(), 'bin', 'postgres')
    const settings = Object.entries({
      listen_addresses: '127.0.0.1',
      port: String(this.port),
      unix_socket_directories: '',
      max_connections: '200',
      shared_buffers: '64MB',
      dynamic_shared_memory_type: 'mmap',
      log_min_messages: 'warning',
      ...this.#settings,
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const whole = [WATCHED, 'sh', this.dataDir, command, '-D', this.dataDir, ...settings]
    const child = spawn('/bin/sh', ['-c', ...whole], {
      cwd: this.dataDir,
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' } as unknown as NodeJS.ProcessEnv,
      ...postgresOwner,
    })
    this.#child = child
    const from = this.#log.length
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text
    })
    await until('PostgreSQL is ready', READY_WITHIN_MS, () => {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended at its start: ${this.#log}`)
      return this.#log.slice(from).includes('ready to accept')
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#elsewhere !== undefined) return
    await this.stop('immediate')
    rmSync(this.dataDir, { recursive: true, force: true })
  }

  async #initialize(auth: string): Promise<void> {
    const passwordFile = `${this.dataDir}.password`
    writeFileSync(passwordFile, POSTGRES_PASSWORD)
    const user = ['--username', POSTGRES_USER, '--pwfile', passwordFile, '--auth', auth]
    const text = ['--encoding', 'UTF8', '--locale', 'C', '--no-sync', '--no-instructions']
    await promisify(execFile)(
      join(postgresFolder(), 'bin', 'initdb'),
      ['--pgdata', this.dataDir, ...user, ...text],
      { cwd: this.dataDir, ...postgresOwner },
    )
    rmSync(passwordFile)
  }
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-pg-'))
  if (postgresOwner !== null) chownSync(folder, postgresOwner.uid, postgresOwner.gid)
  return folder
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
