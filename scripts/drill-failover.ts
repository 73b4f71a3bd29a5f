// Failover of the store under load, again and again: `npm run drill:failover -- --rounds 50`. Prints its figures; exits
// with 1 when an acknowledged write was lost, or an old primary that came back was written to.

import { parseArgs } from 'node:util'
import { failoverDrill } from '../test/cluster/drill/failover-drill.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } })

const { faults, ...figures } = await failoverDrill({
  rounds: Number(values.rounds),
  say: (line) => console.log(line),
})
console.log(JSON.stringify({ rounds: Number(values.rounds), ...figures }, null, 2))
for (const fault of faults.slice(0, 100)) console.error(fault)
console.log(`${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
