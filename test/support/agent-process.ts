// An agent as a process of its own, as an operator starts it, and as the worst of days ends it.

import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

const PROGRAM = fileURLToPath(new URL('../../bin/carillon.js', import.meta.url))
const READY_WITHIN_MS = 60_000

export type AgentOptions = {
  readonly server: string
  readonly token?: string
  readonly name: string
  readonly dataDir: string
  readonly args?: readonly string[]
}

export class AgentProcess implements AsyncDisposable {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  #log = ''
  #over = false

  constructor({ server, token, name, dataDir, args = [] }: AgentOptions) {
    const join = token === undefined ? [] : ['--token', token]
    const flags = ['--server', server, '--name', name, '--data-dir', dataDir, '--log-format', 'json']
    const { PATH, TMPDIR } = process.env
    const env = { PATH, ...(TMPDIR === undefined ? {} : { TMPDIR }) } as NodeJS.ProcessEnv
    this.child = spawn(process.execPath, [PROGRAM, 'agent', ...flags, ...join, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text
      })
    }
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code) => {
        this.#over = true
        resolve(code)
      })
    })
  }

  static async start(options: AgentOptions): Promise<AgentProcess> {
    const agent = new AgentProcess(options)
    await until('the agent has a session', READY_WITHIN_MS, () => {
      if (agent.#over) throw new Error(`the agent ended at its start: ${agent.#log}`)
      return agent.#log.includes('"session open"')
    })
    return agent
  }

  get exitCode(): number | null {
    return this.child.exitCode
  }

  get log(): string {
    return this.#log
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name)
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) await this.kill()
  }
}

/** Processes of this machine whose command line has this word. */
export function processesWith(word: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0').includes(word)
      } catch {
        return false
      }
    })
    .map(Number)
}
