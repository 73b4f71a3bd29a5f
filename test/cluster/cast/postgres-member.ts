// One PostgreSQL of a pair: a data directory and the process that serves it. It dies with whoever started it.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { postgresFolder, postgresOwner } from '../../support/postgres-binaries.ts'
import { until } from '../../support/until.ts'

const run = promisify(execFile)
export const USER = 'carillon'
const READY_WITHIN_MS = 30_000

/** It ends when its standard input does: the test is gone. */
const WATCHED = `
exec 3<&0 </dev/null
"$@" & server=$!
( cat <&3 >/dev/null; kill -QUIT $server 2>/dev/null ) & watch=$!
wait $server; code=$?
kill $watch 2>/dev/null
exit $code`

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '120',
  shared_buffers: '48MB',
  dynamic_shared_memory_type: 'mmap',
  wal_keep_size: '512MB',
  // A standby that lost its primary asks again soon, as commits wait for it.
  wal_retrieve_retry_interval: '200ms',
  // Processes are killed here, the machine is not: what the kernel has been given is not lost.
  fsync: 'off',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  log_min_messages: 'warning',
}

export class PostgresMember implements AsyncDisposable {
  readonly dataDir: string
  readonly port: number
  #child: ChildProcess | null = null
  #log = ''

  constructor(dataDir: string, port: number) {
    this.dataDir = dataDir
    this.port = port
  }

  get log(): string {
    return this.#log
  }

  get pid(): number {
    return Number(readFileSync(join(this.dataDir, 'postmaster.pid'), 'utf8').split('\n')[0])
  }

  get isRunning(): boolean {
    return this.#child !== null
  }

  url(database = 'postgres'): string {
    return `postgres://${USER}@127.0.0.1:${this.port}/${database}`
  }

  async initialize(): Promise<void> {
    this.#makeFolder()
    const how = ['--username', USER, '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C']
    const quick = ['--no-sync', '--no-instructions']
    await run(join(postgresFolder(), 'bin', 'initdb'), ['--pgdata', this.dataDir, ...how, ...quick], {
      cwd: this.dataDir,
      ...postgresOwner,
    })
  }

  /** A copy of what another has, as its standby from the next start on. Works on a running one too. */
  async copyFrom(primary: PostgresMember): Promise<void> {
    rmSync(this.dataDir, { recursive: true, force: true })
    this.#makeFolder()
    const label = primary.isRunning ? await this.#backup(primary) : await copy(primary.dataDir, this.dataDir)
    rmSync(join(this.dataDir, 'postmaster.pid'), { force: true })
    this.#write('standby.signal', '')
    this.#write(
      'postgresql.auto.conf',
      `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=${USER}'\n`,
    )
    if (label !== null) this.#write('backup_label', label)
  }

  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const given = Object.entries({ ...SETTINGS, port: String(this.port), ...settings })
    const flags = given.flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const program = join(postgresFolder(), 'bin', 'postgres')
    const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', program, '-D', this.dataDir, ...flags], {
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
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended at its start: ${this.#log.slice(from)}`)
      return this.#log.slice(from).includes('ready to accept')
    })
  }

  /** `fast` ends sessions cleanly, `immediate` is what a crash leaves behind, `kill` is one. */
  async stop(how: 'fast' | 'immediate' | 'kill'): Promise<void> {
    const child = this.#child
    if (child === null) return
    this.#child = null
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'close')
    try {
      process.kill(this.pid, ({ fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const)[how])
    } catch {
      // It has gone already.
    }
    await ended
  }

  /** Statements one after the other on a connection of its own. */
  async query<Row = Record<string, unknown>>(...statements: readonly string[]): Promise<Row[]> {
    const client = new pg.Client(this.url())
    client.on('error', () => {})
    await client.connect()
    try {
      let rows: Row[] = []
      for (const sql of statements) rows = (await client.query(sql)).rows as Row[]
      return rows
    } finally {
      await client.end()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('immediate')
  }

  /** What pg_basebackup does, which does not come with the binaries. Gives the label the copy needs. */
  async #backup(primary: PostgresMember): Promise<string> {
    const client = new pg.Client(primary.url())
    await client.connect()
    try {
      await client.query("SELECT pg_backup_start('copy', true)")
      await copy(primary.dataDir, this.dataDir)
      const { rows } = await client.query('SELECT labelfile FROM pg_backup_stop(false)')
      return (rows[0] as { labelfile: string }).labelfile
    } finally {
      await client.end()
    }
  }

  #makeFolder(): void {
    mkdirSync(this.dataDir, { recursive: true, mode: 0o700 })
    if (postgresOwner !== null) chownSync(this.dataDir, postgresOwner.uid, postgresOwner.gid)
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.dataDir, name), text)
    if (postgresOwner !== null) chownSync(join(this.dataDir, name), postgresOwner.uid, postgresOwner.gid)
  }
}

/** Files of a running server may go while they are copied; the log of changes makes up for them. */
async function copy(from: string, to: string): Promise<null> {
  await run('cp', ['-a', `${from}/.`, to]).catch((error: { code?: number }) => {
    if (error.code !== 1) throw error
  })
  return null
}
