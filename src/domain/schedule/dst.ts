// The rule for wall times that a change of the clocks removes (gap) or repeats (overlap), as settled for one job.

import type { CronExpression } from './cron-expression.ts'

export type DstPolicy = { gap?: 'after' | 'skip' | 'shift'; overlap?: 'first' | 'last' | 'both' }
export type DstRule = Readonly<Required<DstPolicy>>

export const GAP_RULES = ['after', 'skip', 'shift'] as const
export const OVERLAP_RULES = ['first', 'last', 'both'] as const

/** An interval follows real time: nothing is made up for in a gap, and a repeated hour counts twice. */
const REAL_TIME: DstRule = { gap: 'skip', overlap: 'both' }

/**
 * A fixed-time job names its hours and minutes: no `*` and no step in either. All others are intervals.
 * The second field has no say: `* 30 2 * * *` means the minute 02:30, not an interval.
 */
export function isFixedTime({ hour, minute }: CronExpression): boolean {
  return [hour, minute].every((field) => !field.wildcard && field.steps.length === 0)
}

export function dstRuleOf(expression: CronExpression, policy: DstPolicy | undefined): DstRule {
  if (!isFixedTime(expression)) return REAL_TIME
  return { gap: policy?.gap ?? 'after', overlap: policy?.overlap ?? 'first' }
}
