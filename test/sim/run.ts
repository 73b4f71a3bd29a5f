// The simulator for as long as you like: `npm run sim -- --seed 7 --hours 24`. Prints what it came by; exits with 1 when a
// promise was broken. With --trace it says everything that happens.

import { parseArgs } from 'node:util'
import { simulate } from './simulate.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '1' },
    hours: { type: 'string', default: '1' },
    nodes: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
})

let broken = 0
for (let n = 0; n < Number(values.seeds); n += 1) {
  const { options, faults, hash, coverage, events } = await simulate({
    seed: Number(values.seed) + n,
    hours: Number(values.hours),
    nodes: values.nodes === undefined ? undefined : Number(values.nodes),
    ...(values.trace ? { say: (line: string) => console.log(line) } : {}),
  })
  console.log(JSON.stringify(options))
  if (Number(values.seeds) === 1) console.log(JSON.stringify(coverage, null, 2))
  console.log(`seed ${options.seed}: ${events} events, ${faults.length} faults, trace ${hash.slice(0, 16)}`)
  for (const fault of faults.slice(0, 20)) console.error(`  ${fault}`)
  broken += faults.length
}
process.exitCode = broken === 0 ? 0 : 1
