// One run now, besides the schedule: triggered by hand, or a final run tried again. The overlap rule holds.

import { queueUp } from './overlap.ts'
import type { PlanInput, PlannedRun } from './planned.ts'
import { resolvePolicy } from './policy.ts'
import type { Trigger } from './run.ts'

export function planManual(
  input: PlanInput,
  trigger: Trigger,
  params: unknown,
  now: number,
): { run: PlannedRun; replaceOpen: boolean } {
  const wanted = { dueAt: now, late: false, notBefore: now, patient: false }
  const draft = { runs: [wanted], gaps: [], runsLeft: 1 }
  const { runs, replaceOpen } = queueUp(draft, resolvePolicy(input.job.spec.policy), input, now)
  return { run: { ...runs[0]!, trigger, params }, replaceOpen }
}
