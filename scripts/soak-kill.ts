// The kill test for as long as you like: `npm run soak:kill -- --rounds 50 --seed 1`. Prints its figures; exits with 1
// when anything was lost, rang without an explanation, or was not told.

import { parseArgs } from 'node:util'
import { killRounds } from '../test/e2e/kill-rounds.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
})

const { faults, ...figures } = await killRounds({
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  say: (line) => console.log(line),
})
console.log(JSON.stringify({ rounds: Number(values.rounds), seed: Number(values.seed), ...figures }, null, 2))
for (const fault of faults.slice(0, 100)) console.error(fault)
console.log(`${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
