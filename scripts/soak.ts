// A cluster under faults for as long as you like: `npm run soak -- --minutes 60 --seed 1 [--only kill,pause]`. Plays of some minutes each, one
// after the other, each from a seed of its own that is printed. Of one that fails a report is kept; then it exits with 1.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Act, play } from '../test/cluster/bed/play.ts'
import { writeReport } from '../test/cluster/bed/write-report.ts'
import { FAULT_KINDS, type FaultKind } from '../test/cluster/checker/history.ts'
import { describeLateness, isNewAfterHit } from '../test/cluster/checker/lateness.ts'
import { describeFinding } from '../test/cluster/checker/verdict.ts'
import { Random } from '../test/schedule/random.ts'
import { Folder } from '../test/support/folder.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    acts: { type: 'string', default: '20' },
    only: { type: 'string', default: FAULT_KINDS.join(',') },
    out: { type: 'string' },
  },
})

/** What falls due after a node was hit, and waits for nothing, rings within this; what does not is named. */
const NEW_WITHIN_MS = 1_000
const SHOWN_MAX = 20

/** What may be done to a node while something is done to another. */
const OF_A_NODE: readonly FaultKind[] = [
  'kill',
  'stop',
  'pause',
  'stall',
  'cut',
  'half-open',
  'one-way',
  'slow',
  'reset',
]

const kinds = values.only.split(',').map((word) => {
  const kind = FAULT_KINDS.find((one) => one === word)
  if (kind === undefined) throw new Error(`there is no fault ${word}, only ${FAULT_KINDS}`)
  return kind
})

function actsOf(random: Random, count: number): Act[] {
  return Array.from({ length: count }, () => {
    const first = random.pick(kinds)
    const beside = OF_A_NODE.filter((kind) => kind !== first && kinds.includes(kind))
    if (!OF_A_NODE.includes(first) || beside.length === 0 || random.chance(0.6)) return [first]
    return [first, random.pick(beside)]
  })
}

const out = values.out ?? mkdtempSync(join(tmpdir(), 'carillon-soak-'))
const end = performance.now() + Number(values.minutes) * 60_000
let failed = 0
for (let seed = Number(values.seed); performance.now() < end; seed += 1) {
  using folder = new Folder()
  const acts = actsOf(new Random(seed), Number(values.acts))
  console.log(`seed ${seed}: ${acts.map((act) => act.join('+')).join(' ')}`)
  const played = await play({ folder: folder.path, seed, cast: 'cluster', acts })
  const { owed, rings, lost, rungAgain, staleWrites, lateMs, takeoverMs, ...late } = played.figures
  console.log(
    JSON.stringify({
      findings: played.findings.length,
      owed,
      rings,
      lost,
      rungAgain,
      staleWrites,
      lateMs,
      lateDisturbedMs: late.lateDisturbedMs,
      lateAfterHitMs: late.lateAfterHitMs,
      missedAfterHit: late.missedAfterHit,
      takeoverMs,
    }),
  )
  const slow = played.lateness.filter((one) => isNewAfterHit(one) && one.lateMs > NEW_WITHIN_MS)
  for (const one of slow.slice(0, SHOWN_MAX)) console.log(`late: ${describeLateness(one)}`)
  if (played.valid) continue
  failed += 1
  const page = writeReport(join(out, `seed-${seed}`), `seed ${seed}`, played)
  for (const one of played.findings.slice(0, SHOWN_MAX)) console.error(describeFinding(one))
  console.error(`timeline: ${page}`)
}
console.log(failed === 0 ? 'all plays were valid' : `${failed} plays were not valid`)
process.exitCode = failed === 0 ? 0 : 1
