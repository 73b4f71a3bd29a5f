// The sink, started and read from outside.

import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

/** A request as it arrived. */
export type Heard = {
  readonly at: number
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A run that was rung: by itself, or as one of a batch. */
export type Rung = {
  readonly at: number
  readonly path: string
  readonly runId: string
  readonly jobName: string
  readonly attempt: number
  readonly fence: number
  readonly dueAt: number
}

/** A callback that arrived. */
export type Told = {
  readonly at: number
  readonly id: string
  readonly runId: string
  readonly status: string
}

export class SinkProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #file: string
  readonly url: string

  private constructor(child: ChildProcess, file: string, url: string) {
    this.#child = child
    this.#file = file
    this.url = url
  }

  static async start(file: string): Promise<SinkProcess> {
    const program = fileURLToPath(new URL('sink.ts', import.meta.url))
    const child = spawn(process.execPath, [program, file], { stdio: ['pipe', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const url = await until('the sink listens', 10_000, () => /^http\S+/.exec(said)?.[0])
    return new SinkProcess(child, file, url)
  }

  heard(): Heard[] {
    const lines = readFileSync(this.#file, 'utf8').split('\n')
    // Whoever reads while it writes may find half a line at the end.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as Heard)
  }

  rung(): Rung[] {
    return this.heard().flatMap(({ at, path, headers, body }) => {
      if (headers['carillon-run-id'] !== undefined) return [{ at, path, ...rungAlone(headers) }]
      if (headers['carillon-batch-id'] === undefined) return []
      const items = JSON.parse(body) as BatchItem[]
      return items.map(({ dueAt, ...item }) => ({ at, path, ...item, dueAt: Date.parse(dueAt) }))
    })
  }

  told(): Told[] {
    return this.heard().flatMap(({ at, headers, body }) => {
      const id = headers['carillon-delivery-id']
      if (id === undefined) return []
      const run = JSON.parse(body) as { id: string; status: string }
      return [{ at, id, runId: run.id, status: run.status }]
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.kill('SIGKILL')
    await ended
  }
}

type BatchItem = Omit<Rung, 'at' | 'path' | 'dueAt'> & { readonly dueAt: string }

function rungAlone(headers: Heard['headers']): Omit<Rung, 'at' | 'path'> {
  return {
    runId: headers['carillon-run-id']!,
    jobName: headers['carillon-job-name']!,
    attempt: Number(headers['carillon-attempt']),
    fence: Number(headers['carillon-fence']),
    dueAt: Date.parse(headers['carillon-due-at']!),
  }
}
