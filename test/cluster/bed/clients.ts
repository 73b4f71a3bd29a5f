// Clients that go on asking through every fault, each for one thing after the other, of whichever node answers. What
// they get no answer to they ask again under the same key, until they know. What they were told is the history.

import { setTimeout as pause } from 'node:timers/promises'
import { type CarillonClient, CarillonError, type Job, type JobDraft } from '../../../src/sdk/index.ts'
import type { Random } from '../../schedule/random.ts'
import type { Call } from '../checker/history.ts'
import { BY_HAND, RESTLESS } from './load.ts'

/** Whoever answers now; null: nobody does. */
export type AnyNode = () => CarillonClient | null

type Ask<Answer> = (
  client: CarillonClient,
  options: { timeoutMs: number; idempotencyKey: string },
) => Promise<Answer>
type Answered<Answer> = { readonly answer: Answer | null; readonly from: number; readonly to: number }

const TRY_FOR_MS = 4_000
const AGAIN_AFTER_MS = 100
const EDITED_TRIES_MAX = 20

export class Clients implements Disposable {
  readonly calls: Call[] = []
  /** How often a request had to be sent again. */
  repeats = 0
  readonly #node: AnyNode
  readonly #sink: string
  readonly #random: Random
  readonly #tag: string
  #working: Promise<unknown> = Promise.resolve()
  #stopping = false
  #abandoned = false

  constructor(node: AnyNode, sink: string, random: Random, tag: string) {
    this.#node = node
    this.#sink = sink
    this.#random = random
    this.#tag = tag
  }

