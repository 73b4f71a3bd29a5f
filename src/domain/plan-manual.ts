// One run now, besides the schedule: triggered by hand, or a final run tried again. The overlap rule holds; with `onlyIdle` the strictest:
// skipped while any other run of the job is open.

import { queueUp } from './overlap.ts'
import type { PlanInput, PlannedRun } from './planned.ts'
import { type Policy, resolvePolicy } from './policy.ts'
import type { Trigger } from './run.ts'

export function planManual(
  input: PlanInput,
  trigger: Trigger,
  params: unknown,
  now: number,
  onlyIdle = false,
): { run: PlannedRun; replaceOpen: boolean } {
  const wanted = { dueAt: now, late: false, notBefore: now, patient: false }
  const draft = { runs: [wanted], gaps: [], runsLeft: 1 }
  const rules = resolvePolicy(input.job.spec.policy)
  const policy: Policy = onlyIdle ? { ...rules, overlap: { mode: 'skip', max: 1 } } : rules
  const { runs, replaceOpen } = queueUp(draft, policy, input, now)
  return { run: { ...runs[0]!, trigger, params }, replaceOpen }
}
