// Simulates one seed after another, an hour each. A seed that breaks a promise is named with the way to see it again.

import { Coverage } from './coverage.ts'
import { type Simulated, simulate } from './simulate.ts'

const FAULTS_SHOWN_MAX = 5

export type JudgedSeeds = { readonly broken: readonly string[]; readonly coverage: Coverage }

export async function judgeSeeds(from: number, through: number): Promise<JudgedSeeds> {
  const coverage = new Coverage()
  const broken: string[] = []
  for (let seed = from; seed <= through; seed += 1) {
    const simulated = await simulate({ seed })
    coverage.add(simulated.coverage)
    if (simulated.faults.length > 0) broken.push(describe(simulated))
  }
  return { broken, coverage }
}

function describe({ options, faults }: Simulated): string {
  const { seed, hours } = options
  const again = `npm run sim -- --seed ${seed} --hours ${hours} --trace`
  return [
    `seed ${seed}: ${faults.length} faults; see it again with: ${again}`,
    ...faults.slice(0, FAULTS_SHOWN_MAX),
  ].join('\n  ')
}
