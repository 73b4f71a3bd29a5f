// `carillon agent --door taskscheduler` as a process of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { until } from '../../support/until.ts'

const PROGRAM = fileURLToPath(new URL('../../../bin/carillon.js', import.meta.url))

export class DoorAgent implements AsyncDisposable {
  readonly #child: ChildProcess
  #log = ''

  private constructor(listen: string, server: string, dataDir: string) {
    const { PATH, TMPDIR } = process.env
    const args = [
      '--door',
      'taskscheduler',
      '--listen',
      listen,
      '--data-dir',
      dataDir,
      '--log-format',
      'json',
    ]
    this.#child = spawn(process.execPath, [PROGRAM, 'agent', ...args], {
      // As its container had it.
      env: {
        PATH,
        ...(TMPDIR === undefined ? {} : { TMPDIR }),
        TASK_SERVER_ADDRESS: server,
      } as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log += text
      })
    }
  }

  static async start(listen: string, server: string, dataDir: string): Promise<DoorAgent> {
    const agent = new DoorAgent(listen, server, dataDir)
    await until('the agent takes tasks', 20_000, () => {
      if (agent.#child.exitCode !== null) throw new Error(`the agent ended at its start: ${agent.#log}`)
      return agent.#log.includes('"tasks are taken"')
    })
    return agent
  }

  get url(): string {
    return /"url":"([^"]+)".*"msg":"tasks are taken"/.exec(this.#log)![1]!
  }

  get id(): string {
    return /"agent":"([^"]+)"/.exec(this.#log)![1]!
  }

  get log(): string {
    return this.#log
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) return exitCode
    const ended = new Promise<number | null>((resolve) => this.#child.once('exit', resolve))
    this.#child.kill(signal)
    return ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL')
  }
}

/** One that was free a moment ago: who is told of a port before it is opened. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
