// A server as a process of its own, as an operator starts it, and as the worst of days ends it.

import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type CarillonClient, createClient } from '../../src/sdk/index.ts'
import { until } from './until.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/carillon.js', import.meta.url))
export const ADMIN_KEY = 'an-admin-key-for-tests-only-0123456789'

const READY_WITHIN_MS = 60_000
/** Its drain timeout is 30 s unless told otherwise. */
const STOPPED_WITHIN_MS = 40_000

export type ServerOptions = {
  readonly dataDir: string
  readonly listen?: string
  /** Further options of the command line. */
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** What starts the program, as `bash -c …`; default: nothing but node. */
  readonly through?: (node: string, args: readonly string[]) => readonly [string, ...string[]]
  readonly uid?: number
}

export type Ended = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly log: string
}

export class ServerProcess implements AsyncDisposable {
  readonly child: ChildProcess
  /** Resolves when the process has ended, however it did. */
  readonly ended: Promise<Ended>
  #log = ''
  #over = false

  constructor({ dataDir, listen = '127.0.0.1:0', args = [], env = {}, through, uid }: ServerOptions) {
    const flags = ['--listen', listen, '--data-dir', dataDir, '--log-format', 'json', '--rate-limit', '0']
    const whole = [PROGRAM, 'server', ...flags, '--allow-private-targets', 'true', ...args]
    const [command, ...rest] = through?.(process.execPath, whole) ?? [process.execPath, ...whole]
    const { PATH, TMPDIR } = process.env
    const around = {
      PATH,
      ...(TMPDIR === undefined ? {} : { TMPDIR }),
      CARILLON_ADMIN_KEY: ADMIN_KEY,
      ...env,
    }
    this.child = spawn(command, rest, {
      env: around as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text
      })
    }
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        this.#over = true
        resolve({ code, signal, log: this.#log })
      })
    })
  }

  /** Started and ready to be asked. */
  static async start(options: ServerOptions): Promise<ServerProcess> {
    const server = new ServerProcess(options)
    await server.ready()
    return server
  }

  get pid(): number {
    return this.child.pid!
  }

  /** All it has said. */
  get log(): string {
    return this.#log
  }

  get url(): string {
    const url = /"url":"([^"]+)".*"msg":"ready"/.exec(this.#log)?.[1]
    if (url === undefined) throw new Error(`the server is not ready: ${this.#log}`)
    return url
  }

  get client(): CarillonClient {
    return createClient({ url: this.url, apiKey: ADMIN_KEY, retries: 0, timeoutMs: 10_000 })
  }

  async ready(): Promise<void> {
    await until('the server is ready', READY_WITHIN_MS, () => {
      if (this.#over) throw new Error(`the server ended at its start: ${this.#log}`)
      return /"msg":"ready"/.test(this.#log)
    })
  }

  /** kill -9, and gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }

  /** SIGTERM, and gone. Throws when it does not go. */
  async stop(): Promise<Ended> {
    this.child.kill('SIGTERM')
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOPPED_WITHIN_MS)
    const ended = await this.ended
    clearTimeout(timer)
    if (ended.signal === 'SIGKILL') throw new Error(`the server did not stop: ${ended.log}`)
    return ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) await this.kill()
  }
}
