// npm run fuzz -- [--requests 10000000] [--seed 1] [--workers 2]: a new server every hundred thousand requests, each from a seed
// of its own, in as many processes as there are cores. The first answer that is not a good one ends it, with the seed to see it
// again. The last line sums up; runs with other seeds go on where this one ended.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { Tally } from './fuzz.ts'
import type { Order, Told } from './worker.ts'

const EACH = 100_000
const MIB = 1_048_576
/** Requests leave little behind: more room for what is young, and less collecting. */
const YOUNG_MIB = 64

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
})
const [wanted, firstSeed, workers] = [values.requests, values.seed, values.workers].map(Number) as [
  number,
  number,
  number,
]
const sum: Tally = { requests: 0, slowestMs: 0, statuses: {} }
const began = performance.now()
let [ordered, seed, residentMax, failed] = [0, firstSeed, 0, false]

const children = Array.from({ length: Math.max(1, workers) }, () =>
  fork(new URL('worker.ts', import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning', `--max-semi-space-size=${YOUNG_MIB}`],
  }),
)
await Promise.all(children.map(goOn))
const seconds = (performance.now() - began) / 1_000
console.log(
  `${failed ? 'FAILED' : 'ok'}: seeds ${firstSeed} to ${seed - 1}, ${sum.requests} requests in ${Math.round(seconds)} s ` +
    `(${Math.round(sum.requests / seconds)} a second, ${children.length} processes), ` +
    `slowest ${Math.round(sum.slowestMs)} ms, at most ${Math.round(residentMax / MIB)} MiB each, ${JSON.stringify(sum.statuses)}`,
)
process.exitCode = failed ? 1 : 0

/** Until everything is ordered, or one of them met what is not good. */
async function goOn(child: ChildProcess): Promise<void> {
  while (ordered < wanted && !failed) {
    const order: Order = { seed, requests: Math.min(EACH, wanted - ordered) }
    seed += 1
    ordered += order.requests
    const over = new AbortController()
    child.send(order)
    add(order, await Promise.race([heard(child, over.signal), gone(child, over.signal)]))
    over.abort()
  }
  if (child.connected) child.disconnect()
}

async function heard(child: ChildProcess, signal: AbortSignal): Promise<Told> {
  return (await once(child, 'message', { signal }))[0] as Told
}

async function gone(child: ChildProcess, signal: AbortSignal): Promise<Told> {
  const [code, by] = await once(child, 'exit', { signal })
  return { error: `the process ended: ${by ?? code}` }
}

function add(order: Order, told: Told): void {
  if ('error' in told) {
    failed = true
    console.error(`seed ${order.seed}: ${told.error}`)
    return
  }
  sum.requests += told.tally.requests
  sum.slowestMs = Math.max(sum.slowestMs, told.tally.slowestMs)
  residentMax = Math.max(residentMax, told.resident)
  for (const [status, count] of Object.entries(told.tally.statuses))
    sum.statuses[Number(status)] = (sum.statuses[Number(status)] ?? 0) + count
  console.log(
    `seed ${order.seed}: ${sum.requests} of ${wanted}, slowest ${Math.round(told.tally.slowestMs)} ms`,
  )
}
