// 100 runs a second, spread out: how long after its due instant a request arrives.

import { setTimeout as wait } from 'node:timers/promises'
import { Carillon } from './carillon.ts'
import type { Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, quantile } from './table.ts'

const PER_SECOND = 100
const SPACING_MS = 1_000 / PER_SECOND
const P50_MS = 10
const P99_MS = 50
const LEAD_MS = 3_000
/** What is not counted: connections are opened, code is compiled. */
const WARM_SECONDS = 3

export async function lateness(sink: Sink, scale: Scale): Promise<Line[]> {
  const seconds = scale.quick ? 5 : 30
  await using carillon = await Carillon.start({ args: scale.serverArgs, nodeArgs: scale.nodeArgs })
  const count = (seconds + WARM_SECONDS) * PER_SECOND
  const first = Math.ceil((Date.now() + LEAD_MS) / 1_000) * 1_000
  const http = { url: `${sink.url}/ring`, method: 'POST', body: { hello: 'world' } }
  await sink.reset()
  await carillon.create(count, (n) => ({
    name: `spread-${n}`,
    schedule: { at: new Date(first + n * SPACING_MS).toISOString() },
    target: { http },
  }))
  await sink.expect(count)
  await carillon.untilSucceeded(count)
  await wait(100)
  const { lateMs, distinct } = await sink.tally()
  if (distinct !== count) throw new Error(`the sink saw ${distinct} runs instead of ${count}`)
  const counted = lateMs.slice(WARM_SECONDS * PER_SECOND)
  const p50 = quantile(counted, 0.5)
  const p99 = quantile(counted, 0.99)
  const what = `${PER_SECOND} runs/s over ${seconds} s: arrival − due instant`
  return [
    line(`${what}, p50`, `≤ ${P50_MS} ms`, `${p50} ms`, p50 <= P50_MS),
    line(`${what}, p99`, `≤ ${P99_MS} ms`, `${p99} ms (most: ${Math.max(...counted)} ms)`, p99 <= P99_MS),
  ]
}
