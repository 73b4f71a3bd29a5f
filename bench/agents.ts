// How much agents cost that wait for work, and how soon an idle one begins what is due.

import { setTimeout as pause } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { ADMIN_KEY, Carillon } from './carillon.ts'
import type { Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, number, quantile } from './table.ts'

const RSS_MB = 300
const MB_PER_MIB = 1.048576
const START_P50_MS = 30
const POLLS_EACH = 10
const WAIT_MS = 20_000
/** As agents come: not ten thousand in the same moment. */
const APART_MS = 15

type Leased = { works: { run: { id: string; dueAt: string }; attempt: { fence: number } }[] }
type Member = { key: string; session: string }

export async function agents(_sink: Sink, scale: Scale): Promise<Line[]> {
  const few = await measure(scale, 4, 5)
  const many = await measure(scale, scale.quick ? 200 : 1_000, scale.quick ? 5 : 40)
  const p50 = quantile(many.lagsMs, 0.5)
  return [
    line(
      `${number(many.polls)} idle long polls of ${number(many.polls / POLLS_EACH)} agents: memory, at most`,
      `≤ ${RSS_MB} MB`,
      `${number(many.rssMib * MB_PER_MIB)} MB (${number(many.rssMib)} MiB)`,
      many.rssMib * MB_PER_MIB <= RSS_MB,
    ),
    line('… each, beyond those of a server without agents', '–', `${number(many.kibEach)} KiB`, null),
    line(
      '… due → at an idle agent',
      `p50 ≤ ${START_P50_MS} ms`,
      `p50 ${number(p50)} ms, p95 ${number(quantile(many.lagsMs, 0.95))} ms`,
      p50 <= START_P50_MS,
    ),
    line(
      `… with ${few.polls} idle long polls`,
      `p50 ≤ ${START_P50_MS} ms`,
      `p50 ${number(quantile(few.lagsMs, 0.5))} ms`,
      quantile(few.lagsMs, 0.5) <= START_P50_MS,
    ),
  ]
}

async function measure(scale: Scale, count: number, rounds: number) {
  const args = ['--agent-lease', '10m', ...scale.serverArgs]
  await using carillon = await Carillon.start({ args, nodeArgs: scale.nodeArgs })
  const yard = new Yard(carillon, count)
  const before = carillon.rssMib()
  await yard.join(count)
  await yard.poll()
  let rssMib = 0
  const end = Date.now() + (scale.quick ? 5_000 : 25_000)
  while (Date.now() < end) {
    rssMib = Math.max(rssMib, carillon.rssMib())
    await pause(500)
  }
  const lagsMs = await yard.ring(rounds)
  yard.stop()
  const polls = count * POLLS_EACH
  return { polls, rssMib, kibEach: ((rssMib - before) * 1_024) / polls, lagsMs }
}

/** Agents that speak the run protocol, and do nothing else. */
class Yard {
  readonly #carillon: Carillon
  readonly #pool: Agent
  readonly #members: Member[] = []
  readonly #arrived = new Map<string, number>()
  #failed = 0
  #stopping = false

  constructor(carillon: Carillon, count: number) {
    this.#carillon = carillon
    const connections = count * POLLS_EACH + 100
    this.#pool = new Agent({ connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
  }

  async join(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      const { secret: token } = await this.#ask<{ secret: string }>('/v1/agent-tokens', ADMIN_KEY, {})
      const about = { hostname: 'bench', version: '1' }
      const joined = await this.#ask<{ secret: string }>('/v1/agents/join', ADMIN_KEY, {
        ...about,
        token,
        name: `agent-${n}`,
      })
      const opened = await this.#ask<{ session: string }>('/v1/agents/self/sessions', joined.secret, {
        ...about,
        pid: n,
        labels: { kind: n === 0 ? 'one' : 'other' },
        slots: POLLS_EACH,
        held: [],
      })
      this.#members.push({ key: joined.secret, session: opened.session })
    }
  }

  async poll(): Promise<void> {
    for (const member of this.#members) {
      for (let n = 0; n < POLLS_EACH; n += 1) {
        this.#pollOn(member).catch(() => {
          this.#failed += 1
        })
      }
      await pause(APART_MS)
    }
  }

  /** Jobs that are due one after the other; how late each was when an agent had it. */
  async ring(rounds: number): Promise<number[]> {
    const target = { command: { argv: ['true'], on: { labels: { kind: 'one' } } } }
    for (let round = 0; round < rounds; round += 1) {
      const at = new Date(Date.now() + 700 + Math.random() * 400).toISOString()
      await this.#ask('/v1/jobs', ADMIN_KEY, { name: `due-${round}`, schedule: { at }, target })
      while (this.#arrived.size <= round) await pause(5)
    }
    if (this.#failed > 0) throw new Error(`${this.#failed} polls have failed`)
    return [...this.#arrived.values()]
  }

  stop(): void {
    this.#stopping = true
    void this.#pool.destroy()
  }

  async #pollOn({ key, session }: Member): Promise<void> {
    const path = `/v1/agents/self/sessions/${session}`
    while (!this.#stopping) {
      const { works } = await this.#ask<Leased>(`${path}/lease`, key, { slots: 1, waitMs: WAIT_MS })
      for (const { run, attempt } of works) {
        this.#arrived.set(run.id, Date.now() - Date.parse(run.dueAt))
        const report = { run: run.id, fence: attempt.fence, outcome: 'ok' }
        await this.#ask(`${path}/report`, key, { reports: [report] })
      }
    }
  }

  async #ask<T = unknown>(path: string, key: string, document: object): Promise<T> {
    const { statusCode, body } = await request(this.#carillon.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(document),
      dispatcher: this.#pool,
    })
    const text = await body.text()
    if (statusCode >= 300) throw new Error(`POST ${path} was answered ${statusCode}: ${text.slice(0, 500)}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
}
