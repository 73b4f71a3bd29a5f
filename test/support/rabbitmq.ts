// A real RabbitMQ of a test's own, with its own name, directories and ports. AMQP_URL in the environment names one that
// runs already; then a test that must hurt its broker still starts one. Without the program it is installed, as root.

import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensurePackage } from './debian-package.ts'
import { until } from './until.ts'

const READY_WITHIN_MS = 60_000
/** It and its port mapper die with the process that holds their standard input. */
const WATCHED = `
exec 3<&0 </dev/null
epmd -address 127.0.0.1 -port "$ERL_EPMD_PORT" & mapper=$!
"$@" & server=$!
( trap '' TERM; cat <&3 >/dev/null; kill -KILL 0 ) & watch=$!
trap 'kill -TERM $server' TERM
wait $server; wait $server
kill -KILL $watch $mapper 2>/dev/null
exit 0`

const PLACES = ['/usr/lib/rabbitmq/bin', '/opt/homebrew/sbin', '/usr/local/sbin']

export type RabbitOptions = {
  /** Certificate and key of a TLS listener, which there is none of otherwise. */
  readonly tls?: { readonly certificate: string; readonly key: string }
}

export class Rabbit implements AsyncDisposable {
  readonly url: string
  readonly tlsUrl: string | null
  readonly #folder: string
  readonly #environment: Readonly<Record<string, string>>
  readonly #bin: string
  #child: ChildProcess | null = null
  #log = ''

  private constructor(
    folder: string,
    bin: string,
    ports: { amqp: number; tls: number | null },
    environment: Readonly<Record<string, string>>,
  ) {
    this.#folder = folder
    this.#bin = bin
    this.#environment = environment
    this.url = `amqp://guest:guest@127.0.0.1:${ports.amqp}`
    this.tlsUrl = ports.tls === null ? null : `amqps://guest:guest@127.0.0.1:${ports.tls}`
  }

  static async start({ tls }: RabbitOptions = {}): Promise<Rabbit> {
    const bin = findPrograms()
    const folder = mkdtempSync(join(tmpdir(), 'carillon-mq-'))
    const [amqp, dist, epmd, tlsPort] = (await freePorts(4)) as [number, number, number, number]
    mkdirSync(join(folder, 'home'))
    const secure =
      tls === undefined
        ? []
        : [
            `listeners.ssl.default = 127.0.0.1:${tlsPort}`,
            `ssl_options.certfile = ${tls.certificate}`,
            `ssl_options.keyfile = ${tls.key}`,
            'ssl_options.verify = verify_none',
          ]
    writeFileSync(
      join(folder, 'rabbitmq.conf'),
      [
        `listeners.tcp.default = 127.0.0.1:${amqp}`,
        'log.console = true',
        'log.console.level = info',
        ...secure,
        '',
      ].join('\n'),
    )
    writeFileSync(join(folder, 'plugins'), '[].\n')
    const rabbit = new Rabbit(
      folder,
      bin,
      { amqp, tls: tls === undefined ? null : tlsPort },
      {
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
        HOME: join(folder, 'home'),
        LC_ALL: 'C.UTF-8',
        RABBITMQ_NODENAME: `carillon-${process.pid}-${amqp}@localhost`,
        RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
        RABBITMQ_LOG_BASE: join(folder, 'log'),
        RABBITMQ_LOGS: '-',
        RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
        RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
        RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
        RABBITMQ_PID_FILE: join(folder, 'pid'),
        RABBITMQ_DIST_PORT: String(dist),
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2',
        ERL_EPMD_PORT: String(epmd),
        ERL_EPMD_ADDRESS: '127.0.0.1',
      },
    )
    await rabbit.resume()
    return rabbit
  }

  get log(): string {
    return this.#log
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** On the same data and ports again. */
  async resume(): Promise<void> {
    const from = this.#log.length
    const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', join(this.#bin, 'rabbitmq-server')], {
      cwd: this.#folder,
      env: this.#environment as unknown as NodeJS.ProcessEnv,
      stdio: ['pipe', 'pipe', 'pipe'],
      // Its shell starts the virtual machine: they are ended together.
      detached: true,
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text
      })
    }
    await until('RabbitMQ is ready', READY_WITHIN_MS, () => {
      if (child.exitCode !== null) throw new Error(`RabbitMQ ended at its start: ${this.#log}`)
      return this.#log.slice(from).includes('startup complete')
    })
  }

  /** rabbitmqctl, as an operator has it. */
  async control(...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(join(this.#bin, 'rabbitmqctl'), ['--quiet', ...args], {
      env: this.#environment as unknown as NodeJS.ProcessEnv,
    })
    return stdout
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === null) return
    this.#child = null
    const ended = once(child, 'exit')
    if (child.exitCode !== null || child.signalCode !== null) return
    try {
      process.kill(-child.pid!, signal)
    } catch {
      // It has gone already.
    }
    await ended
  }
}

/** The folder of rabbitmq-server and rabbitmqctl. */
function findPrograms(): string {
  const known = [...PLACES, ...(process.env['PATH'] ?? '').split(':')]
  const found = (): string | undefined => known.find((folder) => existsSync(join(folder, 'rabbitmqctl')))
  if (found() === undefined && ensurePackage('rabbitmq-server', () => found() !== undefined)) {
    // Installed, not started: each test starts its own.
    spawnSync('sh', ['-c', 'service rabbitmq-server stop || true'], { stdio: 'ignore' })
  }
  const there = found()
  if (there === undefined) {
    throw new Error('These tests need RabbitMQ: install rabbitmq-server, or name one that runs by AMQP_URL.')
  }
  return there
}

async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(probes.map((probe) => once(probe, 'listening')))
  const ports = probes.map((probe) => (probe.address() as AddressInfo).port)
  await Promise.all(probes.map((probe) => once(probe.close(), 'close')))
  return ports
}
