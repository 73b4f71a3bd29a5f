// The load of the kill test and what must be true after it. A server with many jobs is killed at random moments and
// started again, round after round, while a client goes on asking things of it. Then all is read and checked.

import { setTimeout as pause } from 'node:timers/promises'
import type { CarillonClient, JobDraft } from '../../src/sdk/index.ts'
import { CarillonError } from '../../src/sdk/index.ts'
import { Random } from '../schedule/random.ts'
import { Folder } from '../support/folder.ts'
import { ServerProcess } from '../support/server-process.ts'
import { SinkProcess } from '../support/sink-process.ts'
import { readStored, readStoredFrom } from '../support/stored.ts'
import { until } from '../support/until.ts'
import type { Asked, Life } from './asked.ts'
import { checkRounds, type Figures } from './check-rounds.ts'

export type Rounds = {
  readonly rounds: number
  readonly seed: number
  readonly say?: (line: string) => void
  /** Address of an empty PostgreSQL database; default: SQLite. */
  readonly store?: string
}

const CALLBACK_HOLD_MS = 100_000

export async function killRounds({ rounds, seed, store, say = () => {} }: Rounds): Promise<Figures> {
  using folder = new Folder()
  const random = new Random(seed)
  await using sink = await SinkProcess.start(folder.file('sink.jsonl'))
  const dataDir = folder.file('data')
  const args = store === undefined ? [] : ['--store', store]
  let server = await ServerProcess.start({ dataDir, args })
  try {
    const lives = await createLoad(server.client, sink.url)
    const client = new RestlessClient(() => server.client, sink.url)
    const downtimes: { from: number; to: number }[] = []
    for (let round = 1; round <= rounds; round += 1) {
      // How long it lives and stays away is the fault that is injected, not a wait for something.
      const lived = random.integer(700, 3_000)
      await pause(lived)
      await server.kill()
      const from = Date.now()
      const away = random.chance(0.35) ? random.integer(1_500, 4_000) : random.integer(0, 300)
      await pause(away)
      server = await ServerProcess.start({ dataDir, args })
      downtimes.push({ from, to: Date.now() })
      say(`round ${round}: killed after ${lived} ms, away for ${Date.now() - from} ms`)
    }
    await pause(1_500)
    await client.stop()
    await pauseAll(server.client, lives)
    await isQuiet(server.client)
    const { code } = await server.stop()
    if (code !== 0) throw new Error(`the server stopped with ${code}: ${server.log}`)
    const stored = await (store === undefined ? readStored(dataDir) : readStoredFrom(store))
    return checkRounds({
      lives,
      stored,
      asked: client.asked,
      rung: sink.rung(),
      told: sink.told(),
      downtimes,
    })
  } finally {
    await server[Symbol.asyncDispose]()
  }
}

function loadOf(sink: string): JobDraft[] {
  const catchUps = ['none', 'latest', 'all'] as const
  const times = (count: number, make: (n: number) => JobDraft): JobDraft[] =>
    Array.from({ length: count }, (_, n) => make(n))
  const http = (path: string) => ({ http: { url: sink + path } })
  return [
    ...times(21, (n) => ({
      name: `second-${n}`,
      schedule: { every: '1s' },
      target: http(`/slow/${(n % 4) * 60}`),
      policy: { overlap: 'allow', catchUp: catchUps[n % 3]! },
    })),
    ...times(15, (n) => ({
      name: `anchored-${n}`,
      schedule: { every: '2s', anchor: new Date(n * 137).toISOString() },
      target: http('/ok'),
      policy: { overlap: 'allow', catchUp: catchUps[n % 3]! },
    })),
    ...times(8, (n) => ({
      name: `flaky-${n}`,
      schedule: { every: '2s' },
      target: http('/flaky'),
      policy: { overlap: 'allow', retry: { delays: ['300ms', '300ms'] }, catchUp: catchUps[n % 3]! },
    })),
    ...times(4, (n) => ({
      name: `cron-${n}`,
      schedule: { cron: `${n}/${n + 2} * * * * *` },
      target: http('/ok'),
      policy: { overlap: 'allow', catchUp: catchUps[n % 3]! },
    })),
    ...times(4, (n) => ({
      name: `batch-${n}`,
      schedule: { every: '1s', anchor: '2026-01-01T00:00:00Z' },
      target: { http: { url: `${sink}/many`, batch: {} } },
      policy: { overlap: 'allow', catchUp: catchUps[n % 3]! },
    })),
    ...times(3, (n) => ({
      name: `once-${n}`,
      schedule: { every: '1s' },
      target: http('/slow/150'),
      policy: { overlap: 'allow', delivery: 'at_most_once', catchUp: catchUps[n % 3]! },
    })),
    ...times(5, (n) => ({
      name: `told-${n}`,
      schedule: { every: '1s' },
      target: http('/ok'),
      policy: { overlap: 'allow', catchUp: catchUps[n % 3]! },
      callback: { url: `${sink}/${n % 2 === 0 ? 'heard' : 'deaf'}`, retryDelays: ['200ms', '1s', '1s'] },
    })),
    { name: 'by-hand', schedule: {}, target: http('/slow/40'), policy: { overlap: 'allow' } },
  ]
}

