// A Redis of its own with the settings it comes with: snapshots now and then, no append-only file, so that BullMQ has
// the quickest it can have. Installed with apt where it is missing and that is allowed.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export class Redis implements AsyncDisposable {
  readonly port: number
  readonly version: string
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(child: ChildProcess, port: number, version: string, folder: string) {
    this.#child = child
    this.port = port
    this.version = version
    this.#folder = folder
  }

  static async start(): Promise<Redis> {
    const version = installed() ?? install()
    const port = await freePort()
    const folder = mkdtempSync(join(tmpdir(), 'carillon-bench-redis-'))
    const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder], {
      stdio: 'ignore',
    })
    while (!(await answers(port))) await wait(20)
    return new Redis(child, port, version, folder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function installed(): string | null {
  const { stdout, status } = spawnSync('redis-server', ['--version'], { encoding: 'utf8' })
  return status === 0 ? (/v=(\S+)/.exec(stdout)?.[1] ?? '?') : null
}

function install(): string {
  if (process.getuid?.() !== 0)
    throw new Error('redis-server is missing: install it (apt-get install redis-server)')
  const options = { stdio: 'ignore' as const, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  execFileSync('apt-get', ['update', '-q'], options)
  execFileSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'redis-server'], options)
  return installed() ?? '?'
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end('PING\r\n'))
    socket.on('data', (data) => resolve(data.toString().startsWith('+PONG')))
    socket.on('error', () => resolve(false))
  })
}
