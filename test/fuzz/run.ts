// npm run fuzz -- [--requests 10000000] [--seed 1]: a new server every hundred thousand requests, each from a seed of its
// own. The first answer that is not a good one ends it, with the seed to see it again.

import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'

const EACH = 100_000

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '10000000' }, seed: { type: 'string', default: '1' } },
})
const wanted = Number(values.requests)
let [done, seed] = [0, Number(values.seed)]
while (done < wanted) {
  try {
    const { requests, slowestMs, statuses } = await fuzz({ requests: Math.min(EACH, wanted - done), seed })
    done += requests
    console.log(`seed ${seed}: ${done} of ${wanted}, slowest ${Math.round(slowestMs)} ms`, statuses)
  } catch (error) {
    console.error(`seed ${seed}:`, error)
    process.exitCode = 1
    break
  }
  seed += 1
}
