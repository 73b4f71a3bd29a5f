// The verdict on a simulation, one line for everything that is wrong.

import { checkHistory } from '../cluster/checker/check.ts'
import { describeFinding, type Finding } from '../cluster/checker/verdict.ts'
import { checkedHistory } from './checked-history.ts'
import type { Coverage } from './coverage.ts'
import type { History } from './history.ts'
import { judgeArrivals } from './judge-arrivals.ts'
import { judgeAttempts } from './judge-attempts.ts'
import { judgeLedgers } from './judge-ledgers.ts'
import { judgeOps } from './judge-ops.ts'
import { judgeTold } from './judge-told.ts'

export function judge(history: History, coverage: Coverage): string[] {
  count(history, coverage)
  return [
    ...history.defects.map((what) => `defect: ${what}`),
    ...judgeLedgers(history),
    ...judgeAttempts(history),
    ...judgeArrivals(history),
    ...judgeTold(history),
    ...judgeOps(history),
    // Made for one clock that only goes forward.
    ...(history.options.faults.includes('clock step')
      ? []
      : checkHistory(checkedHistory(history)).findings.filter(isSure(history)).map(describeFinding)),
  ]
}

function count(history: History, coverage: Coverage): void {
  for (const { runs, gaps } of history.ledgers.values()) {
    coverage.count('entries', runs.length)
    coverage.count(
      'instants in gaps',
      gaps.reduce((sum, gap) => sum + gap.count, 0),
    )
  }
  for (const attempts of history.attempts.values()) {
    coverage.count('attempts', attempts.length)
    coverage.count('attempts lost', attempts.filter(({ outcome }) => outcome === 'lost').length)
  }
  coverage.count('callbacks told', history.told.length)
  coverage.count('callbacks dead', history.effects.filter(({ effect }) => effect.status === 'dead').length)
  coverage.count('arrivals', history.arrivals.length)
}

/** With faults all the time the blind check by time alone leaves too little room; the ledger says when it rang. */
function isSure({ options }: History): (finding: Finding) => boolean {
  return ({ invariant }) => invariant !== 'on-time' || options.faults.length === 0
}
