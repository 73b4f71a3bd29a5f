// A node: a server process that is started, killed, held and started again under one name. The roads to its
// store and its clock are given to it once and outlive its processes.

import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CarillonClient } from '../../../src/sdk/index.ts'
import { ServerProcess } from '../../support/server-process.ts'
import { until } from '../../support/until.ts'
import type { SteppedClock } from './stepped-clock.ts'

/** What is under way ends within this when the node is told to stop, or is given up. */
const DRAIN = '5s'
/** The machine may be busy with other tests. */
const READY_WITHIN_MS = 60_000
const STOPPED_WITHIN_MS = 60_000
const STALLING = fileURLToPath(new URL('stalling.ts', import.meta.url))

export type NodeOptions = {
  readonly name: string
  readonly dataDir: string
  /** A file of its own, for how long it is to stall. */
  readonly stallFile: string
  /** Further options of the command line: which store, most of all. */
  readonly args: readonly string[]
  /** Which program; default: this one. */
  readonly program?: string
  readonly clock?: SteppedClock
}

export type ProcessStart = { readonly node: string; readonly pid: number; readonly at: number }

export class NodeProcess implements AsyncDisposable {
  readonly starts: ProcessStart[] = []
  readonly #options: NodeOptions
  #server: ServerProcess | null = null
  #held = false
  #closed = false
  #logs = ''

  constructor(options: NodeOptions) {
    this.#options = options
  }

  get name(): string {
    return this.#options.name
  }

  get clock(): SteppedClock | null {
    return this.#options.clock ?? null
  }

  /** null: not running, or held. */
  get client(): CarillonClient | null {
    if (this.#server === null || this.#held) return null
    try {
      return this.#server.client
    } catch {
      return null
    }
  }

  get url(): string | null {
    return this.#server?.url ?? null
  }

  /** All that its processes have said. */
  get log(): string {
    return this.#logs + (this.#server?.log ?? '')
  }

  /** Ready when it resolves. */
  async start(): Promise<void> {
    const server = this.begin()
    let over = false
    server.ended.then(() => {
      over = true
    })
    await until(`${this.name} is ready`, READY_WITHIN_MS, () => {
      if (over) throw new Error(`${this.name} ended at its start: ${server.log}`)
      return server.log.includes('"msg":"ready"')
    })
  }

  /** Started, and not waited for. */
  begin(): ServerProcess {
    if (this.#closed) throw new Error(`${this.name} is no longer needed`)
    const { name, dataDir, args, stallFile, program, clock } = this.#options
    const server = new ServerProcess({
      dataDir,
      args: ['--node-name', name, '--drain-timeout', DRAIN, ...args],
      env: { CLUSTER_STALL_FILE: stallFile, ...clock?.env },
      through: (node, [own, ...rest]) => [node, '--import', STALLING, program ?? own!, ...rest],
    })
    this.#server = server
    this.#held = false
    this.starts.push({ node: name, pid: server.pid, at: Date.now() })
    return server
  }

  /** kill -9, and gone. */
  async kill(): Promise<void> {
    await this.#end((server) => server.kill())
  }

  /** SIGTERM, and gone. Says what was wrong with its end; null: nothing. */
  async stop(): Promise<string | null> {
    let wrong: string | null = null
    await this.#end(async (server) => {
      server.child.kill('SIGTERM')
      const timer = setTimeout(() => server.child.kill('SIGKILL'), STOPPED_WITHIN_MS)
      const { code, signal } = await server.ended
      clearTimeout(timer)
      if (signal === 'SIGKILL') wrong = `did not stop within ${STOPPED_WITHIN_MS} ms`
      else if (code !== 0) wrong = `stopped with ${code ?? signal}`
    })
    return wrong
  }

  /** SIGSTOP: nothing of it moves. */
  hold(): void {
    this.#held = true
    this.#server?.child.kill('SIGSTOP')
  }

  release(): void {
    this.#server?.child.kill('SIGCONT')
    this.#held = false
  }

  /** Its main thread does nothing else for so long. */
  stall(ms: number): void {
    writeFileSync(this.#options.stallFile, String(ms))
    this.#server?.child.kill('SIGUSR2')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    if (this.#server !== null) await this.kill()
  }

  async #end(how: (server: ServerProcess) => Promise<void>): Promise<void> {
    const server = this.#server
    if (server === null) return
    this.#server = null
    this.#held = false
    try {
      await how(server)
    } finally {
      this.#logs += server.log
    }
  }
}
