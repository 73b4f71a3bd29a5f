// A real server process under measurement: started, filled with jobs over REST, looked at, stopped.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent, request } from 'undici'

const PROGRAM = new URL('../bin/carillon.js', import.meta.url).pathname
export const ADMIN_KEY = 'bench-admin-key-of-32-characters'
const BATCH_JOBS = 10_000
const TICKS_PER_SECOND = 100

export type JobDraft = { readonly name: string; readonly schedule: object; readonly target: object }

export type StartOptions = {
  readonly args?: readonly string[]
  readonly nodeArgs?: readonly string[]
  /** Left where it is when the server stops. */
  readonly dataDir?: string
}

export class Carillon implements AsyncDisposable {
  readonly url: string
  readonly dataDir: string
  /** From the spawn to a readiness check that said yes. */
  readonly startMs: number
  readonly #child: ChildProcess
  readonly #keep: boolean
  readonly #agent = new Agent({ connections: 32, headersTimeout: 120_000 })

  private constructor(child: ChildProcess, url: string, dataDir: string, startMs: number, keep: boolean) {
    this.#child = child
    this.url = url
    this.dataDir = dataDir
    this.startMs = startMs
    this.#keep = keep
  }

  static async start({ args = [], nodeArgs = [], dataDir }: StartOptions = {}): Promise<Carillon> {
    const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'carillon-bench-'))
    const startedAt = performance.now()
    const child = spawn(
      process.execPath,
      [
        ...[...nodeArgs, PROGRAM, 'server', '--listen', '127.0.0.1:0', '--data-dir', folder],
        ...[
          '--allow-private-targets',
          'true',
          '--log-level',
          'info',
          '--log-format',
          'json',
          '--rate-limit',
          '0',
        ],
        ...args,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, CARILLON_ADMIN_KEY: ADMIN_KEY } },
    )
    const url = await readyUrl(child)
    while ((await request(`${url}/readyz`)).statusCode !== 200) await wait(5)
    return new Carillon(child, url, folder, performance.now() - startedAt, dataDir !== undefined)
  }

  get pid(): number {
    return this.#child.pid!
  }

  async get(path: string): Promise<string> {
    const { statusCode, body } = await request(this.url + path, {
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
      dispatcher: this.#agent,
    })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`GET ${path} was answered ${statusCode}: ${text.slice(0, 500)}`)
    return text
  }

  async post(path: string, document: unknown): Promise<void> {
    const { statusCode, body } = await request(this.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(document),
      dispatcher: this.#agent,
    })
    if (statusCode !== 201) {
      throw new Error(`POST ${path} was answered ${statusCode}: ${(await body.text()).slice(0, 500)}`)
    }
    await body.dump({ limit: Number.MAX_SAFE_INTEGER })
  }

  async create(count: number, draft: (n: number) => JobDraft): Promise<void> {
    for (let from = 0; from < count; from += BATCH_JOBS) {
      const size = Math.min(BATCH_JOBS, count - from)
      await this.post('/v1/jobs/batch', { jobs: Array.from({ length: size }, (_, n) => draft(from + n)) })
    }
  }

  /** Runs that ended well since the start, as the server counts them once they are on the disk. */
  async succeeded(): Promise<number> {
    const text = await this.get('/metrics')
    const counts = text.matchAll(/^carillon_runs_total\{[^}]*status="succeeded"[^}]*\} (\d+)$/gm)
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
  }

  async untilSucceeded(count: number): Promise<void> {
    while ((await this.succeeded()) < count) await wait(10)
  }

  /** Processor seconds used so far. */
  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  }

  rssMib(): number {
    const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))!
    return Number(kib) / 1_024
  }

  /** Stops the server, then counts in its file what it acknowledged. */
  async stopAndCount(): Promise<{ succeeded: number; runs: number; attempts: number; jobs: number }> {
    await this.#stop()
    using db = new DatabaseSync(join(this.dataDir, 'carillon.db'))
    const count = (sql: string): number => Number(Object.values(db.prepare(sql).get()!)[0])
    const counts = {
      runs: count('SELECT count(*) FROM runs'),
      succeeded: count("SELECT count(*) FROM runs WHERE status = 'succeeded'"),
      attempts: count('SELECT count(*) FROM attempts'),
      jobs: count('SELECT count(*) FROM jobs'),
    }
    return counts
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
    await this.#agent.close()
    if (!this.#keep) rmSync(this.dataDir, { recursive: true, force: true })
  }

  async #stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
  }
}

/** The log says where it listens. Everything is read, so that the pipe never fills; errors are passed on. */
function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => {
      reject(new Error(`the server ended with ${code ?? signal}`))
      // Later than at its start nobody hears of the rejection, and what is waited for would never come.
      if (signal !== 'SIGTERM' && code !== 0) throw new Error(`the server ended with ${code ?? signal}`)
    })
    createInterface({ input: child.stderr! }).on('line', (line) => {
      const entry = line.startsWith('{') ? JSON.parse(line) : { level: 50 }
      if (entry.msg === 'ready') resolve(entry.url)
      if (entry.level >= 40) console.error(line)
    })
  })
}
