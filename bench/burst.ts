// 20,000 one-time jobs due in one instant, each its own POST: from the due instant to the last run recorded as
// succeeded. Beside it, in turns, a bare undici loop and a BullMQ worker that make the same requests.

import { setTimeout as wait } from 'node:timers/promises'
import { Carillon } from './carillon.ts'
import { Contender } from './contender.ts'
import { Redis } from './redis.ts'
import { connections, type Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, median, number } from './table.ts'

const BULLMQ_WIDTHS = [64, 128, 256, 512]
const WARM = 10_000
/** To create the jobs before they are due. */
const LEAD_MS = 3_000
const TO_BARE = 0.6
const TO_BULLMQ = 1.3

export async function burst(sink: Sink, scale: Scale): Promise<Line[]> {
  const count = scale.quick ? 5_000 : 20_000
  const rounds = scale.quick ? 1 : 11
  const width = connections(scale)
  await using redis = await Redis.start()
  await using carillon = await Carillon.start({ args: scale.serverArgs, nodeArgs: scale.nodeArgs })
  await using bare = new Contender('./peers/bare.ts')
  await using bullmq = new Contender('./peers/bullmq.ts', [String(redis.port)])
  const ours = new Bursts(carillon, sink)
  const load = { url: `${sink.url}/ring`, count, width, reads: true }

  await ours.run(WARM)
  await bare.run({ ...load, count: WARM })
  await bare.run({ ...load, count: WARM, reads: false })
  const best = await bestWidth(sink, bullmq, load.url)
  const ms = { ours: [] as number[], bare: [] as number[], dump: [] as number[], bullmq: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    ms.bare.push(await seen(sink, count, () => bare.run(load)))
    ms.dump.push(await seen(sink, count, () => bare.run({ ...load, reads: false })))
    ms.ours.push(await ours.run(count))
    ms.bullmq.push(await seen(sink, count, () => bullmq.run({ ...load, width: best })))
  }
  await ours.check()

  const shares = (theirs: number[]): number => median(theirs.map((time, round) => time / ms.ours[round]!))
  const rate = (times: number[]): string => `${number((count / median(times)) * 1_000)}/s`
  const toBare = shares(ms.bare)
  const toDump = shares(ms.dump)
  const toBullmq = shares(ms.bullmq)
  return [
    line(`${number(count)} POSTs due at once, fired and recorded`, '–', rate(ms.ours), null),
    line(
      `… beside a bare undici loop that reads the answers (${width} connections)`,
      `≥ ${TO_BARE * 100} %`,
      `${Math.round(toBare * 100)} % of ${rate(ms.bare)}`,
      toBare >= TO_BARE,
    ),
    line(
      '… beside one that throws the answers away unread',
      '–',
      `${Math.round(toDump * 100)} % of ${rate(ms.dump)}`,
      null,
    ),
    line(
      `… beside BullMQ (Redis ${redis.version} as it comes, concurrency ${best})`,
      `≥ ${TO_BULLMQ} ×`,
      `${toBullmq.toFixed(1)} × ${rate(ms.bullmq)}`,
      toBullmq >= TO_BULLMQ,
    ),
  ]
}

export class Bursts {
  readonly #carillon: Carillon
  readonly #sink: Sink
  #round = 0
  #total = 0

  constructor(carillon: Carillon, sink: Sink) {
    this.#carillon = carillon
    this.#sink = sink
  }

  /** Milliseconds from the due instant to the last run recorded. */
  async run(count: number): Promise<number> {
    this.#round += 1
    this.#total += count
    const prefix = `bench-${String(this.#round).padStart(6, '0')}`
    const dueAt = Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000
    const http = { url: `${this.#sink.url}/ring`, method: 'POST', body: { hello: 'world' } }
    await this.#carillon.create(count, (n) => ({
      name: `${prefix}-${String(n).padStart(5, '0')}`,
      schedule: { at: new Date(dueAt).toISOString() },
      target: { http },
    }))
    await this.#sink.reset()
    const allSeen = this.#sink.expect(count)
    if (Date.now() >= dueAt) throw new Error('the jobs were due before all of them were created')
    await wait(dueAt - Date.now())
    const began = performance.now()
    await allSeen
    await this.#carillon.untilSucceeded(this.#total)
    const ms = performance.now() - began
    await exactly(this.#sink, count)
    return ms
  }

  /** The file says so too: each run succeeded, with one attempt. */
  async check(): Promise<void> {
    const counts = await this.#carillon.stopAndCount()
    for (const kind of ['runs', 'succeeded', 'attempts'] as const) {
      if (counts[kind] !== this.#total)
        throw new Error(`${counts[kind]} ${kind} are in the ledger of ${this.#total}`)
    }
  }
}

/** The concurrency with which BullMQ is quickest here. */
async function bestWidth(sink: Sink, bullmq: Contender, url: string): Promise<number> {
  await bullmq.run({ url, count: WARM, width: BULLMQ_WIDTHS[0]!, reads: true })
  const times: { readonly width: number; readonly ms: number }[] = []
  for (const width of BULLMQ_WIDTHS) {
    times.push({
      width,
      ms: await seen(sink, WARM, () => bullmq.run({ url, count: WARM, width, reads: true })),
    })
  }
  return times.reduce((best, other) => (other.ms < best.ms ? other : best)).width
}

async function seen(sink: Sink, count: number, act: () => Promise<number>): Promise<number> {
  await sink.reset()
  const ms = await act()
  await exactly(sink, count)
  return ms
}

async function exactly(sink: Sink, count: number): Promise<void> {
  const { runs, distinct } = await sink.tally()
  if (runs !== count || distinct !== count) {
    throw new Error(`the sink saw ${runs} requests of ${distinct} runs instead of ${count}`)
  }
}
