// The sink, started and read from outside.

import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { until } from '../../support/until.ts'
import type { Ring, Told } from '../checker/history.ts'

type Line = Partial<{ ring: number; told: number; end: number }> & { readonly at: number } & Omit<
    Ring,
    'at' | 'until'
  > &
  Omit<Told, 'at'>

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

  /** Everything up to now. */
  heard(): { rings: Ring[]; told: Told[] } {
    // Whoever reads while it writes may find half a line at the end.
    const lines = readFileSync(this.#file, 'utf8').split('\n').slice(0, -1)
    const all = lines.map((line) => JSON.parse(line) as Line)
    const ends = new Map(all.flatMap(({ end, at }) => (end === undefined ? [] : [[end, at] as const])))
    const rings: Ring[] = []
    const told: Told[] = []
    for (const { ring, told: telling, end: _, ...rest } of all) {
      if (ring !== undefined) rings.push({ ...rest, until: ends.get(ring) ?? null })
      if (telling !== undefined) told.push(rest)
    }
    return { rings, told }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve))
    this.#child.kill('SIGKILL')
    await ended
  }
}