  async createAll(drafts: readonly JobDraft[]): Promise<void> {
    const { answer, from, to } = await this.#insist('create-all', (client, options) =>
      client.jobs.createMany({ jobs: [...drafts] }, options),
    )
    for (const [n, draft] of drafts.entries()) {
      const job = answer?.items[n]?.job
      if (job === undefined) throw new Error(`the job ${draft.name} was refused`)
      this.#note('create', draft.name, from, to, { draft, said: saidOf(job, job.createdAt) })
    }
  }

  begin(): void {
    const working = Promise.all([
      this.#triggerOn(),
      this.#createOn(),
      ...RESTLESS.map((name, n) => this.#changeOn(name, n)),
    ])
    // Whoever stops them hears of it.
    working.catch(() => {})
    this.#working = working
  }

  /** At once, whatever they wait for. */
  [Symbol.dispose](): void {
    this.#stopping = true
    this.#abandoned = true
  }

  /** They get the answers they wait for first. */
  async stop(): Promise<void> {
    this.#stopping = true
    await this.#working
  }

  /** So that nothing more becomes due. */
  async pauseAll(names: readonly string[]): Promise<void> {
    for (const name of names) await this.#pause(name, 'at the end')
  }

  async #triggerOn(): Promise<void> {
    for (let n = 0; !this.#stopping; n += 1) {
      const key = `trigger-${n}`
      const trigger = () =>
        this.#insist(key, (client, options) => client.jobs.trigger(BY_HAND, { params: { n } }, options))
      const { answer, from, to } = await trigger()
      if (answer === null) {
        this.#note('trigger', BY_HAND, from, to, { key, answer: 'refused' })
        await pause(AGAIN_AFTER_MS)
        continue
      }
      // A caller whose answer was lost on its way sends the same request again, be it to another node.
      const again = n % 4 === 0 ? (await trigger()).answer : null
      this.#note('trigger', BY_HAND, from, to, {
        key,
        said: { runId: answer.id },
        ...(again === null ? {} : { saidAgain: { runId: again.id } }),
      })
      await pause(this.#random.integer(60, 140))
    }
  }

  /** One-time jobs, due soon after they are made. */
  async #createOn(): Promise<void> {
    for (let n = 0; !this.#stopping; n += 1) {
      const name = `single-${n}`
      const at = new Date(Date.now() + 1_500).toISOString()
      const draft: JobDraft = {
        name,
        schedule: { at },
        target: { http: { url: `${this.#sink}/ring/${name}/0` } },
      }
      const { answer, from, to } = await this.#insist(name, (client, options) =>
        client.jobs.create(draft, options),
      )
      if (answer === null) this.#note('create', name, from, to, { draft, answer: 'refused' })
      else this.#note('create', name, from, to, { draft, said: saidOf(answer, answer.createdAt) })
      await pause(this.#random.integer(150, 350))
    }
  }

  /** Pauses and resumes, and sometimes edits, around the moments at which the job is due. */
  async #changeOn(name: string, offset: number): Promise<void> {
    await pause(offset * 300)
    for (let n = 0; !this.#stopping; n += 1) {
      await this.#pause(name, `pause ${n}`)
      await pause(this.#random.integer(100, 1_300))
      await this.#resume(name, n)
      if (n % 3 === 2) await this.#edit(name, n)
      await pause(this.#random.integer(100, 1_300))
    }
  }

  async #pause(name: string, note: string): Promise<void> {
    const { answer, from, to } = await this.#insist(
      `${name} ${note}`,
      (client, options) => client.jobs.pause(name, { note }, options),
      (tried) => this.#note('pause', name, tried, Date.now(), { answer: 'unknown' }),
    )
    if (answer?.pause == null) return this.#note('pause', name, from, to, { answer: 'refused' })
    this.#note('pause', name, from, to, { said: saidOf(answer, answer.pause.at) })
  }

  async #resume(name: string, n: number): Promise<void> {
    const { answer, from, to } = await this.#insist(
      `${name} resume ${n}`,
      (client, options) => client.jobs.resume(name, {}, options),
      (tried) => this.#note('resume', name, tried, Date.now(), { answer: 'unknown' }),
    )
    if (answer === null) return this.#note('resume', name, from, to, { answer: 'refused' })
    this.#note('resume', name, from, to, { said: saidOf(answer, answer.updatedAt) })
  }

  /** An edit has no key: whether one that was not answered took place shows in the version. */
  async #edit(name: string, n: number): Promise<void> {
    const schedule = { every: n % 2 === 0 ? '2s' : '1s' }
    const { answer: before } = await this.#insist(`${name} get ${n}`, (client) => client.jobs.get(name))
    if (before === null) return
    const edit = () =>
      this.#insist(`${name} edit ${n}`, async (client, { timeoutMs }) => {
        const now = await client.jobs.get(name, { timeoutMs })
        if (now.version > before.version) return now
        return client.jobs.patch(name, { schedule }, { timeoutMs, ifVersion: before.version })
      })
    let { answer, from, to } = await edit()
    // Refused: a try that was not answered has come first after all.
    for (let tries = 0; answer === null; tries += 1) {
      if (tries === EDITED_TRIES_MAX) return this.#note('edit', name, from, to, { answer: 'refused' })
      ;({ answer, to } = await edit())
    }
    const draft: JobDraft = { name, schedule, target: answer.target, policy: answer.policy }
    this.#note('edit', name, from, to, { draft, said: saidOf(answer, answer.updatedAt) })
  }

  /** null: it was refused. `onSilence` is told of each try that was not answered: it may still come to pass. */
  async #insist<Answer>(
    key: string,
    ask: Ask<Answer>,
    onSilence: (from: number) => void = () => {},
  ): Promise<Answered<Answer>> {
    const from = Date.now()
    while (!this.#abandoned) {
      const client = this.#node()
      const tried = Date.now()
      try {
        if (client !== null) {
          const options = { timeoutMs: TRY_FOR_MS, idempotencyKey: `${this.#tag} ${key}` }
          return { answer: await ask(client, options), from, to: Date.now() }
        }
      } catch (error) {
        if (isRefusal(error)) return { answer: null, from, to: Date.now() }
        if (error instanceof CarillonError && error.status === 500) throw error
        this.repeats += 1
        onSilence(tried)
      }
      await pause(AGAIN_AFTER_MS)
    }
    throw new Error('the play is over')
  }

  #note(asks: Call['asks'], job: string, from: number, to: number, more: Partial<Call>): void {
    this.calls.push({ by: 'client', asks, job, from, to, answer: 'ok', ...more })
  }
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof CarillonError)) return false
  return error.status >= 400 && error.status < 500 && error.status !== 408 && error.status !== 429
}

function saidOf(job: Job, at: string): { jobId: string; at: number } {
  return { jobId: job.id, at: Date.parse(at) }
}