async function createLoad(client: CarillonClient, sink: string): Promise<Map<string, Life>> {
  const { items } = await client.jobs.createMany({ jobs: loadOf(sink) })
  return new Map(
    items.map(({ job }, n) => {
      if (job === undefined) throw new Error(`job ${n} was refused`)
      return [job.name, { draft: loadOf(sink)[n]!, createdAt: Date.parse(job.createdAt), pausedAt: 0 }]
    }),
  )
}

/** Asks for one thing after the other; what it gets no answer to it asks again, under the same key. */
class RestlessClient {
  readonly asked: Asked = {
    created: new Set(),
    triggered: new Map(),
    refused: new Set(),
    changed: [],
    repeats: 0,
  }
  readonly #client: () => CarillonClient
  readonly #sink: string
  readonly #done: Promise<void>
  #stopping = false

  constructor(client: () => CarillonClient, sink: string) {
    this.#client = client
    this.#sink = sink
    this.#done = Promise.all([this.#triggerOn(), this.#createOn()]).then(() => {})
  }

  /** It gets the answers it waits for first. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#done
  }

  async #triggerOn(): Promise<void> {
    for (let n = 0; !this.#stopping; n += 1) {
      const options = { idempotencyKey: `trigger-${n}` }
      const trigger = () =>
        this.#insist((client) => client.jobs.trigger('by-hand', { params: { n } }, options))
      const run = await trigger()
      if (run !== null) this.asked.triggered.set(`trigger-${n}`, run.id)
      // A caller whose answer was lost on its way sends the same request again, be it to the next process.
      if (n % 5 === 0 && (await trigger())?.id !== run?.id) this.asked.changed.push(`trigger-${n}`)
      await pause(20)
    }
  }

  async #createOn(): Promise<void> {
    for (let n = 0; !this.#stopping; n += 1) {
      const at = new Date(Date.now() + 400).toISOString()
      const target = { http: { url: `${this.#sink}/ok` } }
      const draft = { name: `one-time-${n}`, schedule: { at }, target }
      const options = { idempotencyKey: `create-${n}` }
      const job = await this.#insist((client) => client.jobs.create(draft, options))
      if (job === null) this.asked.refused.add(draft.name)
      else this.asked.created.add(draft.name)
      await pause(35)
    }
  }

  /** null: the server refused it. */
  async #insist<Answer>(ask: (client: CarillonClient) => Promise<Answer>): Promise<Answer | null> {
    for (;;) {
      try {
        return await ask(this.#client())
      } catch (error) {
        const { status } = error as CarillonError
        if (error instanceof CarillonError && status >= 400 && status < 500) return null
        if (error instanceof CarillonError && status >= 500 && status !== 503) throw error
        this.asked.repeats += 1
        await pause(30)
      }
    }
  }
}

async function pauseAll(client: CarillonClient, lives: Map<string, Life>): Promise<void> {
  for (const [name, life] of lives) {
    const { pause: paused } = await client.jobs.pause(name)
    life.pausedAt = Date.parse(paused!.at)
  }
}

async function isQuiet(client: CarillonClient): Promise<void> {
  await until('every one-time job has rung', 60_000, async () => {
    const active = await client.jobs.list({ status: 'active', limit: 1 })
    return active.items.length === 0 && active.nextCursor === null
  })
  await until('every run has ended', 60_000, async () => {
    const open = await client.runs.list({ status: ['pending', 'running', 'cancelling'], limit: 1 })
    return open.items.length === 0 && open.nextCursor === null
  })
  // A callback that was under way when its server was killed is held until nobody can be telling it any more.
  await until('every callback is told or dead', CALLBACK_HOLD_MS, async () => {
    const open = await client.callbacks.list({ status: 'pending', limit: 1 })
    return open.items.length === 0 && open.nextCursor === null
  })
}
