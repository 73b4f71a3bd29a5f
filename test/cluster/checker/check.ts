// The verdict on a history: what is wrong, and the figures of what happened.

import { checkAcknowledged } from './check-acknowledged.ts'
import { checkCauses } from './check-causes.ts'
import { checkNodes } from './check-nodes.ts'
import { checkOnTime } from './check-on-time.ts'
import { checkReasons } from './check-reasons.ts'
import { checkRecord } from './check-record.ts'
import { checkRings } from './check-rings.ts'
import { checkRuns } from './check-runs.ts'
import { checkTakeover } from './check-takeover.ts'
import { checkTold } from './check-told.ts'
import { type Figures, figuresOf } from './figures.ts'
import type { History } from './history.ts'
import { indexed } from './indexed.ts'
import { type Lateness, latenessOf } from './lateness.ts'
import type { Finding } from './verdict.ts'

export type Verdict = {
  readonly valid: boolean
  readonly findings: readonly Finding[]
  readonly figures: Figures
  readonly lateness: readonly Lateness[]
}

export function checkHistory(history: History): Verdict {
  const whole = indexed(history)
  const findings = [
    ...checkRecord(whole),
    ...checkReasons(whole),
    ...checkRuns(whole),
    ...checkCauses(whole),
    ...checkTakeover(whole),
    ...checkRings(whole),
    ...checkOnTime(whole),
    ...checkAcknowledged(whole),
    ...checkTold(whole),
    ...checkNodes(whole),
  ]
  const lateness = latenessOf(whole)
  return { valid: findings.length === 0, findings, figures: figuresOf(whole, lateness), lateness }
}
